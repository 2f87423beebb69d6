// Tensors as PyTorch prints them, to the character (golden/prints.json, written by make_prints.py).
#include <gtest/gtest.h>

#include "core/autograd/print.h"
#include "core/base/file.h"
#include "tests/parity/samples_json.h"

namespace gradus {
namespace {

Tensor tensor_of(const Json& spec) {
  const Dims sizes = [&] {
    const auto list = spec["sizes"].get<std::vector<int64_t>>();
    return Dims(list.begin(), list.end());
  }();
  const DType dtype = dtype_named(spec["dtype"].get<std::string>()).value();
  if (dtype == DType::int64) {
    const auto values = spec["values"].get<std::vector<int64_t>>();
    return Tensor::from(std::span<const int64_t>(values), sizes);
  }
  std::vector<double> values;
  for (const Json& value : spec["values"]) values.push_back(number_from_json(value));
  return to(Tensor::from(std::span<const double>(values), sizes), dtype);
}

TEST(PrintParity, IsPyTorchsToTheCharacter) {
  const Json cases =
      Json::parse(read_file(std::string(GRADUS_SOURCE_DIR) + "/tests/parity/golden/prints.json"));
  for (const Json& each : cases) {
    Tensor tensor = tensor_of(each);
    if (each.contains("requires_grad") || each.contains("grad_fn")) tensor.set_requires_grad(true);
    if (each.contains("grad_fn")) tensor = tensor + 0;
    PrintOptions options;
    if (each.contains("options")) {
      const Json& given = each["options"];
      if (given.contains("precision")) options.precision = given["precision"].get<int>();
      if (given.contains("sci_mode")) options.scientific = given["sci_mode"].get<bool>();
      if (given.contains("threshold")) options.threshold = given["threshold"].get<int64_t>();
      if (given.contains("edgeitems")) options.edge_items = given["edgeitems"].get<int64_t>();
      if (given.contains("linewidth")) options.line_width = given["linewidth"].get<int>();
    }
    EXPECT_EQ(to_string(tensor, options), each["text"].get<std::string>())
        << each.dump(-1).substr(0, 300);
  }
  EXPECT_GT(cases.size(), 80u);
}

TEST(PrintParity, OfOthers) {
  EXPECT_EQ(to_string(Tensor()), "None");
  EXPECT_EQ(to_string(Tensor::empty(Dims{2, 3}, DType::float32, kMeta)),
            "tensor(..., device='meta', size=(2, 3))");
}

}  // namespace
}  // namespace gradus
