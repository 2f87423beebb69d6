// Kernels of the ops that are not elementwise, one function per GRADUS_OP of all_ops.inc; a missing
// one is a link error that names it. Elementwise ops share one driver.
#pragma once

#include "core/op/call.h"

namespace gradus::cpu {

#define GRADUS_ELEMENTWISE(name)
#define GRADUS_VIEW(name)
#define GRADUS_OP(name) void name(const KernelCall& call);
#include "core/op/all_ops.inc"

void elementwise(const KernelCall& call);

// Copies elements, converted, into a tensor of the same shape or one that the source broadcasts to.
void copy_elements(const Tensor& from, const Tensor& to);
void fill_elements(const Tensor& tensor, double value);

// The tensor itself if its elements lie row-major without gaps, else a copy that does. For kernels
// that do not follow strides.
Tensor dense(const Tensor& tensor);

}  // namespace gradus::cpu
