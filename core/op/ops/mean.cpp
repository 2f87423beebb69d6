#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_floating_point(call, 0);
  shape::reduce(call, outputs);
}

Tensors backward(const BackwardCall& c) {
  const double count = static_cast<double>(numel(c.input_metas[0].sizes)) /
                       static_cast<double>(c.grad().numel() ? c.grad().numel() : 1);
  return {spread_reduced_grad("mean", c) / count};
}

}  // namespace

const OpDef ops::mean{
    .id = OpId::mean,
    .torch = "torch.mean(x, dims or tuple(range(x.dim())), keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "floating-point numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "Dimensions to reduce; none means all."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep them, with size 1."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .overload = [](const Attrs& attrs) { return std::get<Dims>(attrs[0]).empty() ? 0 : 1; },
    .summary = "The average of all elements, or of those along some dimensions.",
    .formula = R"(y = \tfrac1n \sum_i x_i)",
    .grad_formula = R"(\bar x_i = \bar y / n)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{0, 2})});
          s.add({sample::uniform({2, 3}, -2, 2, 3)}, Attrs{AttrValue(Dims{-1}), AttrValue(true)});
        },
};

Tensor mean(const Tensor& x, DimsView dims, bool keepdim) {
  return call(ops::mean, {x}, Attrs{AttrValue(Dims(dims)), AttrValue(keepdim)});
}

}  // namespace gradus
