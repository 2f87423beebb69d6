#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {c.grad()}; }

}  // namespace

const OpDef ops::clone{
    .id = OpId::clone,
    .torch = "torch.clone(x)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .infer = shape::same_as_input,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "A copy that shares no memory.",
    .formula = R"(y = x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({gradus::t(sample::uniform({2, 3}, -2, 2, 2))});
          s.add({sample::integers({2, 3}, -9, 9, 3)});
        },
};

Tensor clone(const Tensor& x) { return call(ops::clone, {x}); }

}  // namespace gradus
