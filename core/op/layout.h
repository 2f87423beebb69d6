// How fresh results lie in memory: like their inputs, as in PyTorch.
// Source: TensorIterator::reorder_dimensions, aten/src/ATen/TensorIterator.cpp.
#pragma once

#include <span>

#include "core/op/op_def.h"

namespace gradus {

// Whether each element of the result comes from those at the same place of the inputs.
bool is_elementwise(OpId id);

// Dense strides of an elementwise result of `sizes`, which its inputs are broadcast to: in the
// order of the inputs' dimensions, the first input that tells deciding. Empty: row by row.
Dims kept_strides(std::span<const Tensor> inputs, DimsView sizes);

// `fresh` is dense; its elements stay in their order in memory, which becomes that of x, a tensor
// of the same shape.
Tensor laid_out_like(const Tensor& x, Tensor fresh);

// The same elements with the dimensions in the order in which `strides` (of the result) has them in
// memory, so that the result is dense row by row. x is broadcast to `sizes`.
Tensor in_order_of(const Tensor& x, DimsView sizes, DimsView strides);
inline Tensor in_order_of(const Tensor& x, const Tensor& like) {
  return x.defined() && !like.is_contiguous() ? in_order_of(x, like.sizes(), like.strides()) : x;
}

}  // namespace gradus
