#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::bitwise_or{
    .id = OpId::bitwise_or,
    .torch = "torch.bitwise_or(a, b)",
    .category = Category::comparison,
    .inputs = {{"a", "whole numbers or bools"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast_whole,
    .dtypes = Dtypes::promoted,
    .has_inplace = true,
    .summary = "Bit by bit; of bools: at least one.",
    .formula = R"(y = a \vee b)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({4, 3}, -9, 9, 1), sample::integers({3}, -9, 9, 2)});
          s.add({gradus::to(sample::integers({4, 3}, 0, 1, 3), DType::boolean),
                 gradus::to(sample::integers({3}, 0, 1, 4), DType::boolean)});
        },
};

Tensor bitwise_or(const Tensor& a, const Tensor& b) { return call(ops::bitwise_or, {a, b}); }
Tensor bitwise_or_(const Tensor& a, const Tensor& b) {
  return call_inplace(ops::bitwise_or, {a, b});
}

}  // namespace gradus
