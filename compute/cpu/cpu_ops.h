// Kernels of the ops that are not elementwise, one function per GRADUS_OP of all_ops.inc; a missing
// one is a link error that names it. Elementwise ops share one driver.
#pragma once

#include "core/op/call.h"

namespace gradus::cpu {

#define GRADUS_UNARY(name, types)
#define GRADUS_BINARY(name, types)
#define GRADUS_COMPARE(name)
#define GRADUS_VIEW(name)
#define GRADUS_OP(name) void name(const KernelCall& call);
#include "core/op/all_ops.inc"
#undef GRADUS_UNARY
#undef GRADUS_BINARY
#undef GRADUS_COMPARE
#undef GRADUS_VIEW
#undef GRADUS_OP

void elementwise(const KernelCall& call);

// A matrix that dnnl_sgemm can read as it lies in memory.
bool is_gemm_layout(const Tensor& matrix);

}  // namespace gradus::cpu
