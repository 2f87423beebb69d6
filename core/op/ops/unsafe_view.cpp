#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  ops::view.infer(call, outputs);
  outputs[0].alone = true;
}

}  // namespace

const OpDef ops::unsafe_view{
    .id = OpId::unsafe_view,
    .torch = "torch.ops.aten._unsafe_view(x, sizes)",
    .category = Category::movement,
    .inputs = {{"x", "a result that is held nowhere else"}},
    .attrs = {{"sizes", AttrType::dims, {}, -1, 9e18, "The new shape; one size may be -1."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = [](const BackwardCall& c) { return ops::view.backward(c); },
    .summary = "Gives a fresh result another shape, inside matmul and reshape.",
    .formula = R"(y = x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(Dims{3, 2})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{2, -1})});
        },
};

Tensor unsafe_view(const Tensor& x, DimsView sizes) {
  return call(ops::unsafe_view, {x}, Attrs{AttrValue(Dims(sizes))});
}

}  // namespace gradus
