#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad() * c.inputs[1];
  if (c.needs_grad(1)) grads[1] = c.grad() * c.inputs[0];
  return grads;
}

}  // namespace

const OpDef ops::mul{
    .id = OpId::mul,
    .torch = "torch.mul(a, b)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast,
    .saves = {save_input(1), save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .has_inplace = true,
    .summary = "Multiplies, element by element.",
    .formula = R"(y = a\, b)",
    .grad_formula = R"(\bar a = \bar y\, b,\quad \bar b = \bar y\, a)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2)});
          s.add({sample::uniform({5, 1, 4}, -1, 1, 3), sample::uniform({3, 1}, -1, 1, 4)});
          s.add({sample::integers({4, 3}, -9, 9, 5), sample::integers({3}, -9, 9, 6)});
          s.add({sample::values({0.0, -0.0, INFINITY, NAN}), sample::values({1.0, 2.0, 0.0, 1.0})});
        },
};

Tensor mul(const Tensor& a, const Tensor& b) { return call(ops::mul, {a, b}); }
Tensor mul_(const Tensor& a, const Tensor& b) { return call_inplace(ops::mul, {a, b}); }

}  // namespace gradus
