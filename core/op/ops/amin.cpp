#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {share_among_equals("amin", c)}; }

}  // namespace

const OpDef ops::amin{
    .id = OpId::amin,
    .torch = "torch.amin(x, dims or tuple(range(x.dim())), keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "Dimensions to reduce; none means all."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = shape::reduce_to_one_of_them,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .summary = "The smallest of all elements, or of those along some dimensions; nan wins.",
    .formula = R"(y = \min_i x_i)",
    .grad_formula = R"(\bar x_i = \bar y\,[x_i = y] / \textstyle\sum_j [x_j = y])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{0})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 3)},
                Attrs{AttrValue(Dims{1, 2}), AttrValue(true)});
          s.add({gradus::t(sample::uniform({5, 7}, -2, 2, 4))}, Attrs{AttrValue(Dims{-1})});
          s.add({sample::integers({4, 3}, -9, 9, 5)}, Attrs{AttrValue(Dims{1})});
          s.add({sample::values({1.0, NAN, 3.0})}, Attrs{AttrValue(Dims{0})});
          s.add({sample::values({3.0, 1.0, 3.0})});
        },
};

Tensor amin(const Tensor& x, DimsView dims, bool keepdim) {
  return call(ops::amin, {x}, Attrs{AttrValue(Dims(dims)), AttrValue(keepdim)});
}

}  // namespace gradus
