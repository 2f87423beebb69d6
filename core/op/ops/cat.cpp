#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  // An empty list of numbers is left out, whatever the others' shape.
  const auto counts = [](const Tensor& x) { return !(x.sizes() == Dims{0}); };
  const auto first = std::ranges::find_if(call.inputs, counts);
  const Tensor& like = first == call.inputs.end() ? call.inputs[0] : *first;
  if (like.dim() == 0) fail(call.op, "scalars have no dimension to join along: use stack");
  const auto at =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), like.sizes().size()));
  Dims sizes = like.sizes();
  sizes[at] = 0;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const Dims& other = call.inputs[i].sizes();
    if (!counts(call.inputs[i])) continue;
    bool fits = other.size() == sizes.size();
    for (size_t d = 0; fits && d < sizes.size(); ++d) fits = d == at || other[d] == sizes[d];
    if (!fits) {
      fail(call.op,
           "tensor {} has shape {}, the first one {}: they may differ in dimension {} alone", i,
           to_prose(other), to_prose(like.sizes()), at);
    }
    if (__builtin_add_overflow(sizes[at], other[at], &sizes[at])) {
      fail(call.op, "{} tensors like {} are too large together: no memory holds them",
           call.inputs.size(), to_prose(like.sizes()));
    }
  }
  outputs.push_back({.meta = {sizes, call.inputs[0].dtype()}});
}

Tensors backward(const BackwardCall& c) {
  const int64_t dim = wrap_dim("cat", std::get<int64_t>(c.attrs[0]), c.grad().sizes().size());
  Tensors grads;
  int64_t start = 0;
  for (size_t i = 0; i < c.input_metas.size(); ++i) {
    const Dims& sizes = c.input_metas[i].sizes;
    if (sizes == Dims{0}) {  // an empty one that was left out
      grads.push_back(c.needs_grad(i) ? zeros(sizes, c.grad().dtype(), c.grad().device())
                                      : Tensor());
      continue;
    }
    const int64_t end = start + sizes[static_cast<size_t>(dim)];
    grads.push_back(c.needs_grad(i) ? slice(c.grad(), dim, start, end) : Tensor());
    start = end;
  }
  return grads;
}

}  // namespace

const OpDef ops::cat{
    .id = OpId::cat,
    .torch = "torch.cat(tensors, dim)",
    .category = Category::movement,
    .inputs = {{"tensors", "of one shape, but for dim"}},
    .attrs = {{"dim", AttrType::integer, int64_t{0}, -64, 63, "Along which."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .variadic = true,
    .summary = "Joins tensors along a dimension that they have.",
    .formula = R"(y = (x_1, x_2, \dots))",
    .grad_formula = R"((\bar x_1, \bar x_2, \dots) = \bar y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({4, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({2, 3}, -2, 2, 3), sample::uniform({2, 1}, -2, 2, 4)},
                Attrs{AttrValue(int64_t{-1})});
          s.add({sample::uniform({0}, -2, 2, 5), sample::uniform({2, 3}, -2, 2, 6)});
          s.add({sample::integers({2}, 0, 9, 7), sample::uniform({3}, -2, 2, 8)});
        },
};

Tensor cat(std::span<const Tensor> tensors, int64_t dim) {
  return std::move(call_all(ops::cat, tensors, Attrs{AttrValue(dim)})[0]);
}

}  // namespace gradus
