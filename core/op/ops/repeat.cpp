#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Dims& repeats = std::get<Dims>(call.attrs[0]);
  const Tensor& x = call.input(0);
  if (repeats.size() < x.sizes().size()) {
    fail(call.op, "needs a number for each dimension of {}, got {}", to_prose(x.sizes()),
         to_string(repeats));
  }
  Dims sizes = repeats;
  const size_t extra = repeats.size() - x.sizes().size();
  for (size_t i = extra; i < sizes.size(); ++i) {
    if (__builtin_mul_overflow(sizes[i], x.sizes()[i - extra], &sizes[i])) {
      fail(call.op, "{} times {} is too large: no memory holds it", to_string(repeats),
           to_prose(x.sizes()));
    }
  }
  outputs.push_back({.meta = {sizes, x.dtype()}});
}

Tensors backward(const BackwardCall& c) {
  const Dims& repeats = std::get<Dims>(c.attrs[0]);
  const Dims& sizes = c.input_metas[0].sizes;
  const size_t extra = repeats.size() - sizes.size();
  if (c.grad().numel() == 0) return {zeros(sizes, c.grad().dtype(), c.grad().device())};
  Dims blocks;
  Dims copies;
  for (size_t i = 0; i < repeats.size(); ++i) {
    copies.push_back(static_cast<int64_t>(blocks.size()));
    blocks.push_back(repeats[i]);
    if (i >= extra) blocks.push_back(sizes[i - extra]);
  }
  return {copies.empty() ? c.grad() : sum(reshape(c.grad(), blocks), copies)};
}

}  // namespace

const OpDef ops::repeat{
    .id = OpId::repeat,
    .torch = "x.repeat(repeats)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"repeats", AttrType::dims, {}, 0, 9e18, "How often, for each dimension."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Lays copies of a tensor side by side.",
    .formula = R"(y_i = x_{i \bmod n})",
    .grad_formula = R"(\bar x_i = \sum_k \bar y_{i + kn})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(Dims{2, 2})});
          s.add({sample::uniform({3}, -2, 2, 2)}, Attrs{AttrValue(Dims{2, 1, 2})});
        },
};

Tensor repeat(const Tensor& x, DimsView repeats) {
  return call(ops::repeat, {x}, Attrs{AttrValue(Dims(repeats))});
}

}  // namespace gradus
