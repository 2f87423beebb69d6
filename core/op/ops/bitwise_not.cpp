#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
const OpDef ops::bitwise_not{
    .id = OpId::bitwise_not,
    .torch = "torch.bitwise_not(x)",
    .category = Category::comparison,
    .inputs = {{"x", "whole numbers or bools"}},
    .infer = shape::whole_as_input,
    .has_inplace = true,
    .summary = "Every bit turned round; of bools: not.",
    .formula = R"(y = \neg x)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::integers({2, 3}, -9, 9, 1)});
          s.add({gradus::to(sample::integers({2, 3}, 0, 1, 2), DType::boolean)});
        },
};

Tensor bitwise_not(const Tensor& x) { return call(ops::bitwise_not, {x}); }
Tensor bitwise_not_(const Tensor& x) { return call_inplace(ops::bitwise_not, {x}); }

}  // namespace gradus
