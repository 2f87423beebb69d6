#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Dims& target = call.input(0).sizes();
  if (broadcast_sizes(call.op, call.input(1).sizes(), target) != target) {
    fail(call.op, "a source of shape {} does not fit into {}", to_prose(call.input(1).sizes()),
         to_prose(target));
  }
  shape::same_as_input(call, outputs);
}

Tensors backward(const BackwardCall& c) {
  return {c.needs_grad(0) ? zeros_like(c.grad()) : Tensor(), c.needs_grad(1) ? c.grad() : Tensor()};
}

}  // namespace

const OpDef ops::copy{
    .id = OpId::copy,
    .torch = "target.clone().copy_(source)",
    .category = Category::movement,
    .inputs = {{"target", "what is overwritten"}, {"source", "broadcast against target"}},
    .infer = infer,
    .saves = {save_nothing(), save_nothing()},
    .backward = backward,
    .grad_name = "CopyBackwards",
    .writes = 1,
    .summary = "Overwrites a tensor with another one's elements.",
    .formula = R"(y \leftarrow x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2)});
          s.add({sample::uniform({2, 3}, -2, 2, 3), sample::uniform({3}, -2, 2, 4)});
          s.add({gradus::t(sample::uniform({2, 3}, -2, 2, 5)), sample::uniform({3, 2}, -2, 2, 6)});
        },
};

Tensor copy_(const Tensor& target, const Tensor& source) {
  // A number becomes one of the target's here: its device may lack the number's dtype.
  if (source.is_wrapped_number() && is_floating_point(source.dtype()) &&
      source.dtype() != target.dtype()) {
    return call(ops::copy, {target, Tensor::scalar(source.item(), target.dtype())});
  }
  return call(ops::copy, {target, source});
}

}  // namespace gradus
