// Every pair of dtypes against PyTorch's result (golden/promotion.json, written by
// make_promotion.py): dtype, shape and numbers, or that it is refused.
#include <gtest/gtest.h>

#include "core/autograd/backward_task.h"
#include "core/base/file.h"
#include "tests/parity/samples_json.h"

namespace gradus {
namespace {

Tensor tensor_of(const Json& spec, const Tensor& like) {
  const DType dtype = dtype_named(spec["dtype"].get<std::string>()).value();
  const std::vector<double> values = spec["values"].get<std::vector<double>>();
  if (spec["kind"] == "number") {
    return dtype == DType::int64 ? number(static_cast<int64_t>(values[0]), like)
                                 : number(values[0], like);
  }
  Dims sizes;
  if (spec["kind"] == "vector") sizes = {static_cast<int64_t>(values.size())};
  return to(Tensor::from(std::span<const double>(values), sizes), dtype);
}

Json result_of(const std::function<Tensor()>& action) {
  try {
    const Tensor result = action();
    Json values = Json::array();
    for (double value : result.to_vector<double>()) values.push_back(number_to_json(value));
    return {{"dtype", to_string(result.dtype())},
            {"sizes", std::vector<int64_t>(result.sizes().begin(), result.sizes().end())},
            {"values", values}};
  } catch (const Error&) {
    return nullptr;
  }
}

// Numbers agree but for the last bits of a quotient.
void expect_same(const Json& ours, const Json& theirs, const std::string& what) {
  ASSERT_EQ(ours.is_null(), theirs.is_null())
      << what << ": ours " << ours << ", PyTorch " << theirs;
  if (ours.is_null()) return;
  EXPECT_EQ(ours["dtype"], theirs["dtype"]) << what;
  EXPECT_EQ(ours["sizes"], theirs["sizes"]) << what;
  ASSERT_EQ(ours["values"].size(), theirs["values"].size()) << what;
  for (size_t i = 0; i < ours["values"].size(); ++i) {
    const double a = number_from_json(ours["values"][i]);
    const double b = number_from_json(theirs["values"][i]);
    if (std::isnan(b)) {
      EXPECT_TRUE(std::isnan(a)) << what;
    } else if (std::isinf(b)) {
      EXPECT_EQ(a, b) << what;
    } else {
      EXPECT_NEAR(a, b, 1e-6 * std::abs(b)) << what;
    }
  }
}

TEST(Promotion, IsPyTorchs) {
  const Json all = Json::parse(
      read_file(std::string(GRADUS_SOURCE_DIR) + "/tests/parity/golden/promotion.json"));
  int cases = 0;
  for (const Json& record : all) {
    const Tensor a = tensor_of(record["a"], {});
    const Tensor b = tensor_of(record["b"], a);
    const OpDef& op = *find_op(record["op"].get<std::string>());
    const std::string what =
        fmt::format("{} of {} {} and {} {}", op.name(), record["a"]["kind"].get<std::string>(),
                    record["a"]["dtype"].get<std::string>(), record["b"]["kind"].get<std::string>(),
                    record["b"]["dtype"].get<std::string>());
    expect_same(result_of([&] { return call(op, {a, b}); }), record["result"], what);
    ++cases;
    if (!record.contains("inplace")) continue;
    expect_same(result_of([&] {
                  return call_inplace(op, {clone(a), b});
                }),
                record["inplace"], what + ", in place");
    ++cases;
  }
  EXPECT_GE(cases, 1300);
}

TEST(Promotion, GradientsHaveTheirTensorsDtype) {
  const Tensor a = Tensor::from<float>({1, 2}, Dims{2}).set_requires_grad(true);
  const Tensor b = Tensor::from<double>({3, 4}, Dims{2}).set_requires_grad(true);
  const Tensor i = Tensor::from<int64_t>({5, 6}, Dims{2});
  const Tensor y = a * b + i;
  EXPECT_EQ(y.dtype(), DType::float64);
  backward(sum(y));
  EXPECT_EQ(a.grad().dtype(), DType::float32);
  EXPECT_EQ(a.grad().to_vector<double>(), (std::vector<double>{3, 4}));
  EXPECT_EQ(b.grad().dtype(), DType::float64);
  EXPECT_EQ(b.grad().to_vector<double>(), (std::vector<double>{1, 2}));
}

}  // namespace
}  // namespace gradus
