#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * c.outputs[0]}; }

}  // namespace

const OpDef ops::exp{
    .id = OpId::exp,
    .torch = "torch.exp(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "e to the power of x.",
    .formula = R"(y = e^x)",
    .grad_formula = R"(\bar x = \bar y\, y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -4, 4, 1)});
          s.add({sample::uniform({7}, -87, 88, 2)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor exp(const Tensor& x) { return call(ops::exp, {x}); }
Tensor exp_(const Tensor& x) { return call_inplace(ops::exp, {x}); }

}  // namespace gradus
