#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * cosh(c.inputs[0])}; }

}  // namespace

const OpDef ops::sinh{
    .id = OpId::sinh,
    .torch = "torch.sinh(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The hyperbolic sine.",
    .formula = R"(y = \sinh x)",
    .grad_formula = R"(\bar x = \bar y \cosh x)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor sinh(const Tensor& x) { return call(ops::sinh, {x}); }
Tensor sinh_(const Tensor& x) { return call_inplace(ops::sinh, {x}); }

}  // namespace gradus
