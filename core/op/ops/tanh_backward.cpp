#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = tanh_backward(c.grad(), c.inputs[1]);
  if (c.needs_grad(1)) grads[1] = c.grad() * c.inputs[0] * c.inputs[1] * -2;
  return grads;
}

}  // namespace

const OpDef ops::tanh_backward{
    .id = OpId::tanh_backward,
    .torch = "torch.ops.aten.tanh_backward(a, b)",
    .category = Category::activation,
    .inputs = {{"a", "gradient of tanh's result"}, {"b", "tanh's result"}},
    .infer = shape::broadcast,
    .saves = {save_input(1), Saves{.inputs = 0b11}},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .summary = "The gradient of tanh, from its result.",
    .formula = R"(x = g\,(1 - y^2))",
    .grad_formula = R"(\bar g = \bar x\,(1 - y^2),\quad \bar y = -2 \bar x\, g\, y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -1, 1, 2)});
        },
};

Tensor tanh_backward(const Tensor& a, const Tensor& b) { return call(ops::tanh_backward, {a, b}); }

}  // namespace gradus
