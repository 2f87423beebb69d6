#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  return {c.grad() * rsqrt(1 - c.inputs[0] * c.inputs[0])};
}

}  // namespace

const OpDef ops::asin{
    .id = OpId::asin,
    .torch = "torch.asin(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The angle whose sine is x, in radians.",
    .formula = R"(y = \arcsin x)",
    .grad_formula = R"(\bar x = \bar y / \sqrt{1 - x^2})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -0.9, 0.9, 1)});
          s.add({sample::values({0.0, -0.0, 1.0, -1.0, 1.5, NAN})});
        },
};

Tensor asin(const Tensor& x) { return call(ops::asin, {x}); }
Tensor asin_(const Tensor& x) { return call_inplace(ops::asin, {x}); }

}  // namespace gradus
