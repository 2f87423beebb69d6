#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const double alpha = std::get<double>(c.attrs[0]);
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad();
  if (c.needs_grad(1)) grads[1] = alpha == 1.0 ? c.grad() : c.grad() * alpha;
  return grads;
}

}  // namespace

const OpDef ops::add{
    .id = OpId::add,
    .torch = "torch.add(a, b, alpha=alpha)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .attrs = {{"alpha", AttrType::real, 1.0, -1e30, 1e30, "Factor of the second input."}},
    .infer = shape::broadcast_with_alpha,
    .saves = {save_nothing(), save_nothing()},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .has_inplace = true,
    .summary = "Adds, element by element.",
    .formula = R"(y = a + \alpha\, b)",
    .grad_formula = R"(\bar a = \bar y,\quad \bar b = \alpha\,\bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2)});
          s.add({sample::uniform({8, 1, 6, 1}, -1, 1, 3), sample::uniform({7, 1, 5}, -1, 1, 4)},
                Attrs{AttrValue(-0.5)});
          s.add({sample::integers({4, 3}, -9, 9, 5), sample::integers({3}, -9, 9, 6)});
          s.add({sample::values({0.0, -0.0, INFINITY, NAN}),
                 sample::values({1.0, 0.0, -INFINITY, 1.0})});
        },
};

Tensor add(const Tensor& a, const Tensor& b, double alpha) {
  return call(ops::add, {a, b}, Attrs{AttrValue(alpha)});
}
Tensor add_(const Tensor& a, const Tensor& b, double alpha) {
  return call_inplace(ops::add, {a, b}, Attrs{AttrValue(alpha)});
}

}  // namespace gradus
