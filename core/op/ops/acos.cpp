#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  return {-c.grad() * rsqrt(1 - c.inputs[0] * c.inputs[0])};
}

}  // namespace

const OpDef ops::acos{
    .id = OpId::acos,
    .torch = "torch.acos(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The angle whose cosine is x, in radians.",
    .formula = R"(y = \arccos x)",
    .grad_formula = R"(\bar x = -\bar y / \sqrt{1 - x^2})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -0.9, 0.9, 1)});
          s.add({sample::values({0.0, -0.0, 1.0, -1.0, 1.5, NAN})});
        },
};

Tensor acos(const Tensor& x) { return call(ops::acos, {x}); }
Tensor acos_(const Tensor& x) { return call_inplace(ops::acos, {x}); }

}  // namespace gradus
