#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {share_among_equals("min", c)}; }

}  // namespace

const OpDef ops::min{
    .id = OpId::min,
    .torch = "torch.min(x)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::reduce_to_one_of_them,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .grad_name = "MinBackward1",
    .summary = "The smallest of all elements; nan wins.",
    .formula = R"(y = \min_i x_i)",
    .grad_formula = R"(\bar x_i = \bar y\,[x_i = y] / \textstyle\sum_j [x_j = y])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::integers({4, 3}, -9, 9, 5)});
          s.add({sample::values({1.0, NAN, 3.0})});
          s.add({sample::values({3.0, 1.0, 3.0})});
        },
};

Tensor min(const Tensor& x) { return call(ops::min, {x}); }

}  // namespace gradus
