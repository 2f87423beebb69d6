#include "core/op/functions.h"
#include "core/op/index_rules.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Tensor whole = zeros_for_input(c);
  Tensors indices(static_cast<size_t>(wrap_dim("index_select", std::get<int64_t>(c.attrs[0]),
                                               whole.sizes().size())) +
                      1,
                  Tensor());
  indices.back() = reshape(c.inputs[1], Dims{-1});
  return {index_put_(whole, indices, c.grad(), /*accumulate=*/true), Tensor()};
}

}  // namespace

const OpDef ops::index_select{
    .id = OpId::index_select,
    .torch = "torch.index_select(x, dim, index)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"}, {"index", "whole numbers (int64)"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."}},
    .infer = shape::index_select,
    .saves = {save_input(1), save_nothing()},
    .backward = backward,
    .summary = "Slices of a dimension, those that a list of whole numbers says.",
    .formula = R"(y_k = x_{i_k})",
    .grad_formula = R"(\bar x_{i_k} \mathrel{+}= \bar y_k)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 4}, -2, 2, 1), sample::integers({4}, 0, 2, 2)},
                Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({3, 4}, -2, 2, 1), sample::integers({2}, 0, 3, 2)},
                Attrs{AttrValue(int64_t{-1})});
        },
};

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  return call(ops::index_select, {x, index}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
