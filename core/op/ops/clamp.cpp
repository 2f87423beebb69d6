#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  // Kernels take numbers as doubles.
  constexpr int64_t kExact = int64_t{1} << 53;
  for (const AttrValue& bound : call.attrs) {
    const auto* whole = std::get_if<int64_t>(&bound);
    if (whole && (*whole > kExact || *whole < -kExact)) {
      fail(call.op, "bounds beyond 2^53 are not supported, got {}", *whole);
    }
  }
  shape::same_as_input(call, outputs);
}

// Where x is within the bounds, which a nan is not.
Tensors backward(const BackwardCall& c) {
  const Tensor& x = c.inputs[0];
  const Tensor within = logical_and(ge(x, as_number(c.attrs[0])), le(x, as_number(c.attrs[1])));
  return {masked_fill(c.grad(), logical_not(within), 0)};
}

}  // namespace

const OpDef ops::clamp{
    .id = OpId::clamp,
    .torch =
        "torch.clamp(x, None if low == -math.inf else low, None if high == math.inf else high)",
    .category = Category::arithmetic,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"low", AttrType::number, -INFINITY, -INFINITY, INFINITY, "The smallest allowed."},
              {"high", AttrType::number, INFINITY, -INFINITY, INFINITY,
               "The largest allowed; it counts where the two contradict."}},
    .infer = infer,
    .saves = {save_input(0)},
    .backward = backward,
    .grad_name = "ClampBackward1",
    .dtypes = Dtypes::promoted,
    .has_inplace = true,
    .summary = "Moves what is out of bounds to the nearest bound.",
    .formula = R"(y = \min(\max(x, l), h))",
    .grad_formula = R"(\bar x = \bar y\,[l \le x \le h])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(-0.5), AttrValue(1.0)});
          s.add({sample::uniform({2, 3}, -2, 2, 2)}, Attrs{AttrValue(0.25), AttrValue(INFINITY)});
          s.add({sample::values({0.0, -0.0, INFINITY, NAN})},
                Attrs{AttrValue(-INFINITY), AttrValue(1.0)});
          s.add({sample::integers({4, 3}, -9, 9, 3)},
                Attrs{AttrValue(int64_t{-2}), AttrValue(int64_t{3})});
        },
};

Tensor clamp(const Tensor& x, double low, double high) {
  return call(ops::clamp, {x}, Attrs{AttrValue(low), AttrValue(high)});
}
Tensor clamp(const Tensor& x, int64_t low, int64_t high) {
  return call(ops::clamp, {x}, Attrs{AttrValue(low), AttrValue(high)});
}
Tensor clamp_(const Tensor& x, double low, double high) {
  return call_inplace(ops::clamp, {x}, Attrs{AttrValue(low), AttrValue(high)});
}

}  // namespace gradus
