#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_floating_point(call, 0);
  const Tensor& x = call.input(0);
  if (x.sizes() != call.input(1).sizes()) {
    fail(call.op, "scores of shape {} need targets of that shape, got {}", to_prose(x.sizes()),
         to_prose(call.input(1).sizes()));
  }
  const bool each = std::get<int64_t>(call.attrs[0]) == 0;
  outputs.push_back({.meta = {each ? x.sizes() : Dims{}, x.dtype()}});
}

Tensors backward(const BackwardCall& c) {
  const auto reduction = static_cast<Reduction>(std::get<int64_t>(c.attrs[0]));
  const int64_t count = numel(c.input_metas[0].sizes);
  const Tensor grad =
      reduction == Reduction::mean ? c.grad() / static_cast<double>(count) : c.grad();
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = grad * (sigmoid(c.inputs[0]) - c.inputs[1]);
  if (c.needs_grad(1)) grads[1] = -grad * c.inputs[0];
  return grads;
}

}  // namespace

const OpDef ops::binary_cross_entropy_with_logits{
    .id = OpId::binary_cross_entropy_with_logits,
    .torch =
        "F.binary_cross_entropy_with_logits(x, target, reduction=['none', 'mean', "
        "'sum'][reduction])",
    .category = Category::loss,
    .inputs = {{"x", "scores (logits)"}, {"target", "the right answers, from 0 to 1"}},
    .attrs = {{"reduction", AttrType::integer, int64_t{1}, 0, 2, "0 none, 1 mean, 2 sum."}},
    .infer = infer,
    .saves = {Saves{.inputs = 0b11}, save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::same,
    .summary = "How far scores are from yes-or-no answers.",
    .formula = R"(y = \tfrac1n \sum_i \log(1 + e^{x_i}) - t_i x_i)",
    .grad_formula = R"(\bar x_i = \tfrac{\bar y}n (\sigma(x_i) - t_i))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 3}, -4, 4, 1), sample::uniform({4, 3}, 0, 1, 2)});
          s.add({sample::uniform({5}, -4, 4, 3), sample::uniform({5}, 0, 1, 4)},
                Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({5}, -4, 4, 5), sample::uniform({5}, 0, 1, 6)},
                Attrs{AttrValue(int64_t{2})});
          s.add({sample::values({0.0, 1000.0, -1000.0}), sample::values({1.0, 1.0, 0.0})});
        },
};

Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target, Reduction r) {
  return call(ops::binary_cross_entropy_with_logits, {x, target},
              Attrs{AttrValue(static_cast<int64_t>(r))});
}

}  // namespace gradus
