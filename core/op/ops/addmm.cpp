#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::matrix_product(call, 1, 2, outputs);
  const Dims& sizes = outputs[0].meta.sizes;
  if (broadcast_sizes(call.op, call.input(0).sizes(), sizes) != sizes) {
    fail(call.op, "the bias of shape {} does not fit onto the product of shape {}",
         to_prose(call.input(0).sizes()), to_prose(sizes));
  }
}

Tensors backward(const BackwardCall& c) {
  Tensors grads(3, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad();
  if (c.needs_grad(1)) grads[1] = product_grad_left(c.grad(), c.inputs[2]);
  if (c.needs_grad(2)) grads[2] = product_grad_right(c.inputs[1], c.grad(), c.inputs[2]);
  return grads;
}

}  // namespace

const OpDef ops::addmm{
    .id = OpId::addmm,
    .torch = "torch.addmm(bias, a, b)",
    .category = Category::product,
    .inputs = {{"bias", "broadcast onto the product"}, {"a", "n×m matrix"}, {"b", "m×p matrix"}},
    .infer = infer,
    .saves = {save_nothing(), save_input(2), Saves{.inputs = 0b110}},
    .backward = backward,
    .dtypes = Dtypes::same,
    .takes_bool = false,
    .summary = "A matrix product plus a bias: what a Linear layer computes.",
    .formula = R"(Y = A B + b)",
    .grad_formula = R"(\bar b = \bar Y,\quad \bar A = \bar Y B^T,\quad \bar B = A^T \bar Y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4}, -1, 1, 1), sample::uniform({2, 3}, -2, 2, 2),
                 sample::uniform({3, 4}, -2, 2, 3)});
          s.add({sample::uniform({6}, -1, 1, 4), sample::uniform({5, 7}, -1, 1, 5),
                 gradus::t(sample::uniform({6, 7}, -1, 1, 6))});
          s.add({sample::uniform({5, 1}, -1, 1, 7), sample::uniform({5, 7}, -1, 1, 8),
                 sample::uniform({7, 3}, -1, 1, 9)});
          s.add({sample::uniform({3}, -1, 1, 10), sample::uniform({2, 0}, -1, 1, 11),
                 sample::uniform({0, 3}, -1, 1, 12)});
        },
};

Tensor addmm(const Tensor& bias, const Tensor& a, const Tensor& b) {
  return call(ops::addmm, {bias, a, b});
}

}  // namespace gradus
