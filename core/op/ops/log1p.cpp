#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() / (c.inputs[0] + 1)}; }

}  // namespace

const OpDef ops::log1p{
    .id = OpId::log1p,
    .torch = "torch.log1p(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The logarithm of 1 + x: exact near 0.",
    .formula = R"(y = \ln(1 + x))",
    .grad_formula = R"(\bar x = \bar y / (1 + x))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -0.9, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor log1p(const Tensor& x) { return call(ops::log1p, {x}); }
Tensor log1p_(const Tensor& x) { return call_inplace(ops::log1p, {x}); }

}  // namespace gradus
