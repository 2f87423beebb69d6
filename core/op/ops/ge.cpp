#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::ge{
    .id = OpId::ge,
    .torch = "torch.ge(a, b)",
    .category = Category::comparison,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast_to_bool,
    .dtypes = Dtypes::promoted,
    .summary = "True where the first is not smaller.",
    .formula = R"(y = [a \ge b])",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({4, 3}, 0, 2, 1), sample::integers({3}, 0, 2, 2)});
          s.add({sample::values({0.0, 1.0, NAN, 2.0}), sample::values({-0.0, 2.0, NAN, 1.0})});
        },
};

Tensor ge(const Tensor& a, const Tensor& b) { return call(ops::ge, {a, b}); }

}  // namespace gradus
