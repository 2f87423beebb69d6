#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const double alpha = std::get<double>(c.attrs[0]);
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad();
  if (c.needs_grad(1)) grads[1] = alpha == 1.0 ? -c.grad() : c.grad() * -alpha;
  return grads;
}

}  // namespace

const OpDef ops::sub{
    .id = OpId::sub,
    .torch = "torch.sub(a, b, alpha=alpha)",
    .category = Category::arithmetic,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .attrs = {{"alpha", AttrType::real, 1.0, -1e30, 1e30, "Factor of the second input."}},
    .infer = shape::broadcast_with_alpha,
    .saves = {save_nothing(), save_nothing()},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .takes_bool = false,
    .has_inplace = true,
    .summary = "Subtracts, element by element.",
    .formula = R"(y = a - \alpha\, b)",
    .grad_formula = R"(\bar a = \bar y,\quad \bar b = -\alpha\,\bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({3}, -2, 2, 2)});
          s.add({sample::uniform({4, 1}, -1, 1, 3), sample::uniform({1, 5}, -1, 1, 4)},
                Attrs{AttrValue(2.5)});
          s.add({sample::integers({4, 3}, -9, 9, 5), sample::integers({4, 1}, -9, 9, 6)});
        },
};

Tensor sub(const Tensor& a, const Tensor& b, double alpha) {
  return call(ops::sub, {a, b}, Attrs{AttrValue(alpha)});
}
Tensor sub_(const Tensor& a, const Tensor& b, double alpha) {
  return call_inplace(ops::sub, {a, b}, Attrs{AttrValue(alpha)});
}

}  // namespace gradus
