#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::isinf{
    .id = OpId::isinf,
    .torch = "torch.isinf(x)",
    .category = Category::comparison,
    .inputs = {{"x", "any numbers"}},
    .infer = shape::same_sizes_as_bool,
    .summary = "True where it is infinite.",
    .formula = R"(y = [x = \pm\infty])",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({2, 3}, -1, 1, 1)});
          s.add({sample::values({0.0, -0.0, 1.0, INFINITY, -INFINITY, NAN})});
        },
};

Tensor isinf(const Tensor& x) { return call(ops::isinf, {x}); }

}  // namespace gradus
