#include "core/op/functions.h"
#include "core/op/index_rules.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Tensor whole = zeros_for_input(c);
  return {scatter_add(whole, std::get<int64_t>(c.attrs[0]), c.inputs[1], c.grad()), Tensor()};
}

}  // namespace

const OpDef ops::gather{
    .id = OpId::gather,
    .torch = "torch.gather(x, dim, index)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"}, {"index", "whole numbers (int64)"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."}},
    .infer = shape::gather,
    .saves = {save_input(1), save_nothing()},
    .backward = backward,
    .summary = "Picks along a dimension, for each place of its own.",
    .formula = R"(y_{ij} = x_{k_{ij} j})",
    .grad_formula = R"(\bar x_{k_{ij} j} \mathrel{+}= \bar y_{ij})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 4}, -2, 2, 1), sample::integers({2, 4}, 0, 2, 2)},
                Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({3, 4}, -2, 2, 1), sample::integers({3, 2}, 0, 3, 2)},
                Attrs{AttrValue(int64_t{-1})});
        },
};

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) {
  return call(ops::gather, {x, index}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
