#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  if (a.dim() != 1 || b.dim() != 1 || a.sizes() != b.sizes()) {
    fail(call.op, "multiplies two vectors of one size, got shapes {} and {}", to_prose(a.sizes()),
         to_prose(b.sizes()));
  }
  outputs.push_back({.meta = {Dims{}, a.dtype()}});
}

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad() * c.inputs[1];
  if (c.needs_grad(1)) grads[1] = c.grad() * c.inputs[0];
  return grads;
}

}  // namespace

const OpDef ops::dot{
    .id = OpId::dot,
    .torch = "torch.dot(a, b)",
    .category = Category::product,
    .inputs = {{"a", "a list of numbers"}, {"b", "one as long"}},
    .infer = infer,
    .saves = {save_input(1), save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::same,
    .takes_bool = false,
    .summary = "The inner product of two vectors.",
    .formula = R"(y = \sum_i a_i b_i)",
    .grad_formula = R"(\bar a = \bar y\, b,\quad \bar b = \bar y\, a)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({5}, -2, 2, 1), sample::uniform({5}, -2, 2, 2)});
          s.add({sample::uniform({0}, -2, 2, 1), sample::uniform({0}, -2, 2, 2)});
          s.add({sample::integers({4}, -9, 9, 5), sample::integers({4}, -9, 9, 6)});
        },
};

Tensor dot(const Tensor& a, const Tensor& b) { return call(ops::dot, {a, b}); }

}  // namespace gradus
