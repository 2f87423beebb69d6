// What the kernels of all ops share.
#pragma once

#include <optional>

#include "compute/vulkan/executor.h"
#include "compute/vulkan/walk.h"

namespace gradus::vulkan {

// A call, and the device's end of it.
struct Kernel {
  Executor& e;
  const KernelCall& call;
  const Tensor& out = call.outputs[0];
  const Device device = out.device();

  const char* op() const { return call.op.name(); }
  Tensor input(size_t i, bool dense = false) const { return e.here(call.inputs[i], device, dense); }
  int64_t whole(size_t attr) const { return std::get<int64_t>(call.attrs[attr]); }
  Tensor empty(DimsView sizes, DType dtype) const { return Tensor::empty(sizes, dtype, device); }
  Tensor dense(const Tensor& x) const { return e.here(x, device, true); }
  // Another op's kernel, on tensors of this device, as a step of this one.
  Tensor step(const OpDef& op, std::initializer_list<Tensor> inputs, DimsView sizes, DType dtype,
              Attrs attrs = {}) const {
    const Tensor result = empty(sizes, dtype);
    e.run({op, std::span(inputs.begin(), inputs.size()), std::span(&result, 1), attrs});
    return result;
  }
};

// One for each GRADUS_OP of core/op/all_ops.inc.
#define GRADUS_ELEMENTWISE(name)
#define GRADUS_VIEW(name)
#define GRADUS_OP(name) void name(const Kernel& k);
#include "core/op/all_ops.inc"
void elementwise(const Kernel& k);

// The rows of a dense tensor along one dimension: it is outer × count × inner.
struct Rows {
  uint32_t rows = 1, count = 1, inner = 1;  // rows: outer × inner
};
Rows rows_of(const char* op, const Tensor& x, int64_t dim);

// The places of sorted keys: keys is rows × n, dense; int32 places within each row.
Tensor sorted_places(const Kernel& k, const Tensor& keys, uint32_t rows, uint32_t n,
                     bool descending);

}  // namespace gradus::vulkan
