#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {sigmoid_backward(c.grad(), c.outputs[0])}; }

}  // namespace

const OpDef ops::sigmoid{
    .id = OpId::sigmoid,
    .torch = "torch.sigmoid(x)",
    .category = Category::activation,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The logistic function: from 0 to 1.",
    .formula = R"(y = \frac1{1 + e^{-x}})",
    .grad_formula = R"(\bar x = \bar y\, y\,(1 - y))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -4, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor sigmoid(const Tensor& x) { return call(ops::sigmoid, {x}); }
Tensor sigmoid_(const Tensor& x) { return call_inplace(ops::sigmoid, {x}); }

}  // namespace gradus
