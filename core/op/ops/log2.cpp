#include <numbers>

#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() / (c.inputs[0] * std::numbers::ln2)}; }

}  // namespace

const OpDef ops::log2{
    .id = OpId::log2,
    .torch = "torch.log2(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The logarithm to base 2.",
    .formula = R"(y = \log_2 x)",
    .grad_formula = R"(\bar x = \bar y / (x \ln 2))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.1, 4, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor log2(const Tensor& x) { return call(ops::log2, {x}); }
Tensor log2_(const Tensor& x) { return call_inplace(ops::log2, {x}); }

}  // namespace gradus
