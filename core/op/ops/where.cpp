#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_bool(call, 0);
  const Dims both = broadcast_sizes(call.op, call.input(1).sizes(), call.input(2).sizes());
  outputs.push_back(
      {.meta = {broadcast_sizes(call.op, call.input(0).sizes(), both), call.input(1).dtype()}});
}

Tensors backward(const BackwardCall& c) {
  Tensors grads(3, Tensor());
  const Tensor zero = zeros_like(c.grad());
  if (c.needs_grad(1)) grads[1] = where(c.inputs[0], c.grad(), zero);
  if (c.needs_grad(2)) grads[2] = where(c.inputs[0], zero, c.grad());
  return grads;
}

}  // namespace

const OpDef ops::where{
    .id = OpId::where,
    .torch = "torch.where(condition, a, b)",
    .category = Category::comparison,
    .inputs = {{"condition", "a bool tensor"},
               {"a", "taken where it is true"},
               {"b", "taken where it is false"}},
    .infer = infer,
    .saves = {save_nothing(), save_input(0), save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .promoted_from = 1,
    .summary = "Elements of one tensor or another, as a condition says.",
    .formula = R"(y_i = c_i\ ?\ a_i : b_i)",
    .grad_formula = R"(\bar a = \bar y\,[c],\quad \bar b = \bar y\,[\neg c])",
    .samples =
        [](Samples& s) {
          s.add({gradus::gt(sample::uniform({2, 3}, -2, 2, 1), 0),
                 sample::uniform({2, 3}, -2, 2, 2), sample::uniform({2, 3}, -2, 2, 3)});
          s.add({gradus::gt(sample::uniform({4, 1}, -2, 2, 1), 0), sample::uniform({3}, -2, 2, 4),
                 sample::integers({3}, -9, 9, 5)});
        },
};

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  return call(ops::where, {condition, a, b});
}

}  // namespace gradus
