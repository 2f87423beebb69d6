#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * sinh(c.inputs[0])}; }

}  // namespace

const OpDef ops::cosh{
    .id = OpId::cosh,
    .torch = "torch.cosh(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The hyperbolic cosine.",
    .formula = R"(y = \cosh x)",
    .grad_formula = R"(\bar x = \bar y \sinh x)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor cosh(const Tensor& x) { return call(ops::cosh, {x}); }
Tensor cosh_(const Tensor& x) { return call_inplace(ops::cosh, {x}); }

}  // namespace gradus
