#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {threshold_backward(c.grad(), c.outputs[0])}; }

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_floating_point(call, 0);
  shape::same_as_input(call, outputs);
}

}  // namespace

const OpDef ops::relu{
    .id = OpId::relu,
    .torch = "torch.relu(x)",
    .category = Category::activation,
    .inputs = {{"x", "floating-point numbers"}},
    .infer = infer,
    .saves = {save_output(0)},
    .backward = backward,
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

}  // namespace gradus
