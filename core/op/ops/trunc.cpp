#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {zeros_like(c.grad())}; }

}  // namespace

const OpDef ops::trunc{
    .id = OpId::trunc,
    .torch = "torch.trunc(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_nothing()},
    .backward = backward,
    .takes_bool = false,
    .has_inplace = true,
    .summary = "Towards zero, to a whole number.",
    .formula = R"(y = \mathrm{trunc}(x))",
    .grad_formula = R"(\bar x = 0)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::integers({2, 3}, -4, 4, 2)});
          s.add({sample::values({0.5, -0.5, 1.5, 2.5, -0.0, 1e10, INFINITY, NAN})});
        },
};

Tensor trunc(const Tensor& x) { return call(ops::trunc, {x}); }
Tensor trunc_(const Tensor& x) { return call_inplace(ops::trunc, {x}); }

}  // namespace gradus
