#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const Dims& first = call.input(0).sizes();
  for (size_t i = 1; i < call.inputs.size(); ++i) {
    if (call.inputs[i].sizes() == first) continue;
    fail(call.op, "tensor {} has shape {}, the first one {}: all need the same", i,
         to_prose(call.inputs[i].sizes()), to_prose(first));
  }
  const auto at =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), first.size() + 1));
  Dims sizes;
  for (size_t i = 0; i <= first.size(); ++i) {
    if (i == at) sizes.push_back(static_cast<int64_t>(call.inputs.size()));
    if (i < first.size()) sizes.push_back(first[i]);
  }
  outputs.push_back({.meta = {sizes, call.input(0).dtype()}});
}

Tensors backward(const BackwardCall& c) {
  Tensors grads;
  for (size_t i = 0; i < c.input_metas.size(); ++i) {
    grads.push_back(c.needs_grad(i)
                        ? select(c.grad(), std::get<int64_t>(c.attrs[0]), static_cast<int64_t>(i))
                        : Tensor());
  }
  return grads;
}

}  // namespace

const OpDef ops::stack{
    .id = OpId::stack,
    .torch = "torch.stack(tensors, dim)",
    .category = Category::movement,
    .inputs = {{"tensors", "of one shape"}},
    .attrs = {{"dim", AttrType::integer, int64_t{0}, -64, 63, "Where the new one goes."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .dtypes = Dtypes::promoted,
    .variadic = true,
    .summary = "Puts tensors side by side, along a new dimension.",
    .formula = R"(y_i = x_i)",
    .grad_formula = R"(\bar x_i = \bar y_i)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2)},
                Attrs{AttrValue(int64_t{0})});
          s.add({sample::uniform({2, 3}, -2, 2, 3), sample::uniform({2, 3}, -2, 2, 4)},
                Attrs{AttrValue(int64_t{-1})});
          s.add({Tensor::scalar(1), Tensor::scalar(2)});
        },
};

Tensor stack(std::span<const Tensor> tensors, int64_t dim) {
  return std::move(call_all(ops::stack, tensors, Attrs{AttrValue(dim)})[0]);
}

}  // namespace gradus
