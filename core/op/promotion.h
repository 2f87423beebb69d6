// Which dtype an op of several computes in.
// Source: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc and
// aten/src/ATen/native/TypeProperties.cpp.
#pragma once

#include <span>

#include "core/tensor/tensor.h"

namespace gradus {

// What holds the numbers of both, as torch.promote_types.
DType promote_types(DType a, DType b);
// As torch.result_type: tensors with dimensions count more than 0-dimensional ones, these more than
// numbers in an expression, unless they are of a higher kind (bool, whole, floating).
DType result_type(std::span<const Tensor> tensors);
// Whether an in-place op may round to it, as torch.can_cast: not from floating to whole numbers,
// not from numbers to bool.
bool can_cast(DType from, DType to);

}  // namespace gradus
