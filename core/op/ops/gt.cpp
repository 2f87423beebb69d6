#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::gt{
    .id = OpId::gt,
    .torch = "torch.gt(a, b)",
    .category = Category::comparison,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast_to_bool,
    .dtypes = Dtypes::promoted,
    .summary = "True where the first is larger.",
    .formula = R"(y = [a > b])",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({4, 3}, 0, 2, 1), sample::integers({3}, 0, 2, 2)});
          s.add({sample::values({0.0, 1.0, NAN, 2.0}), sample::values({-0.0, 2.0, NAN, 1.0})});
        },
};

Tensor gt(const Tensor& a, const Tensor& b) { return call(ops::gt, {a, b}); }

}  // namespace gradus
