#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const size_t rank = x.sizes().size();
  Dims sizes = x.sizes();
  Dims strides = x.strides();
  const auto a = static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), rank));
  const auto b = static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[1]), rank));
  if (rank > 0) {
    std::swap(sizes[a], sizes[b]);
    std::swap(strides[a], strides[b]);
  }
  outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset()});
}

Tensors backward(const BackwardCall& c) {
  return {transpose(c.grad(), std::get<int64_t>(c.attrs[0]), std::get<int64_t>(c.attrs[1]))};
}

}  // namespace

const OpDef ops::transpose{
    .id = OpId::transpose,
    .torch = "torch.transpose(x, dim0, dim1)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dim0", AttrType::integer, {}, -64, 63, "One of them."},
              {"dim1", AttrType::integer, {}, -64, 63, "The other."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Swaps two dimensions; nothing is copied.",
    .formula = R"(y_{\dots j \dots i \dots} = x_{\dots i \dots j \dots})",
    .grad_formula = R"(\bar x = \bar y^T)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3, 4}, -2, 2, 1)},
                Attrs{AttrValue(int64_t{0}), AttrValue(int64_t{-1})});
          s.add({sample::uniform({2, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{1}), AttrValue(int64_t{1})});
          s.add({Tensor::scalar(2)}, Attrs{AttrValue(int64_t{0}), AttrValue(int64_t{-1})});
        },
};

Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  return call(ops::transpose, {x}, Attrs{AttrValue(dim0), AttrValue(dim1)});
}

}  // namespace gradus
