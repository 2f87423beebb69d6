#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  if (a.dim() != 2 || b.dim() != 1) {
    fail(call.op, "multiplies a matrix and a vector, got shapes {} and {}", to_prose(a.sizes()),
         to_prose(b.sizes()));
  }
  if (a.size(1) != b.size(0)) {
    fail(call.op, "cannot multiply {} by {}: the inner sizes {} and {} differ", to_prose(a.sizes()),
         to_prose(b.sizes()), a.size(1), b.size(0));
  }
  outputs.push_back({.meta = {Dims{a.size(0)}, a.dtype()}});
}

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = outer(c.grad(), c.inputs[1]);
  if (c.needs_grad(1)) grads[1] = mv(t(c.inputs[0]), c.grad());
  return grads;
}

}  // namespace

const OpDef ops::mv{
    .id = OpId::mv,
    .torch = "torch.mv(a, b)",
    .category = Category::product,
    .inputs = {{"a", "n × m"}, {"b", "m numbers"}},
    .infer = infer,
    .saves = {save_input(1), save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::same,
    .takes_bool = false,
    .summary = "A matrix times a vector.",
    .formula = R"(y = A b)",
    .grad_formula = R"(\bar A = \bar y\, b^T,\quad \bar b = A^T \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 5}, -2, 2, 1), sample::uniform({5}, -2, 2, 2)});
          s.add({sample::integers({3, 4}, -9, 9, 5), sample::integers({4}, -9, 9, 6)});
        },
};

Tensor mv(const Tensor& a, const Tensor& b) { return call(ops::mv, {a, b}); }

}  // namespace gradus
