#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() / (c.outputs[0] * 2)}; }

}  // namespace

const OpDef ops::sqrt{
    .id = OpId::sqrt,
    .torch = "torch.sqrt(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The square root.",
    .formula = R"(y = \sqrt{x})",
    .grad_formula = R"(\bar x = \bar y / (2y))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.1, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor sqrt(const Tensor& x) { return call(ops::sqrt, {x}); }
Tensor sqrt_(const Tensor& x) { return call_inplace(ops::sqrt, {x}); }

}  // namespace gradus
