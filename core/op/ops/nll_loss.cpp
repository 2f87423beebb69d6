#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const Tensor& target = call.input(1);
  shape::require_floating_point(call, 0);
  if (x.dim() != 2) {
    fail(call.op, "expects scores of shape N×classes, got {}", to_prose(x.sizes()));
  }
  if (target.dtype() != DType::int64) {
    fail(call.op, "expects class numbers (int64) as target, got {}", to_string(target.dtype()));
  }
  if (target.dim() != 1 || target.size(0) != x.size(0)) {
    fail(call.op, "expects one class per sample: scores are {}, the target is {}",
         to_prose(x.sizes()), to_prose(target.sizes()));
  }
  const bool reduces = std::get<int64_t>(call.attrs[0]) != static_cast<int64_t>(Reduction::none);
  outputs.push_back({.meta = {reduces ? Dims{} : target.sizes(), x.dtype()}});
}

Tensors backward(const BackwardCall& c) {
  const auto reduction = static_cast<Reduction>(std::get<int64_t>(c.attrs[0]));
  return {nll_loss_backward(c.grad(), c.inputs[1], c.input_metas[0].sizes[1], reduction), {}};
}

}  // namespace

const OpDef ops::nll_loss{
    .id = OpId::nll_loss,
    .torch = "F.nll_loss(log_probs, target, reduction=['none', 'mean', 'sum'][reduction])",
    .category = Category::loss,
    .inputs = {{"log_probs", "N×classes log-probabilities"}, {"target", "N class numbers, int64"}},
    .attrs = {{"reduction", AttrType::integer, int64_t{1}, 0, 2, "0 none, 1 mean, 2 sum."}},
    .infer = infer,
    .saves = {save_input(1), save_nothing()},
    .backward = backward,
    .summary = "Minus the log-probability given to the right class.",
    .formula = R"(y = -\tfrac1N \sum_n x_{n, t_n})",
    .grad_formula = R"(\bar x_{n,c} = -\tfrac1N\,\bar y\,[c = t_n])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({5, 4}, -3, 0, 1), sample::integers({5}, 0, 3, 2)});
          s.add({sample::uniform({5, 4}, -3, 0, 3), sample::integers({5}, 0, 3, 4)},
                Attrs{AttrValue(int64_t{2})});
          s.add({sample::uniform({5, 4}, -3, 0, 5), sample::integers({5}, 0, 3, 6)},
                Attrs{AttrValue(int64_t{0})});
        },
};

Tensor nll_loss(const Tensor& log_probs, const Tensor& target, Reduction r) {
  return call(ops::nll_loss, {log_probs, target}, Attrs{AttrValue(static_cast<int64_t>(r))});
}

}  // namespace gradus
