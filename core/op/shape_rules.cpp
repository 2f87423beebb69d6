#include "core/op/shape_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"
#include "core/op/observer.h"

namespace gradus::shape {

void require_floating_point(const InferCall& call, size_t input) {
  const DType dtype = call.input(input).dtype();
  if (!is_floating_point(dtype)) {
    fail(call.op, "needs a floating-point tensor, got {}", to_string(dtype));
  }
}

void same_as_input(const InferCall& call, Outputs& outputs) {
  outputs.push_back({.meta = call.input(0).meta()});
}

void broadcast(const InferCall& call, Outputs& outputs) {
  outputs.push_back(
      {.meta = {broadcast_sizes(call.op, call.input(0).sizes(), call.input(1).sizes()),
                call.input(0).dtype()}});
}

void broadcast_with_alpha(const InferCall& call, Outputs& outputs) {
  const double alpha = std::get<double>(call.attrs[0]);
  const DType dtype = call.input(0).dtype();
  if (!is_floating_point(dtype) && (std::nearbyint(alpha) != alpha || std::abs(alpha) > 9e15)) {
    fail(call.op, "alpha must be a whole number for {} tensors, got {}", to_string(dtype), alpha);
  }
  require_value_fits(call, 0, call.attrs[0]);
  broadcast(call, outputs);
}

void broadcast_to_bool(const InferCall& call, Outputs& outputs) {
  broadcast(call, outputs);
  outputs[0].meta.dtype = DType::boolean;
}

void broadcast_whole(const InferCall& call, Outputs& outputs) {
  whole_as_input(call, outputs);
  outputs.clear();
  broadcast(call, outputs);
}

void whole_as_input(const InferCall& call, Outputs& outputs) {
  const DType dtype = call.input(0).dtype();
  if (is_floating_point(dtype)) {
    fail(call.op, "works on whole numbers and bools, got {}", to_string(dtype));
  }
  same_as_input(call, outputs);
}

void floating_along_dim(const InferCall& call, Outputs& outputs) {
  require_floating_point(call, 0);
  wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), call.input(0).sizes().size());
  same_as_input(call, outputs);
}

void running_totals(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), x.sizes().size());
  const DType dtype = is_floating_point(x.dtype()) ? x.dtype() : DType::int64;
  outputs.push_back({.meta = {x.sizes(), dtype}});
}

void matrices(const InferCall& call, Outputs& outputs) {
  if (call.input(0).dim() < 2) {
    fail(call.op, "needs a matrix or more, got {}", to_prose(call.input(0).sizes()));
  }
  same_as_input(call, outputs);
}

void same_sizes_as_bool(const InferCall& call, Outputs& outputs) {
  outputs.push_back({.meta = {call.input(0).sizes(), DType::boolean}});
}

void require_bool(const InferCall& call, size_t input) {
  if (call.input(input).dtype() == DType::boolean) return;
  fail(call.op, "needs a bool tensor that says where, got {}: compare with something, or use to()",
       to_string(call.input(input).dtype()));
}

void require_value_fits(const InferCall& call, size_t input, const AttrValue& value) {
  const DType dtype = call.input(input).dtype();
  const double number = as_number(value);
  if (is_floating_point(dtype) || dtype == DType::boolean) return;
  const bool fits = visit_dtype(dtype, [&](auto zero) {
    using Limits = std::numeric_limits<decltype(zero)>;
    return number >= static_cast<double>(Limits::min()) &&
           number <= static_cast<double>(Limits::max());
  });
  if (fits) return;
  fail(call.op, "{} does not fit into a {} tensor: use to() first", number, to_string(dtype));
}

void check_divisor(const char* op, std::span<const Tensor> inputs) {
  const Tensor divisor = inputs[1].detach();
  if (is_floating_point(divisor.dtype()) || divisor.numel() == 0) return;
  const NoGradGuard no_grad;
  const ScopedValue<Observer*> unseen(context().observer, nullptr);
  if (any(eq(divisor, number(int64_t{0}, divisor))).item()) {
    fail(op, "a whole number cannot be divided by 0");
  }
}

Dims reduced_dims(const char* op, const Attrs& attrs, size_t rank) {
  Dims dims;
  const Dims asked = attrs.empty() ? Dims{} : std::get<Dims>(attrs[0]);
  for (int64_t dim : asked) {
    const int64_t wrapped = wrap_dim(op, dim, rank);
    if (std::find(dims.begin(), dims.end(), wrapped) != dims.end()) {
      fail(op, "dimension {} appears twice in dims {}", dim, to_string(asked));
    }
    if (rank > 0) dims.push_back(wrapped);
  }
  if (asked.empty()) {
    for (size_t i = 0; i < rank; ++i) dims.push_back(static_cast<int64_t>(i));
  }
  return dims;
}

Dims kept_sizes(DimsView sizes, const Dims& dims) {
  Dims kept(sizes);
  for (int64_t dim : dims) kept[static_cast<size_t>(dim)] = 1;
  return kept;
}

namespace {

void reduce_to(DType dtype, const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const Dims dims = reduced_dims(call.op, call.attrs, x.sizes().size());
  const bool keepdim = !call.attrs.empty() && std::get<bool>(call.attrs.back());
  Dims sizes;
  for (size_t i = 0; i < x.sizes().size(); ++i) {
    const bool reduced = std::find(dims.begin(), dims.end(), static_cast<int64_t>(i)) != dims.end();
    if (!reduced) sizes.push_back(x.sizes()[i]);
    if (reduced && keepdim) sizes.push_back(1);
  }
  outputs.push_back({.meta = {sizes, dtype}});
}

}  // namespace

