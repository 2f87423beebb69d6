#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::argmax{
    .id = OpId::argmax,
    .torch = "torch.argmax(x, dim, keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dim", AttrType::integer, int64_t{-1}, -64, 63, "Dimension to search along."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep it, with size 1."}},
    .infer = shape::places,
    .takes_bool = false,
    .summary = "Where the largest element stands: the predicted class.",
    .formula = R"(y = \arg\max_i x_i)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({4, 10}, -2, 2, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({4, 3, 2}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{0}), AttrValue(true)});
          s.add({sample::values({1.0, NAN, 3.0})}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::values({3.0, 1.0, 3.0})}, Attrs{AttrValue(int64_t{0})});
        },
};

Tensor argmax(const Tensor& x, int64_t dim, bool keepdim) {
  return call(ops::argmax, {x}, Attrs{AttrValue(dim), AttrValue(keepdim)});
}

}  // namespace gradus
