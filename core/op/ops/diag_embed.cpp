#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  if (x.dim() == 0) fail(call.op, "needs a list of numbers or more, got a scalar");
  Dims sizes = x.sizes();
  sizes.back() += std::abs(std::get<int64_t>(call.attrs[0]));
  sizes.push_back(sizes.back());
  outputs.push_back({.meta = {sizes, x.dtype()}});
}

Tensors backward(const BackwardCall& c) {
  return {diagonal(c.grad(), std::get<int64_t>(c.attrs[0]), -2, -1)};
}

}  // namespace

const OpDef ops::diag_embed{
    .id = OpId::diag_embed,
    .torch = "torch.diag_embed(x, offset)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"offset", AttrType::integer, int64_t{0}, -1e9, 1e9,
               "0 is the main one, 1 above it."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Matrices that are 0 but for a diagonal.",
    .formula = R"(y_{ii} = x_i)",
    .grad_formula = R"(\bar x_i = \bar y_{ii})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3}, -2, 2, 1)});
          s.add({sample::uniform({2, 3}, -2, 2, 2)}, Attrs{AttrValue(int64_t{-1})});
        },
};

Tensor diag_embed(const Tensor& x, int64_t offset) {
  return call(ops::diag_embed, {x}, Attrs{AttrValue(offset)});
}

}  // namespace gradus
