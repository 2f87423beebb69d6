#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  if (c.grad().dim() == 0) return {c.grad()};
  const Dims dim{std::get<int64_t>(c.attrs[0])};
  return {flip(cumsum(flip(c.grad(), dim), dim[0]), dim)};
}

}  // namespace

const OpDef ops::cumsum{
    .id = OpId::cumsum,
    .torch = "torch.cumsum(x, dim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."}},
    .infer = shape::running_totals,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Sums so far, along a dimension.",
    .formula = R"(y_i = \sum_{j \le i} x_j)",
    .grad_formula = R"(\bar x_i = \sum_{j \ge i} \bar y_j)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 5}, -2, 2, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({3, 2, 2}, -2, 2, 2)}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::integers({4, 3}, -9, 9, 5)}, Attrs{AttrValue(int64_t{-1})});
        },
};

Tensor cumsum(const Tensor& x, int64_t dim) {
  return call(ops::cumsum, {x}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
