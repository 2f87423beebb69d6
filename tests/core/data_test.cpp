// Data sets, their files when broken, and the loader's promise: a batch depends on nothing but the
// shuffle seed and its index.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>

#include "core/base/error.h"
#include "core/data/fashion_mnist.h"
#include "core/data/idx.h"
#include "core/data/loader.h"
#include "core/data/transforms.h"
#include "core/data/two_moons.h"
#include "core/random/generator.h"
#include "tests/support/message_of.h"
#include "tests/support/synthetic.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

class IdxFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / (std::string("gradus-idx-") +
                                     testing::UnitTest::GetInstance()->current_test_info()->name() +
                                     std::to_string(std::random_device{}()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string idx(const std::vector<uint32_t>& sizes, size_t bytes, char value = 0) {
    std::string text{'\0', '\0', '\x08', static_cast<char>(sizes.size())};
    for (uint32_t size : sizes) {
      for (int shift : {24, 16, 8, 0}) text += static_cast<char>(size >> shift & 255);
    }
    return text + std::string(bytes, value);
  }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return (folder_ / name).string();
  }
  std::string write_gz(const std::string& name, const std::string& bytes) const {
    const std::string path = (folder_ / name).string();
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return path;
  }
  // A whole small data set in which one file can be replaced.
  std::string data_set(const std::string& replaced, const std::string& bytes) const {
    write("train-images-idx3-ubyte", idx({3, 28, 28}, 3 * 784));
    write("train-labels-idx1-ubyte", idx({3}, 3, 7));
    write("t10k-images-idx3-ubyte", idx({2, 28, 28}, 2 * 784));
    write("t10k-labels-idx1-ubyte", idx({2}, 2, 9));
    if (!replaced.empty()) write(replaced, bytes);
    return folder_.string();
  }
  fs::path folder_;
};

TEST_F(IdxFiles, AreReadPlainAndPacked) {
  const std::string bytes = idx({2, 3}, 6, 5);
  for (const std::string& path : {write("a", bytes), write_gz("b.gz", bytes)}) {
    const IdxFile file = read_idx(path, 2);
    EXPECT_EQ(file.sizes, (Dims{2, 3}));
    EXPECT_EQ(file.bytes, std::vector<uint8_t>(6, 5));
  }
}

TEST_F(IdxFiles, BrokenOnesAreNamedWithTheCure) {
  const auto refusal = [](const std::string& path) {
    return message_of([&] { read_idx(path, 3); });
  };
  const std::string good = idx({2, 28, 28}, 2 * 784);
  EXPECT_NE(refusal((folder_ / "none").string()).find("--data"), std::string::npos);
  EXPECT_NE(refusal(folder_.string()).find("folder"), std::string::npos);
  EXPECT_NE(refusal(write("empty", "")).find("too early"), std::string::npos);
  EXPECT_NE(refusal(write("short", good.substr(0, 900))).find("too early"), std::string::npos);
  EXPECT_NE(refusal(write("long", good + "x")).find("more bytes"), std::string::npos);
  EXPECT_NE(refusal(write("text", "not an idx file")).find("not an IDX"), std::string::npos);
  EXPECT_NE(refusal(write("labels", idx({5}, 5))).find("swapped"), std::string::npos);
  EXPECT_NE(refusal(write("huge", idx({4000000000u, 28, 28}, 10))).find("claims"),
            std::string::npos);
  const std::string packed = write_gz("cut.gz", good);
  fs::resize_file(packed, fs::file_size(packed) - 12);
  EXPECT_NE(refusal(packed).find("cut.gz"), std::string::npos);
  EXPECT_NE(refusal(packed), "no error");
  const std::string fifo = (folder_ / "fifo").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_NE(refusal(fifo).find("no plain file"), std::string::npos);
  // Cut in the checksum and the length that end a gzip file.
  for (uint64_t missing : {1u, 4u, 8u}) {
    const std::string cut = write_gz("end.gz", good);
    fs::resize_file(cut, fs::file_size(cut) - missing);
    EXPECT_NE(refusal(cut).find("is cut"), std::string::npos) << missing;
  }
  // One flipped byte in the packed data: the checksum finds it.
  const std::string flipped = write_gz("flipped.gz", good);
  {
    std::fstream file(flipped, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(flipped)) - 10);
    file.put('\x55');
  }
  EXPECT_NE(refusal(flipped), "no error");
}

TEST_F(IdxFiles, ADataSetThatDoesNotFitTogetherIsRefused) {
  const auto refusal = [](const std::string& folder) {
    return message_of([&] { load_fashion_mnist(folder); });
  };
  EXPECT_EQ(refusal(data_set("", "")), "no error");
  EXPECT_NE(refusal(data_set("train-images-idx3-ubyte", idx({3, 32, 32}, 3 * 1024))).find("32×32"),
            std::string::npos);
  EXPECT_NE(refusal(data_set("train-labels-idx1-ubyte", idx({4}, 4))).find("4 labels for 3"),
            std::string::npos);
  EXPECT_NE(refusal(data_set("t10k-labels-idx1-ubyte", idx({2}, 2, 10))).find("is 10"),
            std::string::npos);
  EXPECT_NE(refusal("/nowhere/at/all").find("dataset-fashion-mnist"), std::string::npos);
  EXPECT_NE(refusal(std::string(300, 'x')).find("dataset-fashion-mnist"), std::string::npos);
}

