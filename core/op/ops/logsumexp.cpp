#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Tensor& x = c.inputs[0];
  const Dims kept =
      shape::kept_sizes(x.sizes(), shape::reduced_dims("logsumexp", c.attrs, x.sizes().size()));
  return {reshape(c.grad(), kept) * exp(x - reshape(c.outputs[0], kept))};
}

}  // namespace

const OpDef ops::logsumexp{
    .id = OpId::logsumexp,
    .torch = "torch.logsumexp(x, dims or tuple(range(x.dim())), keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "Dimensions to reduce; none means all."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = shape::reduce,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .dtypes = Dtypes::promoted_to_float,
    .summary = "The logarithm of summed exponentials, which never overflows.",
    .formula = R"(y = \log \sum_i e^{x_i})",
    .grad_formula = R"(\bar x_i = \bar y\, e^{x_i - y})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)}, Attrs{AttrValue(Dims{1})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)},
                Attrs{AttrValue(Dims{0, 2}), AttrValue(true)});
          s.add({sample::uniform({3}, 900, 1000, 3)});
          s.add({sample::values({0.0, 1.0, -INFINITY})});
          s.add({sample::values({-INFINITY, -INFINITY})});
          s.add({sample::values({INFINITY, 1.0})});
        },
};

Tensor logsumexp(const Tensor& x, DimsView dims, bool keepdim) {
  return call(ops::logsumexp, {x}, Attrs{AttrValue(Dims(dims)), AttrValue(keepdim)});
}

}  // namespace gradus
