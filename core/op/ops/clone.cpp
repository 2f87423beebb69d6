#include "core/op/functions.h"
#include "core/op/layout.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::same_as_input(call, outputs);
  if (std::get<bool>(call.attrs[0])) return;
  outputs[0].strides = kept_strides(call.inputs, outputs[0].meta.sizes);
}

Tensors backward(const BackwardCall& c) { return {c.grad()}; }

}  // namespace

const OpDef ops::clone{
    .id = OpId::clone,
    .torch = "torch.clone(x)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"contiguous", AttrType::boolean, false, 0, 1,
               "Lay it out row by row, instead of as x is."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "A copy that shares no memory.",
    .formula = R"(y = x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({gradus::t(sample::uniform({2, 3}, -2, 2, 2))});
          s.add({sample::integers({2, 3}, -9, 9, 3)});
        },
};

Tensor clone(const Tensor& x) { return call(ops::clone, {x}); }
Tensor contiguous(const Tensor& x) {
  return x.is_contiguous() ? x : call(ops::clone, {x}, Attrs{AttrValue(true)});
}

}  // namespace gradus
