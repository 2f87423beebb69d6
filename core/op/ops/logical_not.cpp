#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::logical_not{
    .id = OpId::logical_not,
    .torch = "torch.logical_not(x)",
    .category = Category::comparison,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_sizes_as_bool,
    .summary = "True where it is zero.",
    .formula = R"(y = [x = 0])",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({2, 3}, -1, 1, 1)});
          s.add({sample::values({0.0, -0.0, 1.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor logical_not(const Tensor& x) { return call(ops::logical_not, {x}); }

}  // namespace gradus
