#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad() * sign(c.inputs[0])}; }

}  // namespace

const OpDef ops::abs{
    .id = OpId::abs,
    .torch = "torch.abs(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_input(0)},
    .backward = backward,
    .has_inplace = true,
    .summary = "The size of a number, without its sign.",
    .formula = R"(y = |x|)",
    .grad_formula = R"(\bar x = \bar y\,\mathrm{sign}(x))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::integers({2, 3}, -4, 4, 2)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor abs(const Tensor& x) { return call(ops::abs, {x}); }
Tensor abs_(const Tensor& x) { return call_inplace(ops::abs, {x}); }

}  // namespace gradus
