#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensor of_variance(const BackwardCall& c, const Tensor& grad) {
  const Tensor& x = c.inputs[0];
  const Dims dims = shape::reduced_dims("std", c.attrs, x.sizes().size());
  int64_t count = 1;
  for (int64_t dim : dims) count *= x.size(dim);
  const double free = static_cast<double>(count - std::get<int64_t>(c.attrs[1]));
  const Tensor spread = expand(reshape(grad, shape::kept_sizes(x.sizes(), dims)), x.sizes());
  return spread * (2.0 / free) * (x - mean(x, dims, /*keepdim=*/true));
}

Tensors backward(const BackwardCall& c) {
  const Tensor& y = c.outputs[0];
  return {of_variance(c, masked_fill(c.grad() / (y * 2), eq(y, 0), 0))};
}

}  // namespace

const OpDef ops::std{
    .id = OpId::std,
    .torch = "torch.std(x, dims or tuple(range(x.dim())), correction=correction, keepdim=keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "floating-point numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "Dimensions to reduce; none means all."},
              {"correction", AttrType::integer, int64_t{1}, 0, 9e18,
               "Taken off the count: 1 is Bessel's."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = shape::reduce_floating,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .summary = "The root of the mean squared distance from the mean.",
    .formula = R"(y = \sqrt{\tfrac1{n-c} \sum_i (x_i - \bar x)^2})",
    .grad_formula = R"(\bar x_i = \tfrac{\bar y}{y (n-c)} (x_i - \bar x))",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{0, 2})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 3)},
                Attrs{AttrValue(Dims{1}), AttrValue(int64_t{0}), AttrValue(true)});
        },
};

Tensor std(const Tensor& x, DimsView dims, int64_t correction, bool keepdim) {
  return call(ops::std, {x},
              Attrs{AttrValue(Dims(dims)), AttrValue(correction), AttrValue(keepdim)});
}

}  // namespace gradus
