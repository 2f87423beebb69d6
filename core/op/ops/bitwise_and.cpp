#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::bitwise_and{
    .id = OpId::bitwise_and,
    .torch = "torch.bitwise_and(a, b)",
    .category = Category::comparison,
    .inputs = {{"a", "whole numbers or bools"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast_whole,
    .dtypes = Dtypes::promoted,
    .has_inplace = true,
    .summary = "Bit by bit; of bools: both.",
    .formula = R"(y = a \wedge b)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({4, 3}, -9, 9, 1), sample::integers({3}, -9, 9, 2)});
          s.add({gradus::to(sample::integers({4, 3}, 0, 1, 3), DType::boolean),
                 gradus::to(sample::integers({3}, 0, 1, 4), DType::boolean)});
        },
};

Tensor bitwise_and(const Tensor& a, const Tensor& b) { return call(ops::bitwise_and, {a, b}); }
Tensor bitwise_and_(const Tensor& a, const Tensor& b) {
  return call_inplace(ops::bitwise_and, {a, b});
}

}  // namespace gradus
