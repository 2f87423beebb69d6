#include "core/op/shape_rules.h"

#include <algorithm>
#include <cmath>

#include "core/op/functions.h"

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
  broadcast(call, outputs);
}

void broadcast_to_bool(const InferCall& call, Outputs& outputs) {
  broadcast(call, outputs);
  outputs[0].meta.dtype = DType::boolean;
}

Dims reduced_dims(const char* op, const Attrs& attrs, size_t rank) {
  Dims dims;
  for (int64_t dim : std::get<Dims>(attrs[0])) {
    const int64_t wrapped = wrap_dim(op, dim, rank);
    if (std::find(dims.begin(), dims.end(), wrapped) != dims.end()) {
      fail(op, "dimension {} appears twice in dims {}", dim, to_string(std::get<Dims>(attrs[0])));
    }
    if (rank > 0) dims.push_back(wrapped);
  }
  if (std::get<Dims>(attrs[0]).empty()) {
    for (size_t i = 0; i < rank; ++i) dims.push_back(static_cast<int64_t>(i));
  }
  return dims;
}

void reduce(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const Dims dims = reduced_dims(call.op, call.attrs, x.sizes().size());
  const bool keepdim = std::get<bool>(call.attrs[1]);
  Dims sizes;
  for (size_t i = 0; i < x.sizes().size(); ++i) {
    const bool reduced = std::find(dims.begin(), dims.end(), static_cast<int64_t>(i)) != dims.end();
    if (!reduced) sizes.push_back(x.sizes()[i]);
    if (reduced && keepdim) sizes.push_back(1);
  }
  const DType dtype = is_floating_point(x.dtype()) ? x.dtype() : DType::int64;
  outputs.push_back({.meta = {sizes, dtype}});
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

Tensor spread_reduced_grad(const char* op, const BackwardCall& call) {
  const Dims& sizes = call.input_metas[0].sizes;
  Dims kept = sizes;
  for (int64_t dim : shape::reduced_dims(op, call.attrs, sizes.size())) {
    kept[static_cast<size_t>(dim)] = 1;
  }
  return expand(reshape(call.grad(), kept), sizes);
}

Tensor product_grad_left(const Tensor& grad, const Tensor& right) { return mm(grad, t(right)); }

Tensor product_grad_right(const Tensor& left, const Tensor& grad, const Tensor& right) {
  const bool transposed = !right.is_contiguous() && right.strides()[0] == 1;
  return transposed ? t(mm(t(grad), left)) : mm(t(left), grad);
}

}  // namespace gradus
