#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {zeros_like(c.grad())}; }

}  // namespace

const OpDef ops::round{
    .id = OpId::round,
    .torch = "torch.round(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_nothing()},
    .backward = backward,
    .takes_bool = false,
    .has_inplace = true,
    .summary = "To the nearest whole number; halves to the even one.",
    .formula = R"(y = \mathrm{round}(x))",
    .grad_formula = R"(\bar x = 0)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::integers({2, 3}, -4, 4, 2)});
          s.add({sample::values({0.5, -0.5, 1.5, 2.5, -0.0, 1e10, INFINITY, NAN})});
        },
};

Tensor round(const Tensor& x) { return call(ops::round, {x}); }
Tensor round_(const Tensor& x) { return call_inplace(ops::round, {x}); }

}  // namespace gradus
