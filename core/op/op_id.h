// One number per op, in the order of all_ops.inc. Kernels are kept in tables by it.
// Kernel files compiled for one instruction set include this and nothing heavier.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradus {

enum class OpId : uint16_t {
#define GRADUS_OP(name) name,
#include "core/op/all_ops.inc"
  count,
};
inline constexpr size_t kOpCount = static_cast<size_t>(OpId::count);

}  // namespace gradus
