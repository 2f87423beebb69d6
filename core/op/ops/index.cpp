#include "core/op/functions.h"
#include "core/op/index_rules.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Tensor whole = zeros_for_input(c);
  index_put_(whole, c.inputs.subspan(1), c.grad(), /*accumulate=*/true);
  Tensors grads(c.inputs.size(), Tensor());
  grads[0] = whole;
  return grads;
}

}  // namespace

const OpDef ops::index{
    .id = OpId::index,
    .torch = "index(x, indices)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"},
               {"indices", "whole numbers, for each dimension; none for all of it", true}},
    .infer = shape::index,
    .saves = {Saves{.inputs = 0x1fe}, save_nothing()},
    .backward = backward,
    .variadic = true,
    .summary = "Elements at places that tensors of whole numbers say.",
    .formula = R"(y_k = x_{i_k j_k})",
    .grad_formula = R"(\bar x_{i_k j_k} \mathrel{+}= \bar y_k)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 4}, -2, 2, 1), sample::integers({5}, -3, 2, 2)});
        },
};

Tensor index(const Tensor& x, std::span<const Tensor> indices) {
  Tensors inputs{x};
  for (const Tensor& each : indices) inputs.push_back(each);
  return std::move(call_all(ops::index, inputs)[0]);
}

}  // namespace gradus
