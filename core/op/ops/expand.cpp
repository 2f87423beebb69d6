#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  Dims sizes = std::get<Dims>(call.attrs[0]);
  if (sizes.size() < x.sizes().size()) {
    fail(call.op, "a tensor of {} dimensions cannot be expanded to {}", x.dim(), to_prose(sizes));
  }
  const size_t extra = sizes.size() - x.sizes().size();
  for (size_t i = extra; i < sizes.size(); ++i) {
    if (sizes[i] == -1) sizes[i] = x.sizes()[i - extra];
    if (x.sizes()[i - extra] != sizes[i] && x.sizes()[i - extra] != 1) {
      fail(call.op, "size {} of dimension {} cannot become {}: only size 1 expands",
           x.sizes()[i - extra], i - extra, sizes[i]);
    }
  }
  for (size_t i = 0; i < extra; ++i) {
    if (sizes[i] == -1) fail(call.op, "-1 is not allowed in the new leading dimension {}", i);
  }
  const Dims strides = broadcast_strides(x.sizes(), x.strides(), sizes);
  outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset()});
}

// The task sums the gradient back to the input's shape: Note [Un-broadcast].
Tensors backward(const BackwardCall& c) { return {c.grad()}; }

}  // namespace

const OpDef ops::expand{
    .id = OpId::expand,
    .torch = "x.expand(sizes)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"sizes", AttrType::dims, {}, -1, 9e18, "The new shape; -1 keeps a size."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Repeats dimensions of size 1; nothing is copied.",
    .formula = R"(y_{ij} = x_{i})",
    .grad_formula = R"(\bar x_i = \sum_j \bar y_{ij})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 1}, -2, 2, 1)}, Attrs{AttrValue(Dims{3, 4})});
          s.add({sample::uniform({1, 3}, -2, 2, 2)}, Attrs{AttrValue(Dims{2, 5, -1})});
        },
};

Tensor expand(const Tensor& x, DimsView sizes) {
  return call(ops::expand, {x}, Attrs{AttrValue(Dims(sizes))});
}

}  // namespace gradus
