#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::any{
    .id = OpId::any,
    .torch = "(torch.any(x, dims[0], keepdim) if dims else torch.any(x))",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "Dimensions to reduce; none means all."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = shape::reduce_to_bool,
    .summary = "True where at least one element is not zero.",
    .formula = R"(y = \bigvee_i x_i)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({2, 3}, 0, 1, 1)});
          s.add({sample::integers({4, 3}, 0, 1, 2)}, Attrs{AttrValue(Dims{1})});
          s.add({sample::values({0.0, NAN})});
          s.add({sample::uniform({2, 0}, -2, 2, 3)}, Attrs{AttrValue(Dims{1})});
        },
};

Tensor any(const Tensor& x, DimsView dims, bool keepdim) {
  return call(ops::any, {x}, Attrs{AttrValue(Dims(dims)), AttrValue(keepdim)});
}

}  // namespace gradus
