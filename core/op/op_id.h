// One number per op, in the order of all_ops.inc. Kernels are kept in tables by it.
// Kernel files compiled for one instruction set include this and nothing heavier.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradus {

enum class OpId : uint16_t {
#define GRADUS_UNARY(name, types) name,
#define GRADUS_BINARY(name, types) name,
#define GRADUS_COMPARE(name) name,
#define GRADUS_VIEW(name) name,
#define GRADUS_OP(name) name,
#include "core/op/all_ops.inc"
#undef GRADUS_UNARY
#undef GRADUS_BINARY
#undef GRADUS_COMPARE
#undef GRADUS_VIEW
#undef GRADUS_OP
  count,
};
inline constexpr size_t kOpCount = static_cast<size_t>(OpId::count);

}  // namespace gradus
