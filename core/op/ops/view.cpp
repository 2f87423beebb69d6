#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const Dims sizes = infer_sizes(call.op, std::get<Dims>(call.attrs[0]), x.numel());
  const std::optional<Dims> strides = view_strides(x.sizes(), x.strides(), sizes);
  if (!strides) {
    fail(call.op,
         "a tensor of shape {} with strides {} cannot be seen as {} without copying: use reshape",
         to_prose(x.sizes()), to_string(x.strides()), to_prose(sizes));
  }
  outputs.push_back({{sizes, x.dtype()}, true, *strides, x.offset()});
}

Tensors backward(const BackwardCall& c) { return {reshape(c.grad(), c.input_metas[0].sizes)}; }

}  // namespace

const OpDef ops::view{
    .id = OpId::view,
    .torch = "x.view(sizes)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"sizes", AttrType::dims, {}, -1, 9e18, "The new shape; one size may be -1."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "The same elements under another shape; nothing is copied.",
    .formula = R"(y = x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(Dims{3, 2})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{2, -1})});
          s.add({sample::uniform({1}, -2, 2, 3)}, Attrs{AttrValue(Dims{})});
        },
};

Tensor view(const Tensor& x, DimsView sizes) {
  return call(ops::view, {x}, Attrs{AttrValue(Dims(sizes))});
}

}  // namespace gradus
