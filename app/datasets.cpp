#include "app/datasets.h"

#include "core/base/error.h"
#include "core/data/fashion_mnist.h"
#include "core/data/two_moons.h"

namespace gradus {

void check_dataset(const std::string& name, const std::string& folder) {
  if (name == "fashion-mnist") return;
  if (name != "two-moons") {
    fail("dataset", "there is no data set {:?}; there are fashion-mnist and two-moons", name);
  }
  if (!folder.empty()) {
    fail("--data", "two-moons is made up, it has no files: leave --data out");
  }
}

DataSplit load_dataset(const std::string& name, const std::string& folder) {
  check_dataset(name, folder);
  if (name == "two-moons") return make_two_moons();
  return load_fashion_mnist(folder.empty() ? std::string(kFashionMnistFolder) : folder);
}

}  // namespace gradus
