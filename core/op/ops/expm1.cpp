#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * (c.outputs[0] + 1)}; }

}  // namespace

const OpDef ops::expm1{
    .id = OpId::expm1,
    .torch = "torch.expm1(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "e to the power of x, less 1: exact near 0.",
    .formula = R"(y = e^x - 1)",
    .grad_formula = R"(\bar x = \bar y\,(y + 1))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor expm1(const Tensor& x) { return call(ops::expm1, {x}); }
Tensor expm1_(const Tensor& x) { return call_inplace(ops::expm1, {x}); }

}  // namespace gradus
