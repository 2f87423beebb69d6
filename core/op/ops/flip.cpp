#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  Attrs given = call.attrs;
  if (!std::get<Dims>(given[0]).empty()) {
    shape::reduced_dims(call.op, given, call.input(0).sizes().size());  // each once, in range
  }
  shape::same_as_input(call, outputs);
}

Tensors backward(const BackwardCall& c) { return {flip(c.grad(), std::get<Dims>(c.attrs[0]))}; }

}  // namespace

const OpDef ops::flip{
    .id = OpId::flip,
    .torch = "torch.flip(x, dims)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dims", AttrType::dims, {}, -64, 63, "Which ones."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Turns the order of some dimensions round.",
    .formula = R"(y_i = x_{n-1-i})",
    .grad_formula = R"(\bar x_i = \bar y_{n-1-i})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(Dims{0})});
          s.add({sample::uniform({2, 3, 2}, -2, 2, 2)}, Attrs{AttrValue(Dims{-1, 0})});
        },
};

Tensor flip(const Tensor& x, DimsView dims) {
  return call(ops::flip, {x}, Attrs{AttrValue(Dims(dims))});
}

}  // namespace gradus
