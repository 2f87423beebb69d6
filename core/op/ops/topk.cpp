#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const auto at =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[1]), x.sizes().size()));
  const int64_t k = std::get<int64_t>(call.attrs[0]);
  const int64_t size = x.dim() == 0 ? 1 : x.sizes()[at];
  if (k > size) fail(call.op, "k is {}, but dimension {} has {} elements", k, at, size);
  Dims sizes = x.sizes();
  if (x.dim() > 0) sizes[at] = k;
  outputs.push_back({.meta = {sizes, x.dtype()}});
  outputs.push_back({.meta = {sizes, DType::int64}});
}

Tensors backward(const BackwardCall& c) {
  return {put_back_along(c, std::get<int64_t>(c.attrs[1]), true)};
}

}  // namespace

const OpDef ops::topk{
    .id = OpId::topk,
    .torch = "torch.topk(x, k, dim, largest)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"k", AttrType::integer, {}, 0, 9e18, "How many."},
              {"dim", AttrType::integer, int64_t{-1}, -64, 63, "Along which."},
              {"largest", AttrType::boolean, true, 0, 1, "False for the smallest."}},
    .infer = infer,
    .saves = {save_output(1)},
    .backward = backward,
    .takes_bool = false,
    .summary = "The k largest elements along a dimension, in order, and where they stood.",
    .formula = R"(y_i = x_{p_i},\quad i < k)",
    .grad_formula = R"(\bar x_{p_i} = \bar y_i)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 5}, -2, 2, 1)},
                Attrs{AttrValue(int64_t{2}), AttrValue(int64_t{1})});
          s.add({sample::uniform({4, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{3}), AttrValue(int64_t{0}), AttrValue(false)});
          s.add({sample::values({1.0, NAN, 3.0, -INFINITY})}, Attrs{AttrValue(int64_t{2})});
          s.add({Tensor::scalar(2)}, Attrs{AttrValue(int64_t{1})});
        },
};

ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim, bool largest) {
  const Tensors both =
      call_all(ops::topk, {&x, 1}, Attrs{AttrValue(k), AttrValue(dim), AttrValue(largest)});
  return {both[0], both[1]};
}

}  // namespace gradus
