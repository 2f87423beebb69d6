#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {zeros_like(c.grad())}; }

}  // namespace

const OpDef ops::sign{
    .id = OpId::sign,
    .torch = "torch.sign(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_nothing()},
    .backward = backward,
    .has_inplace = true,
    .summary = "1, -1 or 0: which side of zero.",
    .formula = R"(y = \mathrm{sign}(x))",
    .grad_formula = R"(\bar x = 0)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::integers({2, 3}, -4, 4, 2)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor sign(const Tensor& x) { return call(ops::sign, {x}); }
Tensor sign_(const Tensor& x) { return call_inplace(ops::sign, {x}); }

}  // namespace gradus
