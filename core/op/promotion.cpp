#include "core/op/promotion.h"

#include <algorithm>
#include <optional>

namespace gradus {
namespace {

bool is_whole(DType dtype) { return !is_floating_point(dtype) && dtype != DType::boolean; }

// The higher class decides, unless the lower one is of a higher kind.
std::optional<DType> combine(std::optional<DType> higher, std::optional<DType> lower) {
  if (!higher || !lower) return higher ? higher : lower;
  if (is_floating_point(*higher)) return higher;
  if (*higher == DType::boolean || is_floating_point(*lower)) return promote_types(*higher, *lower);
  return higher;
}

}  // namespace

DType promote_types(DType a, DType b) {
  if (a == b) return a;
  const auto either = [&](DType dtype) { return a == dtype || b == dtype; };
  if (either(DType::float64)) return DType::float64;
  if (either(DType::float32)) return DType::float32;
  if (either(DType::int64)) return DType::int64;
  if (either(DType::int32)) return DType::int32;
  return DType::uint8;  // and bool
}

DType result_type(std::span<const Tensor> tensors) {
  std::optional<DType> with_dims, without, numbers;
  for (const Tensor& tensor : tensors) {
    if (!tensor.defined()) continue;
    std::optional<DType>& of = tensor.is_wrapped_number() ? numbers
                               : tensor.dim() > 0         ? with_dims
                                                          : without;
    // A number in an expression is of the default dtype of its kind.
    const DType own = tensor.is_wrapped_number() && tensor.dtype() == DType::float64
                          ? DType::float32
                          : tensor.dtype();
    of = of ? promote_types(*of, own) : own;
  }
  return combine(with_dims, combine(without, numbers)).value_or(DType::float32);
}

bool can_cast(DType from, DType to) {
  if (is_floating_point(from)) return is_floating_point(to);
  if (is_whole(from)) return to != DType::boolean;
  return true;
}

}  // namespace gradus
