#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Dims dims = c.grad().dim() == 0 ? Dims{} : Dims{std::get<int64_t>(c.attrs[0])};
  const Tensor& y = c.outputs[0];
  return {y * (c.grad() - sum(c.grad() * y, dims, /*keepdim=*/true))};
}

}  // namespace

const OpDef ops::softmax{
    .id = OpId::softmax,
    .torch = "torch.softmax(x, dim)",
    .category = Category::activation,
    .inputs = {{"x", "scores (logits)"}},
    .attrs = {{"dim", AttrType::integer, int64_t{-1}, -64, 63, "Dimension of the classes."}},
    .infer = shape::floating_along_dim,
    .saves = {save_output(0)},
    .backward = backward,
    .summary = "The probabilities that scores stand for.",
    .formula = R"(y_i = e^{x_i} / \sum_j e^{x_j})",
    .grad_formula = R"(\bar x_i = y_i\,(\bar y_i - \sum_j \bar y_j y_j))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 10}, -4, 4, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({3, 5, 2}, -4, 4, 2)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({2, 3}, 900, 1000, 3)}, Attrs{AttrValue(int64_t{-1})});
          s.add({sample::values({0.0, 1.0, -INFINITY})}, Attrs{AttrValue(int64_t{0})});
        },
};

Tensor softmax(const Tensor& x, int64_t dim) {
  return call(ops::softmax, {x}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
