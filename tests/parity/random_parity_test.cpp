// PyTorch's random numbers bit for bit, and a training run that follows PyTorch's from the same
// seed (golden/random.json, written by make_random.py).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/data/fashion_mnist.h"
#include "core/io/examples.h"
#include "core/nn/init.h"
#include "core/op/functions.h"
#include "core/session/session.h"

namespace gradus {
namespace {

using Json = nlohmann::json;

const Json& golden() {
  static const Json json =
      Json::parse(read_file(std::string(GRADUS_SOURCE_DIR) + "/tests/parity/golden/random.json"));
  return json;
}

std::string fnv(const void* data, size_t bytes) {
  uint64_t value = 0xcbf29ce484222325u;
  for (size_t i = 0; i < bytes; ++i) {
    value = (value ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3u;
  }
  return fmt::format("{:016x}", value);
}

std::string hash(const Tensor& tensor) {
  const size_t bytes = static_cast<size_t>(tensor.numel()) * item_size(tensor.dtype());
  return fnv(tensor.data<char>(), bytes);
}

TEST(RandomParity, DrawsAndInitialWeightsArePyTorchsBitForBit) {
  Generator generator;
  int position = 0;
  for (const Json& entry : golden()["draws"]) {
    const std::string kind = entry["kind"];
    const uint64_t seed = entry["seed"];
    const int64_t n = entry["n"];
    const std::string what = fmt::format("{} of {} from seed {}", kind, n, seed);
    if (kind == "weight" || kind == "bias") {
      const Dims sizes{entry["sizes"][1].get<int64_t>(), entry["sizes"][0].get<int64_t>()};
      if (kind == "weight") generator.manual_seed(seed);
      const Tensor drawn = kind == "weight" ? nn::kaiming_uniform(sizes, std::sqrt(5.0), generator)
                                            : nn::bias_uniform(Dims{sizes[0]}, sizes[1], generator);
      EXPECT_EQ(hash(drawn), entry["hash"]) << what;
      continue;
    }
    if (position++ % 5 == 0) generator.manual_seed(seed);
    const Tensor drawn = kind == "rand"      ? rand(Dims{n}, generator)
                         : kind == "randn"   ? randn(Dims{n}, generator)
                         : kind == "randint" ? randint(-5, 1000, Dims{n}, generator)
                                             : randperm(n, generator);
    EXPECT_EQ(hash(drawn), entry["hash"]) << what;
  }
}

// A data set whose samples say which they are.
class Numbered final : public Dataset {
 public:
  explicit Numbered(int64_t count) : count_(count) {}
  std::string name() const override { return "numbered"; }
  int64_t size() const override { return count_; }
  Dims sample_shape() const override { return {2}; }
  const std::vector<std::string>& class_names() const override {
    static const std::vector<std::string> names = {"a", "b"};
    return names;
  }
  void read(int64_t index, float* sample, int64_t* label) const override {
    sample[0] = static_cast<float>(index);
    sample[1] = 0;
    *label = 0;
  }

 private:
  int64_t count_;
};

TEST(RandomParity, TheLoaderShufflesAsPyTorchs) {
  for (const Json& entry : golden()["shuffle"]) {
    const int64_t n = entry["n"];
    NetGraph graph = toy_network();
    graph.training.seed = entry["seed"];
    graph.training.epochs = 3;
    graph.training.batch_size = 64;
    graph.training.optimizer = {.lr = 0, .momentum = 0};
    Session session(graph, {std::make_shared<Numbered>(n), std::make_shared<Numbered>(50)}, {});
    session.set_step_mode(true);
    for (size_t epoch = 0; epoch < 3; ++epoch) {
      std::vector<int64_t> order;
      int64_t seed = 0;
      for (StepResult step;;) {
        step = session.step();
        if (step.kind == StepResult::Kind::fetch && step.phase == Phase::fetch) {
          seed = session.state().shuffle_seed.value();
          const Tensor& x =
              session.state().values[static_cast<size_t>(session.state().plan->input)];
          const std::vector<int64_t> values = x.to_vector<int64_t>();
          for (size_t i = 0; i < values.size(); i += 2) order.push_back(values[i]);
        }
        if (step.ends_epoch) break;
      }
      EXPECT_EQ(std::to_string(seed), entry["seeds"][epoch]);
      EXPECT_EQ(fnv(order.data(), order.size() * 8), entry["orders"][epoch])
          << "seed " << entry["seed"] << ", epoch " << epoch + 1;
    }
  }
}

TEST(RandomParity, TheFirstHundredLossesArePyTorchs) {
  const Json& expected = golden()["losses"];
  NetGraph graph = quickstart_network();
  graph.training.seed = expected["seed"];
  graph.training.optimizer = {.lr = expected["lr"], .momentum = expected["momentum"]};
  Session session(graph, load_fashion_mnist(), {});
  for (size_t i = 0; i < 100; ++i) {
    session.run(Grain::batch);
    ASSERT_NEAR(session.state().metrics.loss.value(), expected["values"][i].get<double>(), 1e-4)
        << "batch " << i + 1;
  }
}

}  // namespace
}  // namespace gradus
