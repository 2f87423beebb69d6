// Shape rules that several ops share, named so that an op's definition reads as a sentence.
#pragma once

#include "core/op/op_def.h"

namespace gradus::shape {

// The result has the first input's shape and dtype.
void same_as_input(const InferCall& call, Outputs& outputs);
// The two inputs are broadcast; the result has their dtype.
void broadcast(const InferCall& call, Outputs& outputs);
// The same for a ± alpha·b, whose alpha must fit the dtype.
void broadcast_with_alpha(const InferCall& call, Outputs& outputs);
// The same with dtype bool.
void broadcast_to_bool(const InferCall& call, Outputs& outputs);
// attrs: dims (empty means all), keepdim. Integer and bool inputs are summed as int64.
void reduce(const InferCall& call, Outputs& outputs);

// Inputs `left` (n×m) and `right` (m×p) give n×p.
void matrix_product(const InferCall& call, size_t left, size_t right, Outputs& outputs);

void require_floating_point(const InferCall& call, size_t input);
// The dims attribute of a reduction, wrapped and completed.
Dims reduced_dims(const char* op, const Attrs& attrs, size_t rank);

}  // namespace gradus::shape

namespace gradus {

// The gradient of a reduction that weighs all elements alike, spread back over the input's shape.
Tensor spread_reduced_grad(const char* op, const BackwardCall& call);
// Of Y = A B: Ȳ Bᵀ and Aᵀ Ȳ. The right one is laid out in memory as B is, so that the gradient of
// a Linear's transposed weight ends up contiguous.
Tensor product_grad_left(const Tensor& grad, const Tensor& right);
Tensor product_grad_right(const Tensor& left, const Tensor& grad, const Tensor& right);

}  // namespace gradus
