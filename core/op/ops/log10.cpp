#include <numbers>

#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() / (c.inputs[0] * std::numbers::ln10)}; }

}  // namespace

const OpDef ops::log10{
    .id = OpId::log10,
    .torch = "torch.log10(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The logarithm to base 10.",
    .formula = R"(y = \log_{10} x)",
    .grad_formula = R"(\bar x = \bar y / (x \ln 10))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.1, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor log10(const Tensor& x) { return call(ops::log10, {x}); }
Tensor log10_(const Tensor& x) { return call_inplace(ops::log10, {x}); }

}  // namespace gradus
