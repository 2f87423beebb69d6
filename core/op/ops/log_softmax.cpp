#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const int64_t dim = std::get<int64_t>(c.attrs[0]);
  const Dims dims = c.grad().dim() == 0 ? Dims{} : Dims{dim};
  return {c.grad() - exp(c.outputs[0]) * sum(c.grad(), dims, /*keepdim=*/true)};
}

}  // namespace

const OpDef ops::log_softmax{
    .id = OpId::log_softmax,
    .torch = "torch.log_softmax(x, dim)",
    .category = Category::activation,
    .inputs = {{"x", "scores (logits)"}},
    .attrs = {{"dim", AttrType::integer, int64_t{-1}, -64, 63, "Dimension of the classes."}},
    .infer = shape::floating_along_dim,
    .saves = {save_output(0)},
    .backward = backward,
    .summary = "Logarithm of the probabilities that scores stand for.",
    .formula = R"(y_i = x_i - \log \sum_j e^{x_j})",
    .grad_formula = R"(\bar x_i = \bar y_i - e^{y_i} \sum_j \bar y_j)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 10}, -4, 4, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({3, 5, 2}, -4, 4, 2)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({2, 3}, 900, 1000, 3)}, Attrs{AttrValue(int64_t{-1})});
          s.add({sample::values({0.0, 1.0, -INFINITY})}, Attrs{AttrValue(int64_t{0})});
        },
};

Tensor log_softmax(const Tensor& x, int64_t dim) {
  return call(ops::log_softmax, {x}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
