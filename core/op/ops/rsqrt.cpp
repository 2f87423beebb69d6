#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * -0.5 * pow(c.outputs[0], 3)}; }

}  // namespace

const OpDef ops::rsqrt{
    .id = OpId::rsqrt,
    .torch = "torch.rsqrt(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "One over the square root.",
    .formula = R"(y = 1 / \sqrt{x})",
    .grad_formula = R"(\bar x = -\tfrac12 \bar y\, y^3)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.1, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor rsqrt(const Tensor& x) { return call(ops::rsqrt, {x}); }
Tensor rsqrt_(const Tensor& x) { return call_inplace(ops::rsqrt, {x}); }

}  // namespace gradus
