#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const auto at = static_cast<size_t>(
      wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), x.sizes().size() + 1));
  Dims sizes;
  Dims strides;
  for (size_t i = 0; i <= x.sizes().size(); ++i) {
    if (i == at) {
      sizes.push_back(1);
      strides.push_back(i < x.sizes().size() ? x.sizes()[i] * x.strides()[i] : 1);
    }
    if (i == x.sizes().size()) break;
    sizes.push_back(x.sizes()[i]);
    strides.push_back(x.strides()[i]);
  }
  outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset()});
}

Tensors backward(const BackwardCall& c) {
  return {squeeze(c.grad(), Dims{std::get<int64_t>(c.attrs[0])})};
}

}  // namespace

const OpDef ops::unsqueeze{
    .id = OpId::unsqueeze,
    .torch = "torch.unsqueeze(x, dim)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Where it goes."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Puts in a dimension of size 1; nothing is copied.",
    .formula = R"(y = x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({2, 3}, -2, 2, 2)}, Attrs{AttrValue(int64_t{-1})});
          s.add({Tensor::scalar(2)}, Attrs{AttrValue(int64_t{0})});
        },
};

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  return call(ops::unsqueeze, {x}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
