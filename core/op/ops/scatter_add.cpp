#include "core/op/functions.h"
#include "core/op/index_rules.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  Tensors grads(3, Tensor());
  if (c.needs_grad(0)) grads[0] = c.grad();
  if (c.needs_grad(2)) grads[2] = grad_of_source(c, std::get<int64_t>(c.attrs[0]));
  return grads;
}

}  // namespace

const OpDef ops::scatter_add{
    .id = OpId::scatter_add,
    .torch = "torch.scatter_add(x, dim, index, src)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"},
               {"index", "whole numbers (int64)"},
               {"src", "what is put there, one for each place"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."}},
    .infer = shape::scatter,
    .saves = {save_nothing(), save_nothing(), save_input(1)},
    .backward = backward,
    .has_inplace = true,
    .summary = "Adds along a dimension, each at a place of its own.",
    .formula = R"(y_{k_{ij} j} \mathrel{+}= s_{ij})",
    .grad_formula = R"(\bar x = \bar y,\quad \bar s_{ij} = \bar y_{k_{ij} j})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 3}, -2, 2, 1), sample::integers({2, 3}, 0, 2, 2),
                 sample::uniform({2, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({3, 4}, -2, 2, 1), sample::integers({3, 2}, 0, 3, 2),
                 sample::uniform({3, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{1})});
        },
};

Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return call(ops::scatter_add, {x, index, src}, Attrs{AttrValue(dim)});
}
Tensor scatter_add_(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return call_inplace(ops::scatter_add, {x, index, src}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
