// Every differentiable op's gradient, and the gradient of that, against finite differences in
// float64, on inputs in several layouts.
#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/gradcheck.h"
#include "tests/parity/cases.h"

namespace gradus {
namespace {

// Not at kinks, nor where differences are lost in rounding.
bool can_be_differenced(const parity::Case& each) {
  for (const Tensor& input : each.sample.inputs) {
    if (!input.defined()) continue;
    if (input.numel() > 60) return false;
    if (!is_floating_point(input.dtype())) continue;
    if (input.dtype() != DType::float64) return false;
    bool whole = input.numel() > 1;
    for (double x : input.to_vector<double>()) {
      if (!(std::abs(x) < 10) || x == 0) return false;
      whole = whole && 2 * x == std::nearbyint(2 * x);
    }
    if (whole) return false;  // where floor() and round() jump, and max() finds equals
  }
  return true;
}

// As float64, in the layouts that are tried.
std::vector<parity::Case> checked_cases(const OpDef& op) {
  std::vector<parity::Case> result;
  for (const parity::Case& each : parity::cases_of(op)) {
    if (each.name.find("edges") != std::string::npos || each.name.ends_with("one")) continue;
    // Of equal elements the differences choose another one.
    const bool chooses =
        op.category == Category::reduction && each.name.find("expanded") != std::string::npos;
    if (chooses) continue;
    parity::Case wide = each;
    bool layout_kept = true;
    for (Tensor& input : wide.sample.inputs) {
      if (!input.defined() || input.dtype() != DType::float32) continue;
      const Tensor dense = to(input, DType::float64);
      if (input.is_contiguous()) {
        input = dense;
      } else if (each.name.ends_with("transposed")) {
        input = parity::transposed(dense);
      } else if (each.name.ends_with("sliced")) {
        input = parity::sliced(dense);
      } else if (each.name.ends_with("expanded")) {
        input = parity::expanded(dense);
      } else {
        layout_kept = input.dim() == 2;
        if (layout_kept) input = parity::transposed(dense);
      }
    }
    if (layout_kept && can_be_differenced(wide)) result.push_back(std::move(wide));
  }
  return result;
}

// float32 is too coarse, infinities have no differences.
bool is_fine(const Tensor& output) {
  if (!is_floating_point(output.dtype())) return true;
  return output.dtype() == DType::float64 && all(isfinite(output)).item() != 0;
}

class Gradcheck : public testing::TestWithParam<const OpDef*> {
 protected:
  template <typename Check>
  void for_each_case(Check&& check) {
    const OpDef& op = *GetParam();
    int64_t compared = 0;
    double worst = 0;
    for (const parity::Case& each : checked_cases(op)) {
      std::vector<Tensor> inputs;
      bool any = false;
      for (const Tensor& input : each.sample.inputs) {
        inputs.push_back(input.defined() ? input.detach() : input);
        if (!input.defined() || input.dtype() != DType::float64) continue;
        inputs.back().set_requires_grad(true);
        any = true;
      }
      if (!any) continue;
      const Differentiable function = [&](std::span<const Tensor> given) {
        Tensors used{given.begin(), given.end()};
        for (size_t i = 0; i < used.size(); ++i) {  // what an op overwrites must be no leaf
          if (i < 16 && ((op.writes >> i) & 1) && used[i].defined()) used[i] = clone(used[i]);
        }
        const Tensors outputs = call_all(op, used, each.sample.attrs);
        return std::vector<Tensor>(outputs.begin(), outputs.end());
      };
      GradcheckResult result;
      try {
        const NoGradGuard no_grad;
        const std::vector<Tensor> outputs = function(inputs);
        if (!std::ranges::all_of(outputs, is_fine)) continue;
      } catch (const Error&) {
        continue;  // see OpParity: it has to be refused by PyTorch as well
      }
      try {
        result = check(function, inputs);
      } catch (const Error& error) {
        ADD_FAILURE() << each.name << ": " << error.what();
        continue;
      }
      EXPECT_TRUE(result.ok) << each.name << ": " << result.problem;
      compared += result.compared;
      worst = std::max(worst, result.worst);
    }
    EXPECT_GT(compared, 0) << op.name() << " has no sample on which its gradient can be checked";
    RecordProperty("compared", static_cast<int>(compared));
    RecordProperty("worst", fmt::format("{:.1e}", worst));
  }
};

TEST_P(Gradcheck, First) {
  for_each_case([](const Differentiable& f, std::span<const Tensor> x) { return gradcheck(f, x); });
}
TEST_P(Gradcheck, Second) {
  for_each_case(
      [](const Differentiable& f, std::span<const Tensor> x) { return gradgradcheck(f, x); });
}

std::vector<const OpDef*> differentiable_ops() {
  std::vector<const OpDef*> result;
  for (const OpDef* op : all_ops()) {
    if (parity::is_differentiable(*op)) result.push_back(op);
  }
  return result;
}
INSTANTIATE_TEST_SUITE_P(EveryOp, Gradcheck, testing::ValuesIn(differentiable_ops()),
                         [](const auto& each) { return std::string(each.param->name()); });

}  // namespace
}  // namespace gradus
