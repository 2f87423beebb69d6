#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

// Where the two are equal, each gets half.
Tensor share(const BackwardCall& c, const Tensor& a, const Tensor& b) {
  const Tensor grad = where(eq(a, b), c.grad() / 2, c.grad());
  return masked_fill(grad, lt(a, b), 0);
}

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = share(c, c.inputs[0], c.inputs[1]);
  if (c.needs_grad(1)) grads[1] = share(c, c.inputs[1], c.inputs[0]);
  return grads;
}

}  // namespace

const OpDef ops::maximum{
    .id = OpId::maximum,
    .torch = "torch.maximum(a, b)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast,
    .saves = {Saves{.inputs = 0b11}, Saves{.inputs = 0b11}},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .summary = "The larger of the two; nan wins.",
    .formula = R"(y = \max(a, b))",
    .grad_formula = R"(\bar a = \bar y\,[a > b],\quad \bar b = \bar y\,[b > a])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2)});
          s.add({sample::uniform({5, 1, 4}, -1, 1, 3), sample::uniform({3, 1}, -1, 1, 4)});
          s.add({sample::integers({4, 3}, -9, 9, 5), sample::integers({3}, -9, 9, 6)});
          s.add({sample::values({0.0, -0.0, INFINITY, NAN, 1.0}),
                 sample::values({1.0, 0.0, -INFINITY, 1.0, NAN})});
        },
};

Tensor maximum(const Tensor& a, const Tensor& b) { return call(ops::maximum, {a, b}); }

}  // namespace gradus
