#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

// As PyTorch, which has none: a gradient of zero would be silent about the jumps.
Tensors backward(const BackwardCall&) {
  fail("floor_divide", "has no derivative: it jumps. Use div, or detach() what goes into it");
}

}  // namespace

const OpDef ops::floor_divide{
    .id = OpId::floor_divide,
    .torch = "torch.floor_divide(a, b)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast,
    .saves = {save_nothing(), save_nothing()},
    .backward = backward,
    .grad_name = "NotImplemented",
    .dtypes = Dtypes::promoted,
    .works_on_bool = false,
    .has_inplace = true,
    .check_values = shape::check_divisor,
    .summary = "Divides and rounds down: Python's //.",
    .formula = R"(y = \lfloor a/b \rfloor)",
    .grad_formula = R"(\text{none: it jumps})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -4, 4, 1), sample::uniform({2, 3}, 0.5, 2, 2)});
          s.add({sample::uniform({2, 3}, -4, 4, 3), sample::uniform({3}, -2, -0.5, 4)});
          s.add({sample::integers({4, 3}, -9, 9, 5), sample::values({-2.0, 3.0, 4.0})});
          s.add({sample::integers({4, 3}, -9, 9, 6),
                 gradus::to(sample::values({-2.0, 3.0, 4.0}), DType::int64)});
          s.add({sample::values({1.0, -1.0, 0.0, NAN, INFINITY}),
                 sample::values({0.0, 0.0, 0.0, 1.0, 2.0})});
        },
};

Tensor floor_divide(const Tensor& a, const Tensor& b) { return call(ops::floor_divide, {a, b}); }
Tensor floor_divide_(const Tensor& a, const Tensor& b) {
  return call_inplace(ops::floor_divide, {a, b});
}

}  // namespace gradus
