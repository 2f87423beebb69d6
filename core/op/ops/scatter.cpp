#include "core/op/functions.h"
#include "core/op/index_rules.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Tensor& index = c.inputs[1];
  Tensors grads(3, Tensor());
  if (c.needs_grad(0))
    grads[0] = scatter(c.grad(), std::get<int64_t>(c.attrs[0]), index,
                       zeros(index.sizes(), c.grad().dtype(), c.grad().device()));
  if (c.needs_grad(2)) grads[2] = grad_of_source(c, std::get<int64_t>(c.attrs[0]));
  return grads;
}

}  // namespace

const OpDef ops::scatter{
    .id = OpId::scatter,
    .torch = "torch.scatter(x, dim, index, src)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"},
               {"index", "whole numbers (int64)"},
               {"src", "what is put there, one for each place"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."}},
    .infer = shape::scatter,
    .saves = {save_input(1), save_nothing(), save_input(1)},
    .backward = backward,
    .has_inplace = true,
    .summary = "Overwrites along a dimension, each at a place of its own.",
    .formula = R"(y_{k_{ij} j} \leftarrow s_{ij})",
    .grad_formula = R"(\bar s_{ij} = \bar y_{k_{ij} j})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 3}, -2, 2, 1),
                 gradus::to(gradus::view(sample::values({0, 2, 1, 1, 0, 2}), Dims{2, 3}),
                            DType::int64),
                 sample::uniform({2, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{0})});
        },
};

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return call(ops::scatter, {x, index, src}, Attrs{AttrValue(dim)});
}
Tensor scatter_(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return call_inplace(ops::scatter, {x, index, src}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
