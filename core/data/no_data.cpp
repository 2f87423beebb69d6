#include "core/data/no_data.h"

namespace gradus {
namespace {

class NoData final : public Dataset {
 public:
  std::string name() const override { return "none"; }
  int64_t size() const override { return 1; }
  Dims sample_shape() const override { return {0}; }
  const std::vector<std::string>& class_names() const override { return none_; }
  void read(int64_t, float*, int64_t* label) const override { *label = 0; }

 private:
  std::vector<std::string> none_;
};

}  // namespace

DataSplit no_data() {
  const auto data = std::make_shared<const NoData>();
  return {data, data};
}

}  // namespace gradus
