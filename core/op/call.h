// The one place where an op happens: infer the result's shape → run on the device → record the
// autograd node → tell the observer. Inference, plans, stepping, backward and optimisers all come
// through here.
#pragma once

#include <span>

#include "core/op/op_def.h"

namespace gradus {

// What a backend is handed.
struct KernelCall {
  const OpDef& op;
  std::span<const Tensor> inputs;  // undefined where an optional one is missing
  std::span<const Tensor> outputs;
  const Attrs& attrs;
};

enum class CallMode : uint8_t {
  functional,
  inplace,  // the first input is overwritten with the result: add_()
};

// Runs `op` and returns its outputs. Inputs are on one device (numbers in an expression aside).
// Throws Error, in words for a learner, before anything has changed.
Tensors call_all(const OpDef& op, std::span<const Tensor> inputs, Attrs attrs = {},
                 CallMode mode = CallMode::functional);

// For ops with one output.
inline Tensor call(const OpDef& op, std::initializer_list<Tensor> inputs, Attrs attrs = {}) {
  return std::move(call_all(op, {inputs.begin(), inputs.size()}, std::move(attrs))[0]);
}
inline Tensor call_inplace(const OpDef& op, std::initializer_list<Tensor> inputs,
                           Attrs attrs = {}) {
  return std::move(
      call_all(op, {inputs.begin(), inputs.size()}, std::move(attrs), CallMode::inplace)[0]);
}

// With out=: the results are written into `outputs`, which are resized where they do not fit.
// Throws where gradients would be recorded, and where a result's dtype cannot be rounded to theirs.
void call_out(const OpDef& op, std::span<const Tensor> outputs, std::span<const Tensor> inputs,
              Attrs attrs = {});

// Fills attributes that were not given from the op's defaults; checks types and ranges.
Attrs complete_attrs(const OpDef& op, Attrs attrs);

}  // namespace gradus
