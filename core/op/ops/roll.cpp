#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  wrap_dim(call.op, std::get<int64_t>(call.attrs[1]), call.input(0).sizes().size());
  shape::same_as_input(call, outputs);
}

Tensors backward(const BackwardCall& c) {
  return {roll(c.grad(), -std::get<int64_t>(c.attrs[0]), std::get<int64_t>(c.attrs[1]))};
}

}  // namespace

const OpDef ops::roll{
    .id = OpId::roll,
    .torch = "torch.roll(x, shift, dim)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"shift", AttrType::integer, {}, -9e18, 9e18, "By how many places."},
              {"dim", AttrType::integer, int64_t{0}, -64, 63, "Along which."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Moves all along a dimension; what falls off comes in again.",
    .formula = R"(y_i = x_{(i - s) \bmod n})",
    .grad_formula = R"(\bar x_i = \bar y_{(i + s) \bmod n})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({5}, -2, 2, 1)}, Attrs{AttrValue(int64_t{2})});
          s.add({sample::uniform({2, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{-1}), AttrValue(int64_t{1})});
        },
};

Tensor roll(const Tensor& x, int64_t shift, int64_t dim) {
  return call(ops::roll, {x}, Attrs{AttrValue(shift), AttrValue(dim)});
}

}  // namespace gradus
