#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::bitwise_xor{
    .id = OpId::bitwise_xor,
    .torch = "torch.bitwise_xor(a, b)",
    .category = Category::comparison,
    .inputs = {{"a", "whole numbers or bools"}, {"b", "broadcast against a"}},
    .infer = shape::broadcast_whole,
    .dtypes = Dtypes::promoted,
    .has_inplace = true,
    .summary = "Bit by bit; of bools: just one.",
    .formula = R"(y = a \oplus b)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({4, 3}, -9, 9, 1), sample::integers({3}, -9, 9, 2)});
          s.add({gradus::to(sample::integers({4, 3}, 0, 1, 3), DType::boolean),
                 gradus::to(sample::integers({3}, 0, 1, 4), DType::boolean)});
        },
};

Tensor bitwise_xor(const Tensor& a, const Tensor& b) { return call(ops::bitwise_xor, {a, b}); }
Tensor bitwise_xor_(const Tensor& a, const Tensor& b) {
  return call_inplace(ops::bitwise_xor, {a, b});
}

}  // namespace gradus
