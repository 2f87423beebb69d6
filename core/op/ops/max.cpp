#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {share_among_equals("max", c)}; }

}  // namespace

const OpDef ops::max{
    .id = OpId::max,
    .torch = "torch.max(x)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::reduce_to_one_of_them,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .grad_name = "MaxBackward1",
    .summary = "The largest of all elements; nan wins.",
    .formula = R"(y = \max_i x_i)",
    .grad_formula = R"(\bar x_i = \bar y\,[x_i = y] / \textstyle\sum_j [x_j = y])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::integers({4, 3}, -9, 9, 5)});
          s.add({sample::values({1.0, NAN, 3.0})});
          s.add({sample::values({3.0, 1.0, 3.0})});
        },
};

Tensor max(const Tensor& x) { return call(ops::max, {x}); }

}  // namespace gradus
