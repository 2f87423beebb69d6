#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  if (x.dim() > 2) {
    fail(call.op, "expects a matrix (at most 2 dimensions), got {}", to_prose(x.sizes()));
  }
  Dims sizes = x.sizes();
  Dims strides = x.strides();
  if (x.dim() == 2) {
    std::swap(sizes[0], sizes[1]);
    std::swap(strides[0], strides[1]);
  }
  outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset()});
}

Tensors backward(const BackwardCall& c) { return {t(c.grad())}; }

}  // namespace

const OpDef ops::t{
    .id = OpId::t,
    .torch = "torch.t(x)",
    .category = Category::movement,
    .inputs = {{"x", "a matrix"}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .grad_name = "TBackward0",
    .summary = "Swaps rows and columns; nothing is copied.",
    .formula = R"(Y = X^T)",
    .grad_formula = R"(\bar X = \bar Y^T)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::uniform({4}, -2, 2, 2)});
        },
};

Tensor t(const Tensor& x) { return call(ops::t, {x}); }

}  // namespace gradus
