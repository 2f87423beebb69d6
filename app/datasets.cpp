#include "app/datasets.h"

#include "core/base/error.h"
#include "core/data/fashion_mnist.h"
#include "core/data/no_data.h"
#include "core/data/two_moons.h"

namespace gradus {

void check_dataset(const std::string& name, const std::string& folder) {
  if (name == "fashion-mnist") return;
  if (name != "two-moons" && name != "none") {
    fail("dataset", "there is no data set {:?}; there are fashion-mnist, two-moons and none", name);
  }
  if (!folder.empty()) {
    fail("--data", "{}: leave --data out",
         name == "none" ? "the drawing uses no data set" : "two-moons is made up, it has no files");
  }
}

DataSplit load_dataset(const std::string& name, const std::string& folder) {
  check_dataset(name, folder);
  if (name == "two-moons") return make_two_moons();
  if (name == "none") return no_data();
  return load_fashion_mnist(folder.empty() ? std::string(kFashionMnistFolder) : folder);
}

}  // namespace gradus
