#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) {
  const Tensor& x = c.inputs[0];
  if (x.dim() == 0) return {c.grad()};
  const int64_t dim = wrap_dim("cumprod", std::get<int64_t>(c.attrs[0]), x.sizes().size());
  const Dims along{dim};
  const auto sums_from_here = [&](const Tensor& y) {
    return flip(cumsum(flip(y, along), dim), along);
  };
  if (x.device() == kMeta || !any(eq(x.detach(), 0)).item()) {
    return {sums_from_here(c.grad() * c.outputs[0]) / x};
  }
  if (!context().grad_enabled) {
    // Before the first zero as without zeros; at the first one, the products of the others up to
    // the second; nothing behind it. As PyTorch's cumprod_backward.
    const Tensor is_zero = eq(x, 0);
    const Tensor zeros_so_far = cumsum(is_zero, dim);
    const Tensor before = eq(zeros_so_far, 0);
    const Tensor first = logical_and(is_zero, eq(zeros_so_far, 1));
    const Tensor between = logical_and(eq(zeros_so_far, 1), logical_not(first));
    const Tensor w = c.grad() * c.outputs[0];
    const Tensor head = sums_from_here(masked_fill(w, logical_not(before), 0)) / x;
    const Tensor rest = cumprod(masked_fill(x, logical_not(between), 1), dim);
    const Tensor tail =
        sum(rest * masked_fill(c.grad(), ne(zeros_so_far, 1), 0), along, /*keepdim=*/true);
    const Tensor one = ones_like(slice(x, dim, 0, 1));
    const Tensor product_before = cat({one, slice(c.outputs[0], dim, 0, x.size(dim) - 1)}, dim);
    const Tensor none = zeros_like(x);
    return {where(before, head, where(first, tail * product_before, none))};
  }
  // With zeros, to be differentiated again: for each element, the products of which it is left out.
  std::vector<Tensor> parts;
  const int64_t n = x.size(dim);
  for (int64_t k = 0; k < n; ++k) {
    const Tensor before =
        k == 0 ? ones_like(slice(x, dim, 0, 1)) : slice(c.outputs[0], dim, k - 1, k);
    const Tensor after =
        cumprod(cat({ones_like(slice(x, dim, 0, 1)), slice(x, dim, k + 1, n)}, dim), dim);
    parts.push_back(sum(slice(c.grad(), dim, k, n) * before * after, along));
  }
  return {stack(parts, dim)};
}

}  // namespace

const OpDef ops::cumprod{
    .id = OpId::cumprod,
    .torch = "torch.cumprod(x, dim)",
    .category = Category::reduction,
    .inputs = {{"x", "any numbers"}},
    .attrs = {{"dim", AttrType::integer, {}, -64, 63, "Along which."}},
    .infer = shape::running_totals,
    .saves = {Saves{.inputs = 1, .outputs = 1}},
    .backward = backward,
    .summary = "Products so far, along a dimension.",
    .formula = R"(y_i = \prod_{j \le i} x_j)",
    .grad_formula = R"(\bar x_i = \sum_{j \ge i} \bar y_j\, y_j / x_i)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 5}, -2, 2, 1)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({3, 2, 2}, -2, 2, 2)}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::values({2.0, 0.0, 3.0, 4.0})}, Attrs{AttrValue(int64_t{0})});
          s.add({sample::integers({4, 3}, -3, 3, 5)}, Attrs{AttrValue(int64_t{-1})});
        },
};

Tensor cumprod(const Tensor& x, int64_t dim) {
  return call(ops::cumprod, {x}, Attrs{AttrValue(dim)});
}

}  // namespace gradus
