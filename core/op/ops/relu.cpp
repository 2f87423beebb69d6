#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {threshold_backward(c.grad(), c.outputs[0])}; }

}  // namespace

const OpDef ops::relu{
    .id = OpId::relu,
    .torch = "torch.relu(x)",
    .category = Category::activation,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_as_input,
    .saves = {save_output(0)},
    .backward = backward,
    .takes_bool = false,
    .has_inplace = true,
    .summary = "Keeps what is positive; all else becomes 0.",
    .formula = R"(y = \max(x, 0))",
    .grad_formula = R"(\bar x = \bar y\,[y > 0])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::values({0.0, -0.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor relu(const Tensor& x) { return call(ops::relu, {x}); }
Tensor relu_(const Tensor& x) { return call_inplace(ops::relu, {x}); }

}  // namespace gradus
