#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_value_fits(call, 0, call.attrs[0]);
  shape::same_as_input(call, outputs);
}

Tensors backward(const BackwardCall& c) { return {zeros_like(c.grad())}; }

}  // namespace

const OpDef ops::fill{
    .id = OpId::fill,
    .torch = "target.clone().fill_(value)",
    .category = Category::creation,
    .inputs = {{"target", "what is overwritten"}},
    .attrs = {{"value", AttrType::real, {}, -INFINITY, INFINITY, "The value of every element."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .writes = 1,
    .summary = "Sets every element to one value.",
    .formula = R"(y_i \leftarrow v)",
    .grad_formula = R"(\bar x_i = 0)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(0.25)});
          s.add({sample::integers({4}, -9, 9, 2)}, Attrs{AttrValue(7.0)});
        },
};

Tensor fill_(const Tensor& target, double value) {
  return call(ops::fill, {target}, Attrs{AttrValue(value)});
}

}  // namespace gradus
