#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {-c.grad() * c.outputs[0] * c.outputs[0]}; }

}  // namespace

const OpDef ops::reciprocal{
    .id = OpId::reciprocal,
    .torch = "torch.reciprocal(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "One over x.",
    .formula = R"(y = 1 / x)",
    .grad_formula = R"(\bar x = -\bar y\, y^2)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.5, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor reciprocal(const Tensor& x) { return call(ops::reciprocal, {x}); }
Tensor reciprocal_(const Tensor& x) { return call_inplace(ops::reciprocal, {x}); }

}  // namespace gradus
