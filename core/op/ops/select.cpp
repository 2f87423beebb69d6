#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  if (x.dim() == 0) fail(call.op, "a scalar cannot be indexed: it has no dimensions");
  const auto at =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), x.sizes().size()));
  const int64_t size = x.sizes()[at];
  const int64_t index = std::get<int64_t>(call.attrs[1]);
  if (index < -size || index >= size) {
    fail(call.op, "index {} is out of range for dimension {} of {}, whose size is {}", index, at,
         to_prose(x.sizes()), size);
  }
  const int64_t offset = x.offset() + (index < 0 ? index + size : index) * x.strides()[at];
  Dims sizes = x.sizes();
  Dims strides = x.strides();
  sizes.erase(at);
  strides.erase(at);
  outputs.push_back({{sizes, x.dtype()}, true, strides, offset});
}

Tensors backward(const BackwardCall& c) {
  const Tensor whole = zeros_for_input(c);
  copy_(select(whole, std::get<int64_t>(c.attrs[0]), std::get<int64_t>(c.attrs[1])), c.grad());
  return {whole};
}

}  // namespace

const OpDef ops::select{
    .id = OpId::select,
    .torch = "torch.select(x, dim, index)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."},
              {"index", AttrType::integer, {}, -9e18, 9e18, "Which slice; -1 is the last."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "One slice of a dimension, which goes away: x[i]; nothing is copied.",
    .formula = R"(y_j = x_{ij})",
    .grad_formula = R"(\bar x_{ij} = \bar y_j,\quad 0\ \mathrm{elsewhere})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 4}, -2, 2, 1)},
                Attrs{AttrValue(int64_t{0}), AttrValue(int64_t{1})});
          s.add({sample::uniform({3, 4}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{1}), AttrValue(int64_t{-1})});
        },
};

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  return call(ops::select, {x}, Attrs{AttrValue(dim), AttrValue(index)});
}

}  // namespace gradus
