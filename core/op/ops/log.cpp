#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() / c.inputs[0]}; }

}  // namespace

const OpDef ops::log{
    .id = OpId::log,
    .torch = "torch.log(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The natural logarithm.",
    .formula = R"(y = \ln x)",
    .grad_formula = R"(\bar x = \bar y / x)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.1, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor log(const Tensor& x) { return call(ops::log, {x}); }
Tensor log_(const Tensor& x) { return call_inplace(ops::log, {x}); }

}  // namespace gradus
