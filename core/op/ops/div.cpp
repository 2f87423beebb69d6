#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Tensor& a = c.inputs[0];
  const Tensor& b = c.inputs[1];
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad() / b;
  if (c.needs_grad(1)) grads[1] = -c.grad() * ((a / b) / b);
  return grads;
}

}  // namespace

const OpDef ops::div{
    .id = OpId::div,
    .torch = "torch.div(a, b)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast,
    .saves = {save_input(1), Saves{.inputs = 0b11}},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "Divides, element by element.",
    .formula = R"(y = a / b)",
    .grad_formula = R"(\bar a = \bar y / b,\quad \bar b = -\bar y\, a / b^2)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, 0.5, 2, 2)});
          s.add({sample::uniform({4, 1}, -1, 1, 3), sample::uniform({3}, -2, -0.5, 4)});
          s.add({sample::values({1.0, -1.0, 0.0, NAN}), sample::values({0.0, 0.0, 0.0, 1.0})});
        },
};

Tensor div(const Tensor& a, const Tensor& b) { return call(ops::div, {a, b}); }
Tensor div_(const Tensor& a, const Tensor& b) { return call_inplace(ops::div, {a, b}); }

}  // namespace gradus
