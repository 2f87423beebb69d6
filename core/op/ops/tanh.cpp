#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {tanh_backward(c.grad(), c.outputs[0])}; }

}  // namespace

const OpDef ops::tanh{
    .id = OpId::tanh,
    .torch = "torch.tanh(x)",
    .category = Category::activation,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The hyperbolic tangent: from -1 to 1.",
    .formula = R"(y = \tanh x)",
    .grad_formula = R"(\bar x = \bar y\,(1 - y^2))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor tanh(const Tensor& x) { return call(ops::tanh, {x}); }
Tensor tanh_(const Tensor& x) { return call_inplace(ops::tanh, {x}); }

}  // namespace gradus
