#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::ne{
    .id = OpId::ne,
    .torch = "torch.ne(a, b)",
    .category = Category::comparison,
    .inputs = {{"a", "any numbers"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast_to_bool,
    .dtypes = Dtypes::promoted,
    .summary = "True where the two differ.",
    .formula = R"(y = [a \ne b])",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({4, 3}, 0, 2, 1), sample::integers({3}, 0, 2, 2)});
          s.add({sample::values({0.0, 1.0, NAN, 2.0}), sample::values({-0.0, 2.0, NAN, 1.0})});
        },
};

Tensor ne(const Tensor& a, const Tensor& b) { return call(ops::ne, {a, b}); }

}  // namespace gradus