// Any damage to a file is an error or gives what the header says; never a crash.
TEST_F(IdxFiles, SurviveRandomDamage) {
  const std::string good = idx({2, 4, 4}, 32, 3);
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = good;
    for (int k = 0; k < 3; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 2) bytes.resize(random() % bytes.size());
    const std::string path = write("damaged", bytes);
    try {
      const IdxFile file = read_idx(path, 3);
      EXPECT_EQ(static_cast<int64_t>(file.bytes.size()), numel(file.sizes));
    } catch (const Error&) {
    }
  }
}

TEST(FashionMnist, IsTheRealOne) {
  const DataSplit data = load_fashion_mnist();
  EXPECT_EQ(data.train->size(), 60000);
  EXPECT_EQ(data.test->size(), 10000);
  EXPECT_EQ(data.train->class_names()[9], "Ankle boot");
  std::vector<float> pixels(784);
  int64_t label = -1;
  data.train->read(0, pixels.data(), &label);
  EXPECT_EQ(label, 9);
  const double mean = std::accumulate(pixels.begin(), pixels.end(), 0.0) / 784;
  EXPECT_NEAR(mean, 76247 / 255.0 / 784, 1e-6);  // the first image's bytes add up to 76247
  std::vector<int64_t> counts(10);
  for (int64_t i = 0; i < 60000; ++i) {
    data.train->read(i, pixels.data(), &label);
    ++counts[static_cast<size_t>(label)];
  }
  EXPECT_EQ(counts, std::vector<int64_t>(10, 6000));
}

TEST(ToTensor, DividesBy255Exactly) {
  const std::vector<uint8_t> bytes = {0, 1, 128, 255};
  std::vector<float> out(4);
  ToTensor()(bytes, out.data());
  EXPECT_EQ(out, (std::vector<float>{0.0f, 1.0f / 255.0f, 128.0f / 255.0f, 1.0f}));
}

TEST(TwoMoons, AreTheSameForTheSameSeed) {
  const DataSplit a = make_two_moons(10, 0.1, 4);
  const DataSplit b = make_two_moons(10, 0.1, 4);
  float x[2], y[2];
  int64_t label_a, label_b;
  a.train->read(3, x, &label_a);
  b.train->read(3, y, &label_b);
  EXPECT_EQ(x[0], y[0]);
  EXPECT_EQ(label_a, label_b);
  a.test->read(3, y, &label_b);
  EXPECT_NE(x[0], y[0]) << "the test set has points of its own";
}

TEST(DataLoader, BatchesDependOnSeedAndIndexAlone) {
  const DatasetPtr data = synthetic_images(103, 1).train;
  DataLoader plain(data, {.batch_size = 10, .workers = 0});
  DataLoader ahead(data, {.batch_size = 10, .workers = 2, .read_ahead = 4});
  EXPECT_EQ(plain.batch_count(), 11);
  EXPECT_EQ(plain.size_of(10), 3);
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    const bool next = random() % 4 != 0;  // mostly in order, as training does, with jumps
    static int64_t index = 0;
    index = next ? (index + 1) % 11 : static_cast<int64_t>(random() % 11);
    std::optional<int64_t> seed;
    if (i % 40 < 30) seed = i / 40;
    const Batch a = plain.get(seed, index);
    const Batch& b = ahead.get(seed, index);
    ASSERT_EQ(a.labels, b.labels) << i;
    ASSERT_EQ(a.samples, b.samples) << i;
    ASSERT_EQ(a.size, plain.size_of(index));
  }
}

TEST(DataLoader, ShufflesEverySampleOncePerEpoch) {
  const DatasetPtr data = make_two_moons(50).train;
  DataLoader loader(data, {.batch_size = 7});
  std::vector<float> all;
  for (int64_t i = 0; i < loader.batch_count(); ++i) {
    const Batch& batch = loader.get(9, i);
    for (int64_t k = 0; k < batch.size; ++k) {
      all.push_back(batch.samples[static_cast<size_t>(2 * k)]);
    }
  }
  std::vector<float> expected(50);
  float point[2];
  int64_t label;
  for (int64_t i = 0; i < 50; ++i) {
    data->read(i, point, &label);
    expected[static_cast<size_t>(i)] = point[0];
  }
  EXPECT_NE(all, expected);
  std::sort(all.begin(), all.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(all, expected);
}

TEST(DataLoader, AWorkersExceptionReachesThePerson) {
  class Failing final : public Dataset {
   public:
    std::string name() const override { return "failing"; }
    int64_t size() const override { return 40; }
    Dims sample_shape() const override { return {1}; }
    const std::vector<std::string>& class_names() const override {
      static const std::vector<std::string> names;
      return names;
    }
    void read(int64_t index, float* sample, int64_t* label) const override {
      if (index == 25) fail("failing", "sample 25 cannot be read");
      *sample = 0;
      *label = 0;
    }
  };
  for (int workers : {0, 2}) {
    DataLoader loader(std::make_shared<Failing>(), {.batch_size = 10, .workers = workers});
    loader.get(std::nullopt, 0);
    loader.get(std::nullopt, 1);
    EXPECT_NE(message_of([&] { loader.get(std::nullopt, 2); }).find("sample 25"),
              std::string::npos);
    EXPECT_EQ(loader.get(std::nullopt, 3).size, 10) << "and the next one is fine";
  }
}

TEST(DataLoader, RefusesWhatCannotBe) {
  const DatasetPtr data = make_two_moons(5).train;
  EXPECT_NE(message_of([&] { DataLoader(data, {.batch_size = 0}); }).find("at least 1"),
            std::string::npos);
  DataLoader loader(data, {.batch_size = 2});
  EXPECT_NE(message_of([&] { loader.get(0, 3); }).find("out of range"), std::string::npos);
}

}  // namespace
}  // namespace gradus
