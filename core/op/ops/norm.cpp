#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  const double p = as_number(call.attrs[1]);
  const Tensor& x = call.input(0);
  for (int64_t dim : shape::reduced_dims(call.op, call.attrs, x.sizes().size())) {
    if (x.size(dim) != 0 || (p >= 0 && !std::isinf(p))) continue;
    fail(call.op, "dimension {} of {} is empty: nothing has no norm with p = {}", dim,
         to_prose(x.sizes()), p);
  }
  shape::reduce_floating(call, outputs);
}

Tensors backward(const BackwardCall& c) {
  const Tensor& x = c.inputs[0];
  const double p = as_number(c.attrs[1]);
  const Dims kept =
      shape::kept_sizes(x.sizes(), shape::reduced_dims("norm", c.attrs, x.sizes().size()));
  const Tensor y = reshape(c.outputs[0], kept);
  const Tensor grad = reshape(c.grad(), kept);
  if (p == 0) return {Tensor()};  // it counts; a count has no gradient
  if (p == 1) return {grad * sign(x)};
  if (std::isinf(p)) {
    const Tensor equal = to(logical_or(eq(abs(x), y), logical_and(isnan(x), isnan(y))), x.dtype());
    const Dims dims = shape::reduced_dims("norm", c.attrs, x.sizes().size());
    return {sign(x) * (grad / sum(equal, dims, true)) * equal};
  }
  if (p == 2) return {masked_fill(grad / y, eq(y, 0), 0) * x};
  const Tensor scale = masked_fill(grad / pow(y, p - 1), eq(y, 0), 0);
  return {masked_fill(x * pow(abs(x), p - 2), eq(x, 0), 0) * scale};
}

}  // namespace

const OpDef ops::norm{
    .id = OpId::norm,
    .torch = "torch.linalg.vector_norm(x, p, dims or tuple(range(x.dim())), keepdim)",
    .category = Category::reduction,
    .inputs = {{"x", "floating-point numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "Dimensions to reduce; none means all."},
              {"p", AttrType::real, 2.0, -INFINITY, INFINITY,
               "1 adds sizes, 2 squares, inf takes the largest."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = infer,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .grad_name = "LinalgVectorNormBackward0",
    .summary = "The length of a vector: the root of its summed squares, for p = 2.",
    .formula = R"(y = (\sum_i |x_i|^p)^{1/p})",
    .grad_formula = R"(\bar x_i = \bar y\, x_i |x_i|^{p-2} / y^{p-1})",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{1}), AttrValue(1.0)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 3)},
                Attrs{AttrValue(Dims{0, 2}), AttrValue(3.0), AttrValue(true)});
          s.add({sample::uniform({2, 3}, -2, 2, 4)},
                Attrs{AttrValue(Dims{1}), AttrValue(INFINITY)});
          s.add({sample::uniform({2, 3}, -2, 2, 4)},
                Attrs{AttrValue(Dims{1}), AttrValue(-INFINITY)});
          s.add({sample::uniform({2, 3}, -2, 2, 5)}, Attrs{AttrValue(Dims{1}), AttrValue(0.0)});
          s.add({sample::values({0.0, 0.0})});
        },
};

Tensor norm(const Tensor& x, double p, DimsView dims, bool keepdim) {
  return call(ops::norm, {x}, Attrs{AttrValue(Dims(dims)), AttrValue(p), AttrValue(keepdim)});
}

}  // namespace gradus
