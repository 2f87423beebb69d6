#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = threshold_backward(c.grad(), c.inputs[1]);
  if (c.needs_grad(1)) grads[1] = zeros_like(c.grad());
  return grads;
}

}  // namespace

const OpDef ops::threshold_backward{
    .id = OpId::threshold_backward,
    .torch = "torch.ops.aten.threshold_backward(grad, result, 0)",
    .category = Category::activation,
    .inputs = {{"grad", "gradient of relu's result"}, {"result", "relu's result"}},
    .infer = shape::broadcast,
    .saves = {save_input(1), save_nothing()},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .summary = "The gradient of relu: passes where the result is positive, else 0.",
    .formula = R"(y = g\,[r > 0])",
    .grad_formula = R"(\bar g = \bar y\,[r > 0])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2)});
          s.add(
              {sample::values({1.0, 1.0, 1.0, 1.0}), sample::values({0.0, -0.0, INFINITY, 1e-30})});
        },
};

Tensor threshold_backward(const Tensor& grad, const Tensor& result) {
  return call(ops::threshold_backward, {grad, result});
}

}  // namespace gradus
