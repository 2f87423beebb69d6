#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * cos(c.inputs[0])}; }

}  // namespace

const OpDef ops::sin{
    .id = OpId::sin,
    .torch = "torch.sin(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "Sine of an angle in radians.",
    .formula = R"(y = \sin x)",
    .grad_formula = R"(\bar x = \bar y \cos x)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -4, 4, 1)});
          s.add({sample::values({0.0, -0.0, NAN})});
        },
};

Tensor sin(const Tensor& x) { return call(ops::sin, {x}); }
Tensor sin_(const Tensor& x) { return call_inplace(ops::sin, {x}); }

}  // namespace gradus
