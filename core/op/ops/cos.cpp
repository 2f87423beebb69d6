#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * -sin(c.inputs[0])}; }

}  // namespace

const OpDef ops::cos{
    .id = OpId::cos,
    .torch = "torch.cos(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "Cosine of an angle in radians.",
    .formula = R"(y = \cos x)",
    .grad_formula = R"(\bar x = -\bar y \sin x)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -4, 4, 1)});
          s.add({sample::values({0.0, -0.0, NAN})});
        },
};

Tensor cos(const Tensor& x) { return call(ops::cos, {x}); }
Tensor cos_(const Tensor& x) { return call_inplace(ops::cos, {x}); }

}  // namespace gradus
