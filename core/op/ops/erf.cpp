#include <numbers>

#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  return {c.grad() * exp(-(c.inputs[0] * c.inputs[0])) * std::numbers::inv_sqrtpi * 2};
}

}  // namespace

const OpDef ops::erf{
    .id = OpId::erf,
    .torch = "torch.erf(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .has_inplace = true,
    .summary = "The error function.",
    .formula = R"(y = \tfrac2{\sqrt\pi} \int_0^x e^{-t^2} dt)",
    .grad_formula = R"(\bar x = \bar y\,\tfrac2{\sqrt\pi} e^{-x^2})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor erf(const Tensor& x) { return call(ops::erf, {x}); }
Tensor erf_(const Tensor& x) { return call_inplace(ops::erf, {x}); }

}  // namespace gradus
