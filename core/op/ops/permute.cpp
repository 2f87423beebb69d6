#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const Dims& dims = std::get<Dims>(call.attrs[0]);
  const size_t rank = x.sizes().size();
  if (dims.size() != rank) {
    fail(call.op, "needs each of the {} dimensions of {} once, got {}", rank, to_prose(x.sizes()),
         to_string(dims));
  }
  Dims sizes;
  Dims strides;
  Dims seen(rank, 0);
  for (int64_t dim : dims) {
    const auto at = static_cast<size_t>(wrap_dim(call.op, dim, rank));
    if (seen[at]++) fail(call.op, "dimension {} appears twice in {}", dim, to_string(dims));
    sizes.push_back(x.sizes()[at]);
    strides.push_back(x.strides()[at]);
  }
  outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset()});
}

Tensors backward(const BackwardCall& c) {
  const Dims& dims = std::get<Dims>(c.attrs[0]);
  Dims back(dims.size(), 0);
  for (size_t i = 0; i < dims.size(); ++i) {
    back[static_cast<size_t>(wrap_dim("permute", dims[i], dims.size()))] = static_cast<int64_t>(i);
  }
  return {permute(c.grad(), back)};
}

}  // namespace

const OpDef ops::permute{
    .id = OpId::permute,
    .torch = "torch.permute(x, dims)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dims", AttrType::dims, {}, -64, 63, "Which dimension comes first, second, ..."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Puts the dimensions into another order; nothing is copied.",
    .formula = R"(y_{i_{p_0} i_{p_1} \dots} = x_{i_0 i_1 \dots})",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3, 4}, -2, 2, 1)}, Attrs{AttrValue(Dims{2, 0, 1})});
          s.add({sample::uniform({2, 3}, -2, 2, 2)}, Attrs{AttrValue(Dims{-1, 0})});
        },
};

Tensor permute(const Tensor& x, DimsView dims) {
  return call(ops::permute, {x}, Attrs{AttrValue(Dims(dims))});
}

}  // namespace gradus
