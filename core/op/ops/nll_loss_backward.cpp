#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_floating_point(call, 0);
  const int64_t classes = std::get<int64_t>(call.attrs[0]);
  const bool each = std::get<int64_t>(call.attrs[1]) == 0;
  const Tensor& grad = call.input(0);
  if (each ? grad.sizes() != call.input(1).sizes() : grad.numel() != 1) {
    fail(call.op, "a gradient of shape {} does not fit {}", to_prose(grad.sizes()),
         each ? "targets of shape " + to_prose(call.input(1).sizes()) : "one loss");
  }
  outputs.push_back({.meta = {Dims{call.input(1).size(0), classes}, call.input(0).dtype()}});
}

Tensors backward(const BackwardCall& c) {
  const auto reduction = static_cast<Reduction>(std::get<int64_t>(c.attrs[1]));
  return {nll_loss(c.grad(), c.inputs[1], reduction), {}};
}

}  // namespace

const OpDef ops::nll_loss_backward{
    .id = OpId::nll_loss_backward,
    .torch = "nll_loss_backward(grad, target, classes, reduction)",
    .category = Category::loss,
    .inputs = {{"grad", "gradient of the loss"}, {"target", "N class numbers, int64"}},
    .attrs = {{"classes", AttrType::integer, {}, 1, 1e9, "Number of classes."},
              {"reduction", AttrType::integer, int64_t{1}, 0, 2, "0 none, 1 mean, 2 sum."}},
    .infer = infer,
    .saves = {save_input(1), save_nothing()},
    .backward = backward,
    .summary = "The gradient of nll_loss: non-zero at the right class only.",
    .formula = R"(y_{n,c} = -\tfrac1N\, g\,[c = t_n])",
    .grad_formula = R"(\bar g = -\tfrac1N \sum_n \bar y_{n, t_n})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({}, -3, 0, 1), sample::integers({5}, 0, 3, 2)},
                Attrs{AttrValue(int64_t{4})});
          s.add({sample::uniform({5}, -3, 0, 3), sample::integers({5}, 0, 3, 4)},
                Attrs{AttrValue(int64_t{4}), AttrValue(int64_t{0})});
        },
};

Tensor nll_loss_backward(const Tensor& grad, const Tensor& target, int64_t classes, Reduction r) {
  return call(ops::nll_loss_backward, {grad, target},
              Attrs{AttrValue(classes), AttrValue(static_cast<int64_t>(r))});
}

}  // namespace gradus
