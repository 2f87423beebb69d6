// torch.optim.SGD, one parameter at a time.
// Source: https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
#pragma once

#include "core/tensor/tensor.h"

namespace gradus::optim {

// What a learner may change while it runs.
struct Hyper {
  double lr = 1e-3;
  double momentum = 0.0;
  friend bool operator==(const Hyper&, const Hyper&) = default;
};

// What an optimiser remembers of one parameter; handles, cheap to copy.
struct ParamState {
  int64_t updates = 0;
  Tensor momentum_buffer;  // made at the first update with momentum
};

// Updates `parameter` in place from its .grad; without a gradient it does nothing.
void sgd_update(const Tensor& parameter, ParamState& state, const Hyper& hyper);

// Throws Error unless every number is finite and in range.
void check(const Hyper& hyper);

}  // namespace gradus::optim
