#include <numbers>

#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * c.outputs[0] * std::numbers::ln2}; }

}  // namespace

const OpDef ops::exp2{
    .id = OpId::exp2,
    .torch = "torch.exp2(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "2 to the power of x.",
    .formula = R"(y = 2^x)",
    .grad_formula = R"(\bar x = \bar y\, y \ln 2)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor exp2(const Tensor& x) { return call(ops::exp2, {x}); }
Tensor exp2_(const Tensor& x) { return call_inplace(ops::exp2, {x}); }

}  // namespace gradus
