#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {spread_reduced_grad("sum", c)}; }

}  // namespace

const OpDef ops::sum{
    .id = OpId::sum,
    .torch = "torch.sum(x, dims or tuple(range(x.dim())), keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "Dimensions to reduce; none means all."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep them, with size 1."}},
    .infer = shape::reduce,
    .saves = {save_nothing()},
    .backward = backward,
    .overload = [](const Attrs& attrs) { return std::get<Dims>(attrs[0]).empty() ? 0 : 1; },
    .summary = "Adds up all elements, or those along some dimensions.",
    .formula = R"(y = \sum_i x_i)",
    .grad_formula = R"(\bar x_i = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{0})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 3)}, Attrs{AttrValue(Dims{1}), AttrValue(true)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 4)}, Attrs{AttrValue(Dims{-1, 0})});
          s.add({gradus::t(sample::uniform({30, 70}, -2, 2, 5))}, Attrs{AttrValue(Dims{0})});
          s.add({sample::uniform({0, 3}, -2, 2, 6)}, Attrs{AttrValue(Dims{0})});
          s.add({sample::integers({4, 3}, -9, 9, 7)}, Attrs{AttrValue(Dims{1})});
        },
};

Tensor sum(const Tensor& x, DimsView dims, bool keepdim) {
  return call(ops::sum, {x}, Attrs{AttrValue(Dims(dims)), AttrValue(keepdim)});
}

}  // namespace gradus
