#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::argmin{
    .id = OpId::argmin,
    .torch = "torch.argmin(x, dim, keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dim", AttrType::integer, int64_t{-1}, -64, 63, "Along which."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = shape::places,
    .takes_bool = false,
    .summary = "Where the smallest element stands.",
    .formula = R"(y = \arg\min_i x_i)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 10}, -2, 2, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::values({1.0, NAN, 3.0})}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::values({1.0, 3.0, 1.0})}, Attrs{AttrValue(int64_t{0})});
        },
};

Tensor argmin(const Tensor& x, int64_t dim, bool keepdim) {
  return call(ops::argmin, {x}, Attrs{AttrValue(dim), AttrValue(keepdim)});
}

}  // namespace gradus
