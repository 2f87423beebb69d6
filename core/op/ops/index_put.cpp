#include "core/op/functions.h"
#include "core/op/index_rules.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const std::span<const Tensor> indices = c.inputs.subspan(2);
  Tensors grads(c.inputs.size(), Tensor());
  if (c.needs_grad(0)) {
    grads[0] = c.grad();
    if (!std::get<bool>(c.attrs[0])) {
      grads[0] = clone(c.grad());
      index_put_(grads[0], indices, zeros(Dims{}, c.grad().dtype(), c.grad().device()));
    }
  }
  if (c.needs_grad(1)) grads[1] = index(c.grad(), indices);
  return grads;
}

}  // namespace

const OpDef ops::index_put{
    .id = OpId::index_put,
    .torch = "index_put(target, values, indices, accumulate)",
    .category = Category::indexing,
    .inputs = {{"target", "what is overwritten"},
               {"values", "broadcast against the places"},
               {"indices", "whole numbers, for each dimension; none for all of it", true}},
    .attrs = {{"accumulate", AttrType::boolean, false, 0, 1, "Add instead."}},
    .infer = shape::index_put,
    .saves = {Saves{.inputs = 0x3fc}, Saves{.inputs = 0x3fc}, save_nothing()},
    .backward = backward,
    .writes = 1,
    .variadic = true,
    .summary = "Overwrites elements at places that tensors of whole numbers say, or adds to them.",
    .formula = R"(y_{i_k j_k} \leftarrow v_k)",
    .grad_formula = R"(\bar v_k = \bar y_{i_k j_k})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 4}, -2, 2, 1), sample::uniform({2, 4}, -2, 2, 2),
                 gradus::to(sample::values({0.0, -1.0}), DType::int64)});
          s.add({sample::uniform({3, 4}, -2, 2, 4), sample::uniform({5, 4}, -2, 2, 5),
                 sample::integers({5}, -3, 2, 3)},
                Attrs{AttrValue(true)});
        },
};

Tensor index_put_(const Tensor& target, std::span<const Tensor> indices, const Tensor& values,
                  bool accumulate) {
  Tensors inputs{target, values};
  for (const Tensor& each : indices) inputs.push_back(each);
  return std::move(call_all(ops::index_put, inputs, Attrs{AttrValue(accumulate)})[0]);
}

}  // namespace gradus
