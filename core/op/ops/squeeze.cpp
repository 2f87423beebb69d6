#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const size_t rank = x.sizes().size();
  Dims asked;
  for (int64_t dim : std::get<Dims>(call.attrs[0])) asked.push_back(wrap_dim(call.op, dim, rank));
  Dims sizes;
  Dims strides;
  for (size_t i = 0; i < rank; ++i) {
    const bool meant =
        asked.empty() || std::ranges::find(asked, static_cast<int64_t>(i)) != asked.end();
    if (meant && x.sizes()[i] == 1) continue;
    sizes.push_back(x.sizes()[i]);
    strides.push_back(x.strides()[i]);
  }
  outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset()});
}

Tensors backward(const BackwardCall& c) { return {reshape(c.grad(), c.input_metas[0].sizes)}; }

}  // namespace

const OpDef ops::squeeze{
    .id = OpId::squeeze,
    .torch = "torch.squeeze(x, dim[0]) if dim else torch.squeeze(x)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dim", AttrType::dims, Dims{}, -64, 63, "Which ones; none means all."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .overload = [](const Attrs& attrs) { return std::get<Dims>(attrs[0]).empty() ? 0 : 1; },
    .summary = "Leaves out dimensions of size 1; nothing is copied.",
    .formula = R"(y = x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({1, 3, 1}, -2, 2, 1)});
          s.add({sample::uniform({1, 3, 1}, -2, 2, 2)}, Attrs{AttrValue(Dims{-1})});
          s.add({sample::uniform({2, 3}, -2, 2, 3)}, Attrs{AttrValue(Dims{0})});
        },
};

Tensor squeeze(const Tensor& x, DimsView dims) {
  return call(ops::squeeze, {x}, Attrs{AttrValue(Dims(dims))});
}

}  // namespace gradus
