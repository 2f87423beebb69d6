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
// The same for whole numbers and bools alone.
void broadcast_whole(const InferCall& call, Outputs& outputs);
void whole_as_input(const InferCall& call, Outputs& outputs);
// The first input's shape, dtype bool.
void same_sizes_as_bool(const InferCall& call, Outputs& outputs);

// The input's shape; of floating point, attrs: dim first.
void floating_along_dim(const InferCall& call, Outputs& outputs);
// The input's shape; attrs: dim. Integer and bool inputs become int64.
void running_totals(const InferCall& call, Outputs& outputs);
// The input's shape, which has rows and columns at its end.
void matrices(const InferCall& call, Outputs& outputs);

// attrs: dims first (empty, or no attributes at all, means all), keepdim last. Integer and bool
// inputs are summed as int64.
void reduce(const InferCall& call, Outputs& outputs);
void reduce_floating(const InferCall& call, Outputs& outputs);  // floating point alone
void reduce_to_bool(const InferCall& call, Outputs& outputs);
// To one of the elements, so that there must be one; of the input's dtype.
void reduce_to_one_of_them(const InferCall& call, Outputs& outputs);
// attrs: dim, keepdim. Where in that dimension something stands (int64); and its value before.
void places(const InferCall& call, Outputs& outputs);
void values_and_places(const InferCall& call, Outputs& outputs);

// Inputs `left` (n×m) and `right` (m×p) give n×p.
void matrix_product(const InferCall& call, size_t left, size_t right, Outputs& outputs);

void require_floating_point(const InferCall& call, size_t input);
void require_bool(const InferCall& call, size_t input);
// Whether a number may become one of that input's elements.
void require_value_fits(const InferCall& call, size_t input, const AttrValue& value);
// Whole numbers are not divided by 0 (input 1).
void check_divisor(const char* op, std::span<const Tensor> inputs);
// The dims attribute of a reduction, wrapped and completed.
Dims reduced_dims(const char* op, const Attrs& attrs, size_t rank);
// `sizes` with 1 for those in `dims`.
Dims kept_sizes(DimsView sizes, const Dims& dims);

}  // namespace gradus::shape

namespace gradus {

// Zeros where the gradient of the first input is to be written.
Tensor zeros_for_input(const BackwardCall& call);
// The gradient of a reduction that weighs all elements alike, spread back over the input's shape.
Tensor spread_reduced_grad(const char* op, const BackwardCall& call);
// Of a reduction to one of the elements (saved: input 0, output 0): equal ones share it.
Tensor share_among_equals(const char* op, const BackwardCall& call);
// Of values picked along a dimension, whose places are output 1: put back where they came from.
Tensor put_back_along(const BackwardCall& call, int64_t dim, bool keepdim);
// Of scatter's source, with input 1 saved.
Tensor grad_of_source(const BackwardCall& call, int64_t dim);
// Of Y = A B: Ȳ Bᵀ and Aᵀ Ȳ. The right one is laid out in memory as B is, so that the gradient of
// a Linear's transposed weight ends up contiguous.
Tensor product_grad_left(const Tensor& grad, const Tensor& right);
Tensor product_grad_right(const Tensor& left, const Tensor& grad, const Tensor& right);

}  // namespace gradus
