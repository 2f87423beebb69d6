#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), x.sizes().size());
  outputs.push_back({.meta = x.meta()});
  outputs.push_back({.meta = {x.sizes(), DType::int64}});
}

Tensors backward(const BackwardCall& c) {
  return {put_back_along(c, std::get<int64_t>(c.attrs[0]), true)};
}

}  // namespace

const OpDef ops::sort{
    .id = OpId::sort,
    .torch = "torch.sort(x, dim=dim, descending=descending, stable=True)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dim", AttrType::integer, int64_t{-1}, -64, 63, "Along which."},
              {"descending", AttrType::boolean, false, 0, 1, "The largest first."}},
    .infer = infer,
    .saves = {save_output(1)},
    .backward = backward,
    .summary =
        "The elements in order along a dimension, and where they stood; equal ones keep theirs.",
    .formula = R"(y_i = x_{p_i},\quad y_i \le y_{i+1})",
    .grad_formula = R"(\bar x_{p_i} = \bar y_i)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 5}, -2, 2, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({4, 3}, -2, 2, 2)}, Attrs{AttrValue(int64_t{0}), AttrValue(true)});
          s.add({sample::values({1.0, NAN, 3.0, -INFINITY, 1.0})});
          s.add({sample::integers({4, 6}, 0, 3, 5)},
                Attrs{AttrValue(int64_t{-1}), AttrValue(true)});
          s.add({Tensor::scalar(2)});
        },
};

ValuesAndIndices sort(const Tensor& x, int64_t dim, bool descending) {
  const Tensors both = call_all(ops::sort, {&x, 1}, Attrs{AttrValue(dim), AttrValue(descending)});
  return {both[0], both[1]};
}

}  // namespace gradus
