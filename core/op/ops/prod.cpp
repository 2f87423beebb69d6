#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  if (std::get<Dims>(call.attrs[0]).size() > 1) {
    fail(call.op, "reduces one dimension or all, got {}", to_string(std::get<Dims>(call.attrs[0])));
  }
  shape::reduce(call, outputs);
}

Tensors backward(const BackwardCall& c) {
  const Tensor& x = c.inputs[0];
  const Dims& dims = std::get<Dims>(c.attrs[0]);
  const Dims& sizes = c.input_metas[0].sizes;
  const Tensor grad = spread_reduced_grad("prod", c);
  if (!(x.device() == kMeta)) {  // as PyTorch, by how many zeros there are
    const double zeros = sum(eq(x.detach(), 0)).item();
    if (zeros == 0) {
      const Dims kept =
          shape::kept_sizes(sizes, shape::reduced_dims("prod", c.attrs, sizes.size()));
      return {grad * (reshape(c.outputs[0], kept) / x)};
    }
    if (zeros > 1 && dims.empty() && !context().grad_enabled) return {zeros_like(x)};
  }
  // The product of all others: of those before times those after, so that zeros do no harm.
  const Tensor flat = dims.empty() || x.dim() == 0 ? reshape(x, Dims{-1}) : x;
  const int64_t dim = dims.empty() || x.dim() == 0 ? 0 : wrap_dim("prod", dims[0], sizes.size());
  const int64_t n = flat.size(dim);
  if (n == 0) return {zeros_like(x)};
  const Tensor one = ones_like(slice(flat, dim, 0, 1));
  const Tensor before = cumprod(cat({one, slice(flat, dim, 0, n - 1)}, dim), dim);
  const Dims along{dim};
  const Tensor turned = flip(slice(flat, dim, 1, n), along);
  const Tensor after = flip(cumprod(cat({one, turned}, dim), dim), along);
  return {reshape(before * after, sizes) * grad};
}

}  // namespace

const OpDef ops::prod{
    .id = OpId::prod,
    .torch = "(torch.prod(x, dims[0], keepdim) if dims else torch.prod(x))",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dims", AttrType::dims, Dims{}, -64, 63, "The dimension to reduce; none means all."},
              {"keepdim", AttrType::boolean, false, 0, 1, "Keep what is reduced, with size 1."}},
    .infer = infer,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .overload = [](const Attrs& attrs) { return std::get<Dims>(attrs[0]).empty() ? 0 : 1; },
    .summary = "Multiplies all elements, or those along a dimension.",
    .formula = R"(y = \prod_i x_i)",
    .grad_formula = R"(\bar x_i = \bar y \prod_{j \ne i} x_j)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1)});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 2)}, Attrs{AttrValue(Dims{0})});
          s.add({sample::uniform({2, 3, 4}, -2, 2, 3)},
                Attrs{AttrValue(Dims{-1}), AttrValue(true)});
          s.add({sample::values({2.0, 0.0, 3.0})});
          s.add({sample::values({0.0, 0.0, 3.0})});
          s.add({sample::integers({4, 3}, -3, 3, 5)}, Attrs{AttrValue(Dims{1})});
        },
};

Tensor prod(const Tensor& x, DimsView dims, bool keepdim) {
  return call(ops::prod, {x}, Attrs{AttrValue(Dims(dims)), AttrValue(keepdim)});
}

}  // namespace gradus
