#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  if (x.dim() == 0) fail(call.op, "a scalar cannot be sliced: it has no dimensions");
  const auto at =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), x.sizes().size()));
  const int64_t size = x.sizes()[at];
  // What is out of range is cut off, as in Python.
  const auto place = [&](size_t attr) {
    const int64_t i = std::get<int64_t>(call.attrs[attr]);
    return std::clamp<int64_t>(i < 0 ? i + size : i, 0, size);
  };
  const int64_t start = place(1);
  const int64_t end = std::max(start, place(2));
  const int64_t step = std::get<int64_t>(call.attrs[3]);
  Dims sizes = x.sizes();
  Dims strides = x.strides();
  sizes[at] = (end - start) / step + ((end - start) % step != 0 ? 1 : 0);
  strides[at] *= sizes[at] > 1 ? step : 1;
  const int64_t offset = sizes[at] == 0 ? x.offset() : x.offset() + start * x.strides()[at];
  outputs.push_back({{sizes, x.dtype()}, true, strides, offset});
}

Tensors backward(const BackwardCall& c) {
  const Tensor whole = zeros_for_input(c);
  copy_(slice(whole, std::get<int64_t>(c.attrs[0]), std::get<int64_t>(c.attrs[1]),
              std::get<int64_t>(c.attrs[2]), std::get<int64_t>(c.attrs[3])),
        c.grad());
  return {whole};
}

}  // namespace

const OpDef ops::slice{
    .id = OpId::slice,
    .torch = "torch.ops.aten.slice(x, dim, start, end, step)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."},
              {"start", AttrType::integer, int64_t{0}, -1e19, 1e19, "The first; -1 is the last."},
              {"end", AttrType::integer, INT64_MAX, -1e19, 1e19, "Just behind the last."},
              {"step", AttrType::integer, int64_t{1}, 1, 1e19, "From one to the next."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Some slices of a dimension: x[start:end:step]; nothing is copied.",
    .formula = R"(y_i = x_{s + i k})",
    .grad_formula = R"(\bar x_{s + i k} = \bar y_i,\quad 0\ \mathrm{elsewhere})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({5, 4}, -2, 2, 1)},
                Attrs{AttrValue(int64_t{0}), AttrValue(int64_t{1}), AttrValue(int64_t{4})});
          s.add({sample::uniform({5, 4}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{0}), AttrValue(int64_t{-4}), AttrValue(INT64_MAX),
                      AttrValue(int64_t{2})});
          s.add({sample::uniform({5, 4}, -2, 2, 3)},
                Attrs{AttrValue(int64_t{-1}), AttrValue(int64_t{3}), AttrValue(int64_t{1})});
        },
};

Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step) {
  return call(ops::slice, {x},
              Attrs{AttrValue(dim), AttrValue(start), AttrValue(end), AttrValue(step)});
}

}  // namespace gradus
