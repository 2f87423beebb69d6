#include "core/data/fashion_mnist.h"

#include <future>

#include "core/base/error.h"
#include "core/data/idx.h"
#include "core/data/transforms.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 28;

class FashionMnist final : public Dataset {
 public:
  FashionMnist(IdxFile images, IdxFile labels)
      : images_(std::move(images)), labels_(std::move(labels)) {}

  std::string name() const override { return "FashionMNIST"; }
  int64_t size() const override { return images_.sizes[0]; }
  Dims sample_shape() const override { return {1, kSide, kSide}; }
  const std::vector<std::string>& class_names() const override {
    static const std::vector<std::string> names = {
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    return names;
  }
  void read(int64_t index, float* sample, int64_t* label) const override {
    constexpr size_t kPixels = kSide * kSide;
    to_tensor_({images_.bytes.data() + static_cast<size_t>(index) * kPixels, kPixels}, sample);
    *label = labels_.bytes[static_cast<size_t>(index)];
  }

 private:
  IdxFile images_;
  IdxFile labels_;
  ToTensor to_tensor_;
};

fs::path find(const fs::path& folder, const std::string& name) {
  const fs::path plain = folder / name;
  std::error_code code;
  return fs::exists(plain, code) ? plain : fs::path(plain.string() + ".gz");
}

DatasetPtr load(const fs::path& folder, const std::string& prefix) {
  const fs::path image_file = find(folder, prefix + "-images-idx3-ubyte");
  const fs::path label_file = find(folder, prefix + "-labels-idx1-ubyte");
  IdxFile images = read_idx(image_file, 3);
  IdxFile labels = read_idx(label_file, 1);
  if (images.sizes[1] != kSide || images.sizes[2] != kSide) {
    fail(image_file.string(), "holds images of {}×{}, FashionMNIST's are 28×28", images.sizes[1],
         images.sizes[2]);
  }
  if (images.sizes[0] == 0) fail(image_file.string(), "holds no images");
  if (images.sizes[0] != labels.sizes[0]) {
    fail(label_file.string(), "holds {} labels for {} images: they belong to different sets",
         labels.sizes[0], images.sizes[0]);
  }
  for (size_t i = 0; i < labels.bytes.size(); ++i) {
    if (labels.bytes[i] > 9) {
      fail(label_file.string(), "label {} is {}, FashionMNIST's classes are 0 to 9", i,
           labels.bytes[i]);
    }
  }
  return std::make_shared<FashionMnist>(std::move(images), std::move(labels));
}

}  // namespace

DataSplit load_fashion_mnist(const fs::path& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) {
    fail("fashion-mnist",
         "the folder {} is not there: install the package dataset-fashion-mnist, "
         "or name the folder with --data",
         folder.string());
  }
  // The training images take the longest to unpack; the test set goes beside them.
  std::future<DatasetPtr> test =
      std::async(std::launch::async, [&] { return load(folder, "t10k"); });
  DatasetPtr train = load(folder, "train");
  return {std::move(train), test.get()};
}

}  // namespace gradus
