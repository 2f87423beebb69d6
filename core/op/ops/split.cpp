#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  if (x.dim() == 0) fail(call.op, "a scalar cannot be split: it has no dimensions");
  const auto at =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[1]), x.sizes().size()));
  int64_t start = 0;
  const Dims& pieces = std::get<Dims>(call.attrs[0]);
  for (int64_t size : pieces) {
    if (start + size > x.sizes()[at]) break;
    Dims sizes = x.sizes();
    sizes[at] = size;
    outputs.push_back(
        {{sizes, x.dtype()}, true, x.strides(), x.offset() + start * x.strides()[at]});
    start += size;
  }
  if (outputs.size() != pieces.size() || start != x.sizes()[at]) {
    fail(call.op, "pieces of {} do not add up to dimension {} of {}", to_string(pieces), at,
         to_prose(x.sizes()));
  }
}

Tensors backward(const BackwardCall& c) { return {cat(c.grads, std::get<int64_t>(c.attrs[1]))}; }

}  // namespace

const OpDef ops::split{
    .id = OpId::split,
    .torch = "torch.split(x, sizes, dim)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"sizes", AttrType::dims, {}, 0, 9e18, "Of the pieces, in order."},
              {"dim", AttrType::integer, int64_t{0}, -64, 63, "Along which."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Cuts a dimension into pieces; nothing is copied.",
    .formula = R"((y_1, y_2, \dots) = x)",
    .grad_formula = R"(\bar x = (\bar y_1, \bar y_2, \dots))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({5, 2}, -2, 2, 1)},
                Attrs{AttrValue(Dims{2, 2, 1}), AttrValue(int64_t{0})});
          s.add({sample::uniform({2, 4}, -2, 2, 2)},
                Attrs{AttrValue(Dims{3, 1}), AttrValue(int64_t{-1})});
        },
};

std::vector<Tensor> split(const Tensor& x, DimsView sizes, int64_t dim) {
  const Tensors pieces =
      call_all(ops::split, {&x, 1}, Attrs{AttrValue(Dims(sizes)), AttrValue(dim)});
  return {pieces.begin(), pieces.end()};
}

}  // namespace gradus
