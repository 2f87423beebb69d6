#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = -c.grad();
  if (c.needs_grad(1)) grads[1] = c.grad();
  return grads;
}

}  // namespace

const OpDef ops::rsub{
    .id = OpId::rsub,
    .torch = "torch.rsub(a, b)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast,
    .saves = {save_nothing(), save_nothing()},
    .backward = backward,
    .grad_name = "RsubBackward1",
    .dtypes = Dtypes::promoted,
    .takes_bool = false,
    .summary = "The second less the first: what 1 - x is.",
    .formula = R"(y = b - a)",
    .grad_formula = R"(\bar a = -\bar y,\quad \bar b = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2)});
          s.add({sample::uniform({5, 1, 4}, -1, 1, 3), sample::uniform({3, 1}, -1, 1, 4)});
          s.add({sample::integers({4, 3}, -9, 9, 5), sample::integers({3}, -9, 9, 6)});
          s.add({sample::values({0.0, -0.0, INFINITY, NAN, 1.0}),
                 sample::values({1.0, 0.0, -INFINITY, 1.0, NAN})});
        },
};

Tensor rsub(const Tensor& a, const Tensor& b) { return call(ops::rsub, {a, b}); }

}  // namespace gradus
