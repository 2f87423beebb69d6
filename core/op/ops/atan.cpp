#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() / (c.inputs[0] * c.inputs[0] + 1)}; }

}  // namespace

const OpDef ops::atan{
    .id = OpId::atan,
    .torch = "torch.atan(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The angle whose tangent is x, in radians.",
    .formula = R"(y = \arctan x)",
    .grad_formula = R"(\bar x = \bar y / (1 + x^2))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -4, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor atan(const Tensor& x) { return call(ops::atan, {x}); }
Tensor atan_(const Tensor& x) { return call_inplace(ops::atan, {x}); }

}  // namespace gradus
