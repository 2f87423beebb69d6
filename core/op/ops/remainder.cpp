#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad();
  if (c.needs_grad(1))
    grads[1] = -c.grad() * floor_divide(c.inputs[0].detach(), c.inputs[1].detach());
  return grads;
}

}  // namespace

const OpDef ops::remainder{
    .id = OpId::remainder,
    .torch = "torch.remainder(a, b)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast,
    .saves = {save_nothing(), Saves{.inputs = 0b11}},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .works_on_bool = false,
    .has_inplace = true,
    .check_values = shape::check_divisor,
    .summary = "What is left of a division that rounds down: Python's %.",
    .formula = R"(y = a - b \lfloor a/b \rfloor)",
    .grad_formula = R"(\bar a = \bar y,\quad \bar b = -\bar y \lfloor a/b \rfloor)",
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

Tensor remainder(const Tensor& a, const Tensor& b) { return call(ops::remainder, {a, b}); }
Tensor remainder_(const Tensor& a, const Tensor& b) { return call_inplace(ops::remainder, {a, b}); }

}  // namespace gradus
