// Whether ops record gradients, per thread.
#pragma once

#include "core/tensor/runtime.h"

namespace gradus {

// While it lives, nothing is recorded: torch.no_grad().
class NoGradGuard {
 public:
  NoGradGuard() : value_(context().grad_enabled, false) {}

 private:
  ScopedValue<bool> value_;
};

}  // namespace gradus
