#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const size_t rank = x.sizes().size();
  if (rank < 2) fail(call.op, "needs a matrix or more, got {}", to_prose(x.sizes()));
  const int64_t offset = std::get<int64_t>(call.attrs[0]);
  const auto a = static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[1]), rank));
  const auto b = static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[2]), rank));
  if (a == b) fail(call.op, "dim1 and dim2 are the same, {}", a);
  const int64_t rows = x.sizes()[a] + std::min<int64_t>(offset, 0);
  const int64_t columns = x.sizes()[b] - std::max<int64_t>(offset, 0);
  const int64_t length = std::max<int64_t>(0, std::min(rows, columns));
  Dims sizes = x.sizes();
  Dims strides = x.strides();
  sizes.push_back(length);
  strides.push_back(x.strides()[a] + x.strides()[b]);
  for (size_t gone : {std::max(a, b), std::min(a, b)}) {
    sizes.erase(gone);
    strides.erase(gone);
  }
  const int64_t shift = offset >= 0 ? offset * x.strides()[b] : -offset * x.strides()[a];
  outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset() + (length > 0 ? shift : 0)});
}

Tensors backward(const BackwardCall& c) {
  const Tensor whole = zeros_for_input(c);
  copy_(diagonal(whole, std::get<int64_t>(c.attrs[0]), std::get<int64_t>(c.attrs[1]),
                 std::get<int64_t>(c.attrs[2])),
        c.grad());
  return {whole};
}

}  // namespace

const OpDef ops::diagonal{
    .id = OpId::diagonal,
    .torch = "torch.diagonal(x, offset, dim1, dim2)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"offset", AttrType::integer, int64_t{0}, -9e18, 9e18,
               "0 is the main one, 1 above it."},
              {"dim1", AttrType::integer, int64_t{0}, -64, 63, "Of the rows."},
              {"dim2", AttrType::integer, int64_t{1}, -64, 63, "Of the columns."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "The diagonal of two dimensions, as the last one; nothing is copied.",
    .formula = R"(y_i = x_{ii})",
    .grad_formula = R"(\bar x_{ii} = \bar y_i,\quad 0\ \mathrm{elsewhere})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 4}, -2, 2, 1)});
          s.add({sample::uniform({3, 4}, -2, 2, 2)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 3)},
                Attrs{AttrValue(int64_t{-1}), AttrValue(int64_t{0}), AttrValue(int64_t{2})});
        },
};

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  return call(ops::diagonal, {x}, Attrs{AttrValue(offset), AttrValue(dim1), AttrValue(dim2)});
}

}  // namespace gradus
