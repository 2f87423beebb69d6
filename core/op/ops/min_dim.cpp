#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  return {put_back_along(c, std::get<int64_t>(c.attrs[0]), std::get<bool>(c.attrs[1]))};
}

}  // namespace

const OpDef ops::min_dim{
    .id = OpId::min_dim,
    .torch = "torch.min(x, dim, keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = shape::values_and_places,
    .saves = {save_output(1)},
    .backward = backward,
    .grad_name = "MinBackward0",
    .summary = "The smallest elements along a dimension, and where they stand.",
    .formula = R"(y = \min_i x_i)",
    .grad_formula = R"(\bar x_i = \bar y\,[i = \arg\min_j x_j])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 5}, -2, 2, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({4, 3, 2}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{0}), AttrValue(true)});
          s.add({sample::values({1.0, NAN, 3.0})}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::values({3.0, 1.0, 3.0})}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::integers({4, 3}, -9, 9, 5)}, Attrs{AttrValue(int64_t{-1})});
        },
};

ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim) {
  const Tensors both = call_all(ops::min_dim, {&x, 1}, Attrs{AttrValue(dim), AttrValue(keepdim)});
  return {both[0], both[1]};
}

}  // namespace gradus
