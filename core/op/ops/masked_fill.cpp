#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_bool(call, 1);
  shape::require_value_fits(call, 0, call.attrs[0]);
  const Dims sizes = broadcast_sizes(call.op, call.input(0).sizes(), call.input(1).sizes());
  outputs.push_back({.meta = {sizes, call.input(0).dtype()}});
}

Tensors backward(const BackwardCall& c) {
  return {masked_fill(c.grad(), c.inputs[1], 0), Tensor()};
}

}  // namespace

const OpDef ops::masked_fill{
    .id = OpId::masked_fill,
    .torch = "torch.masked_fill(x, mask, value)",
    .category = Category::indexing,
    .inputs = {{"x", "any tensor"}, {"mask", "a bool tensor"}},
    .attrs = {{"value", AttrType::number, {}, -INFINITY, INFINITY, "What is put there."}},
    .infer = infer,
    .saves = {save_input(1), save_nothing()},
    .backward = backward,
    .has_inplace = true,
    .summary = "One value where a mask is true.",
    .formula = R"(y_i = m_i\ ?\ v : x_i)",
    .grad_formula = R"(\bar x = \bar y\,[\neg m])",
    .samples =
        [](Samples& s) {
          s.add(
              {sample::uniform({2, 3}, -2, 2, 1), gradus::gt(sample::uniform({2, 3}, -2, 2, 2), 0)},
              Attrs{AttrValue(0.5)});
          s.add(
              {sample::uniform({4, 3}, -2, 2, 1), gradus::gt(sample::uniform({4, 1}, -2, 2, 2), 0)},
              Attrs{AttrValue(-INFINITY)});
          s.add({sample::integers({4, 3}, -9, 9, 5), gradus::gt(sample::uniform({3}, -2, 2, 2), 0)},
                Attrs{AttrValue(int64_t{7})});
        },
};

Tensor masked_fill(const Tensor& x, const Tensor& mask, double value) {
  return call(ops::masked_fill, {x, mask}, Attrs{AttrValue(value)});
}
Tensor masked_fill_(const Tensor& x, const Tensor& mask, double value) {
  return call_inplace(ops::masked_fill, {x, mask}, Attrs{AttrValue(value)});
}

}  // namespace gradus
