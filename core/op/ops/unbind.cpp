#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  if (x.dim() == 0) fail(call.op, "a scalar has no dimension to unbind");
  const auto at =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), x.sizes().size()));
  Dims sizes = x.sizes();
  Dims strides = x.strides();
  sizes.erase(at);
  strides.erase(at);
  for (int64_t i = 0; i < x.sizes()[at]; ++i) {
    outputs.push_back({{sizes, x.dtype()}, true, strides, x.offset() + i * x.strides()[at]});
  }
}

Tensors backward(const BackwardCall& c) { return {stack(c.grads, std::get<int64_t>(c.attrs[0]))}; }

}  // namespace

const OpDef ops::unbind{
    .id = OpId::unbind,
    .torch = "torch.unbind(x, dim)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dim", AttrType::integer, int64_t{0}, -64, 63, "Along which."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "All slices of a dimension, which goes away; nothing is copied.",
    .formula = R"((y_1, y_2, \dots) = x)",
    .grad_formula = R"(\bar x = (\bar y_1, \bar y_2, \dots))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 2}, -2, 2, 1)}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({2, 3}, -2, 2, 2)}, Attrs{AttrValue(int64_t{-1})});
        },
};

std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  const Tensors slices = call_all(ops::unbind, {&x, 1}, Attrs{AttrValue(dim)});
  return {slices.begin(), slices.end()};
}

}  // namespace gradus
