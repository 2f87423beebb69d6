#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0))
    grads[0] = where(eq(c.inputs[1], 0), zeros_like(c.grad()),
                     c.grad() * (c.inputs[1] * pow(c.inputs[0], c.inputs[1] - 1)));
  if (c.needs_grad(1))
    grads[1] = c.grad() * where(logical_and(eq(c.inputs[0], 0), ge(c.inputs[1], 0)),
                                zeros_like(c.grad()), c.outputs[0] * log(c.inputs[0]));
  return grads;
}

}  // namespace

const OpDef ops::pow_tensor{
    .id = OpId::pow_tensor,
    .torch = "torch.pow(a, b)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast,
    .saves = {Saves{.inputs = 0b11}, Saves{.inputs = 0b11, .outputs = 1}},
    .backward = backward,
    .grad_name = "PowBackward1",
    .dtypes = Dtypes::promoted,
    .works_on_bool = false,
    .summary = "a to the power of b, element by element.",
    .formula = R"(y = a^b)",
    .grad_formula = R"(\bar a = \bar y\, b\, a^{b-1},\quad \bar b = \bar y\, y \ln a)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.1, 2, 1), sample::uniform({3}, -2, 2, 2)});
          s.add({sample::integers({4, 3}, -3, 3, 3), sample::integers({3}, 0, 5, 4)});
          s.add({sample::values({0.0, -2.0, 2.0, INFINITY, NAN, 0.0}),
                 sample::values({2.0, 3.0, -1.0, 0.5, 0.0, 0.0})});
        },
};

Tensor pow(const Tensor& x, const Tensor& exponent) { return call(ops::pow_tensor, {x, exponent}); }

}  // namespace gradus
