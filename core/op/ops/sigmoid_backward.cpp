#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = sigmoid_backward(c.grad(), c.inputs[1]);
  if (c.needs_grad(1)) grads[1] = c.grad() * c.inputs[0] * (1 - c.inputs[1] * 2);
  return grads;
}

}  // namespace

const OpDef ops::sigmoid_backward{
    .id = OpId::sigmoid_backward,
    .torch = "torch.ops.aten.sigmoid_backward(a, b)",
    .category = Category::activation,
    .inputs = {{"a", "gradient of sigmoid's result"}, {"b", "sigmoid's result"}},
    .infer = shape::broadcast,
    .saves = {save_input(1), Saves{.inputs = 0b11}},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .summary = "The gradient of sigmoid, from its result.",
    .formula = R"(x = g\,y\,(1 - y))",
    .grad_formula = R"(\bar g = \bar x\,y\,(1 - y),\quad \bar y = \bar x\, g\,(1 - 2y))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, 0, 1, 2)});
        },
};

Tensor sigmoid_backward(const Tensor& a, const Tensor& b) {
  return call(ops::sigmoid_backward, {a, b});
}

}  // namespace gradus
