#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const double exponent = as_number(c.attrs[0]);
  const Tensor& x = c.inputs[0];
  if (exponent == 0.0) return {zeros(x.sizes(), x.dtype(), x.device())};
  return {c.grad() * (exponent * pow(x, exponent - 1.0))};
}

void infer(const InferCall& call, Outputs& outputs) {
  const auto* whole = std::get_if<int64_t>(&call.attrs[0]);
  if (whole && *whole < 0 && !is_floating_point(call.input(0).dtype())) {
    fail(call.op, "whole numbers to a negative whole power ({}) are no whole numbers: use to()",
         *whole);
  }
  shape::require_value_fits(call, 0, call.attrs[0]);
  shape::same_as_input(call, outputs);
}

}  // namespace

const OpDef ops::pow{
    .id = OpId::pow,
    .torch = "torch.pow(x, exponent)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"exponent", AttrType::number, {}, -1e30, 1e30, "The power."}},
    .infer = infer,
    .saves = {save_input(0)},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .has_inplace = true,
    .summary = "x to a fixed power.",
    .formula = R"(y = x^p)",
    .grad_formula = R"(\bar x = \bar y\, p\, x^{p-1})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, 0.1, 2, 1)}, Attrs{AttrValue(2.0)});
          s.add({sample::uniform({2, 3}, -2, 2, 2)}, Attrs{AttrValue(3.0)});
          s.add({sample::uniform({4}, 0.1, 3, 3)}, Attrs{AttrValue(0.5)});
          s.add({sample::uniform({4}, 0.1, 3, 4)}, Attrs{AttrValue(-1.0)});
          s.add({sample::values({0.0, 1.0, -2.0, INFINITY, NAN})}, Attrs{AttrValue(0.0)});
          s.add({sample::values({0.0, -0.0, -2.0, INFINITY, NAN})}, Attrs{AttrValue(2.0)});
          for (double exponent : {0.5, -0.5, 1.5}) {
            s.add({sample::values({0.25, -0.0, 0.0, -2.0, INFINITY, -INFINITY})},
                  Attrs{AttrValue(exponent)});
          }
        },
};

Tensor pow(const Tensor& x, double exponent) {
  return call(ops::pow, {x}, Attrs{AttrValue(exponent)});
}
Tensor pow(const Tensor& x, int exponent) {
  return call(ops::pow, {x}, Attrs{AttrValue(int64_t{exponent})});
}
Tensor pow_(const Tensor& x, double exponent) {
  return call_inplace(ops::pow, {x}, Attrs{AttrValue(exponent)});
}

}  // namespace gradus
