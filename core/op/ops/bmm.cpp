#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Dims& a = call.input(0).sizes();
  const Dims& b = call.input(1).sizes();
  if (a.size() != 3 || b.size() != 3) {
    fail(call.op, "multiplies two batches of matrices, got shapes {} and {}", to_prose(a),
         to_prose(b));
  }
  if (a[0] != b[0] || a[2] != b[1]) {
    fail(call.op, "cannot multiply {} by {}: {} {} and {} differ", to_prose(a), to_prose(b),
         a[0] != b[0] ? "the batch sizes" : "the inner sizes", a[0] != b[0] ? a[0] : a[2],
         a[0] != b[0] ? b[0] : b[1]);
  }
  outputs.push_back({.meta = {Dims{a[0], a[1], b[2]}, call.input(0).dtype()}});
}

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = bmm(c.grad(), transpose(c.inputs[1], 1, 2));
  if (c.needs_grad(1)) grads[1] = bmm(transpose(c.inputs[0], 1, 2), c.grad());
  return grads;
}

}  // namespace

const OpDef ops::bmm{
    .id = OpId::bmm,
    .torch = "torch.bmm(a, b)",
    .category = Category::product,
    .inputs = {{"a", "b × n × m"}, {"b", "b × m × p"}},
    .infer = infer,
    .saves = {save_input(1), save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::same,
    .takes_bool = false,
    .summary = "Products of matrices, one for each in a batch.",
    .formula = R"(Y_b = A_b B_b)",
    .grad_formula = R"(\bar A_b = \bar Y_b B_b^T,\quad \bar B_b = A_b^T \bar Y_b)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3, 4}, -2, 2, 1), sample::uniform({2, 4, 5}, -2, 2, 2)});
          s.add({sample::uniform({3, 1, 2}, -2, 2, 3), sample::uniform({3, 2, 1}, -2, 2, 4)});
          s.add({sample::uniform({2, 3, 0}, -2, 2, 5), sample::uniform({2, 0, 2}, -2, 2, 6)});
        },
};

Tensor bmm(const Tensor& a, const Tensor& b) { return call(ops::bmm, {a, b}); }

}  // namespace gradus
