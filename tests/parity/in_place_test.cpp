// name_() does what name() does, in the memory of the first input: for every op that has it, on the
// calls on which name() is compared with PyTorch.
#include <gtest/gtest.h>

#include <cstring>

#include "core/autograd/backward_task.h"
#include "core/op/call.h"
#include "tests/parity/cases.h"

namespace gradus {
namespace {

bool same_numbers(const Tensor& a, const Tensor& b) {
  if (a.meta() != b.meta()) return false;
  const std::vector<double> x = a.to_vector<double>();
  const std::vector<double> y = b.to_vector<double>();
  return x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0;
}

// What it was refused with; empty if it was not.
template <typename Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::vector<const OpDef*> ops_in_place(bool with_gradient) {
  std::vector<const OpDef*> result;
  for (const OpDef* op : all_ops()) {
    const bool wanted = !with_gradient || parity::is_differentiable(*op);
    if (op->has_inplace && wanted) result.push_back(op);
  }
  return result;
}

class InPlace : public testing::TestWithParam<const OpDef*> {};
class InPlaceGradients : public testing::TestWithParam<const OpDef*> {};

TEST_P(InPlace, DoesWhatTheOpDoes) {
  const OpDef& op = *GetParam();
  int compared = 0;
  int refused = 0;
  for (const parity::Case& each : parity::cases_of(op)) {
    Tensors inputs(each.sample.inputs.begin(), each.sample.inputs.end());
    const Attrs& attrs = each.sample.attrs;
    const Tensor target = inputs[0];
    const Tensor before = clone(target);
    Tensor wanted;
    const std::string why_not = refusal([&] { wanted = call_all(op, inputs, attrs)[0]; });
    const uint32_t version = target.version();
    const std::string why_not_here =
        refusal([&] { call_all(op, inputs, attrs, CallMode::inplace); });
    const bool overlaps = each.name.ends_with("expanded") && target.numel() > 1;
    if (!why_not.empty() || overlaps || wanted.sizes() != target.sizes()) {
      EXPECT_NE(why_not_here, "") << each.name;
    }
    if (!why_not_here.empty()) {
      ++refused;
      EXPECT_TRUE(same_numbers(target, before)) << each.name << " is refused and changes nothing";
      EXPECT_EQ(target.version(), version) << each.name;
      EXPECT_TRUE(!why_not.empty() || overlaps || wanted.meta() != target.meta())
          << each.name << ": " << why_not_here;
      continue;
    }
    ++compared;
    EXPECT_TRUE(same_numbers(target, to(wanted, target.dtype()))) << each.name;
    EXPECT_EQ(target.version(), version + 1) << each.name;
  }
  EXPECT_GT(compared, 0) << "of " << refused;
}

// On a result that is tracked: the gradients of all inputs are those of name().
TEST_P(InPlaceGradients, AreTheSame) {
  const OpDef& op = *GetParam();
  int compared = 0;
  for (const parity::Case& each : parity::cases_of(op)) {
    const std::vector<Tensor>& given = each.sample.inputs;
    if (given[0].dtype() != DType::float32) continue;
    const auto grads = [&](CallMode mode) {
      std::vector<Tensor> leaves;
      Tensors inputs;
      for (const Tensor& input : given) {
        leaves.push_back(input.defined() ? clone(input) : input);
        const bool tracked = input.defined() && is_floating_point(input.dtype());
        if (tracked) leaves.back().set_requires_grad(true);
        inputs.push_back(tracked ? leaves.back() * 1.0 : leaves.back());
      }
      const Tensor result = call_all(op, inputs, each.sample.attrs, mode)[0];
      EXPECT_EQ(mode == CallMode::inplace, result.is(inputs[0]));
      backward(sum(result * 0.5));
      std::vector<Tensor> all;
      for (const Tensor& leaf : leaves) all.push_back(leaf.defined() ? leaf.grad() : leaf);
      return all;
    };
    std::vector<Tensor> wanted;
    std::vector<Tensor> found;
    if (!refusal([&] { wanted = grads(CallMode::functional); }).empty()) continue;
    if (!refusal([&] { found = grads(CallMode::inplace); }).empty()) continue;  // see above
    for (size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_EQ(wanted[i].defined(), found[i].defined()) << each.name << " input " << i;
      if (!wanted[i].defined()) continue;
      EXPECT_TRUE(same_numbers(wanted[i], found[i])) << each.name << " input " << i;
      ++compared;
    }
  }
  EXPECT_GT(compared, 0);
}

std::string name_of(const testing::TestParamInfo<const OpDef*>& each) { return each.param->name(); }
INSTANTIATE_TEST_SUITE_P(EveryOp, InPlace, testing::ValuesIn(ops_in_place(false)), name_of);
INSTANTIATE_TEST_SUITE_P(EveryOp, InPlaceGradients, testing::ValuesIn(ops_in_place(true)), name_of);

}  // namespace
}  // namespace gradus