void reduce(const InferCall& call, Outputs& outputs) {
  const DType dtype = call.input(0).dtype();
  reduce_to(is_floating_point(dtype) ? dtype : DType::int64, call, outputs);
}

void reduce_floating(const InferCall& call, Outputs& outputs) {
  require_floating_point(call, 0);
  reduce(call, outputs);
}

void reduce_to_bool(const InferCall& call, Outputs& outputs) {
  // As PyTorch, for the sake of what was written before there were bools.
  reduce_to(call.input(0).dtype() == DType::uint8 ? DType::uint8 : DType::boolean, call, outputs);
}

void reduce_to_one_of_them(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  for (int64_t dim : reduced_dims(call.op, call.attrs, x.sizes().size())) {
    if (x.size(dim) != 0) continue;
    fail(call.op, "dimension {} of {} is empty: there is nothing to choose from", dim,
         to_prose(x.sizes()));
  }
  reduce_to(x.dtype(), call, outputs);
}

void places(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const size_t dim =
      static_cast<size_t>(wrap_dim(call.op, std::get<int64_t>(call.attrs[0]), x.sizes().size()));
  Dims sizes = x.sizes();
  if (!sizes.empty()) {
    if (sizes[dim] == 0) {
      fail(call.op, "dimension {} of {} is empty: there is nothing to choose from", dim,
           to_prose(x.sizes()));
    }
    if (std::get<bool>(call.attrs[1])) {
      sizes[dim] = 1;
    } else {
      sizes.erase(dim);
    }
  }
  outputs.push_back({.meta = {sizes, DType::int64}});
}

void values_and_places(const InferCall& call, Outputs& outputs) {
  places(call, outputs);
  const Dims sizes = outputs[0].meta.sizes;
  outputs.insert(0, {.meta = {sizes, call.input(0).dtype()}});
}

void matrix_product(const InferCall& call, size_t left, size_t right, Outputs& outputs) {
  const Tensor& a = call.input(left);
  const Tensor& b = call.input(right);
  if (a.dim() != 2 || b.dim() != 2) {
    fail(call.op, "multiplies two matrices, got shapes {} and {}", to_prose(a.sizes()),
         to_prose(b.sizes()));
  }
  if (a.size(1) != b.size(0)) {
    fail(call.op, "cannot multiply {} by {}: the inner sizes {} and {} differ", to_prose(a.sizes()),
         to_prose(b.sizes()), a.size(1), b.size(0));
  }
  outputs.push_back({.meta = {Dims{a.size(0), b.size(1)}, a.dtype()}});
}

}  // namespace gradus::shape

namespace gradus {

Tensor zeros_for_input(const BackwardCall& call) {
  return zeros(call.input_metas[0].sizes, call.grad().dtype(), call.grad().device());
}

Tensor spread_reduced_grad(const char* op, const BackwardCall& call) {
  const Dims& sizes = call.input_metas[0].sizes;
  const Dims dims = shape::reduced_dims(op, call.attrs, sizes.size());
  return expand(reshape(call.grad(), shape::kept_sizes(sizes, dims)), sizes);
}

Tensor share_among_equals(const char* op, const BackwardCall& call) {
  const Tensor& x = call.inputs[0];
  const Dims dims = shape::reduced_dims(op, call.attrs, x.sizes().size());
  const Dims kept = shape::kept_sizes(x.sizes(), dims);
  const Tensor y = reshape(call.outputs[0], kept);
  Tensor equal = eq(x, y);
  // As PyTorch: max and min give a nan's gradient to the nans, amax and amin make it nan.
  if (call.attrs.empty()) equal = logical_or(equal, logical_and(isnan(x), isnan(y)));
  const Tensor share = to(equal, x.dtype());
  const Tensor count = sum(share, dims, /*keepdim=*/true);
  if (call.attrs.empty()) {
    return masked_fill(expand(reshape(call.grad(), kept) / count, x.sizes()), logical_not(equal),
                       0);
  }
  return reshape(call.grad(), kept) * share / count;
}

Tensor put_back_along(const BackwardCall& call, int64_t dim, bool keepdim) {
  const TensorMeta& meta = call.input_metas[0];
  const Tensor whole = zeros_for_input(call);
  if (meta.sizes.empty()) return reshape(call.grad(), meta.sizes);
  const int64_t at = wrap_dim("scatter", dim, meta.sizes.size());
  const auto kept = [&](const Tensor& x) { return keepdim ? x : unsqueeze(x, at); };
  return scatter(whole, at, kept(call.outputs[1]), kept(call.grad()));
}

Tensor grad_of_source(const BackwardCall& call, int64_t dim) {
  const Dims& sizes = call.input_metas[2].sizes;
  const Tensor& index = call.inputs[1];
  if (index.numel() == 0) return zeros(sizes, call.grad().dtype(), call.grad().device());
  const Tensor grad = gather(call.grad(), dim, index);
  if (index.sizes() == sizes) return grad;
  // What the source holds beyond the index was not used.
  const Tensor whole = zeros(sizes, grad.dtype(), grad.device());
  Tensor used = whole;
  for (size_t d = 0; d < sizes.size(); ++d) {
    used = slice(used, static_cast<int64_t>(d), 0, index.sizes()[d]);
  }
  copy_(used, grad);
  return whole;
}

Tensor product_grad_left(const Tensor& grad, const Tensor& right) { return mm(grad, t(right)); }

Tensor product_grad_right(const Tensor& left, const Tensor& grad, const Tensor& right) {
  const bool transposed = !right.is_contiguous() && right.strides()[0] == 1;
  return transposed ? t(mm(t(grad), left)) : mm(t(left), grad);
}

}  // namespace gradus
