#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {-c.grad()}; }

}  // namespace

const OpDef ops::neg{
    .id = OpId::neg,
    .torch = "torch.neg(x)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_nothing()},
    .backward = backward,
    .takes_bool = false,
    .has_inplace = true,
    .summary = "Changes the sign.",
    .formula = R"(y = -x)",
    .grad_formula = R"(\bar x = -\bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::integers({5}, -9, 9, 2)});
        },
};

Tensor neg(const Tensor& x) { return call(ops::neg, {x}); }
Tensor neg_(const Tensor& x) { return call_inplace(ops::neg, {x}); }

}  // namespace gradus
