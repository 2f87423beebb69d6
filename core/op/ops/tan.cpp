#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * (c.outputs[0] * c.outputs[0] + 1)}; }

}  // namespace

const OpDef ops::tan{
    .id = OpId::tan,
    .torch = "torch.tan(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The tangent; x in radians.",
    .formula = R"(y = \tan x)",
    .grad_formula = R"(\bar x = \bar y\,(1 + y^2))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -1.2, 1.2, 1)});
        },
};

Tensor tan(const Tensor& x) { return call(ops::tan, {x}); }
Tensor tan_(const Tensor& x) { return call_inplace(ops::tan, {x}); }

}  // namespace gradus
