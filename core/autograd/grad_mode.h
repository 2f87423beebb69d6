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

// While it lives, everything is recorded, within no_grad as well: torch.enable_grad().
class EnableGradGuard {
 public:
  EnableGradGuard() : value_(context().grad_enabled, true) {}

 private:
  ScopedValue<bool> value_;
};

// While it lives, backward says which node first gives a nan, and which call made that node:
// torch.autograd.detect_anomaly(). Slow; it must live around forward and backward.
class DetectAnomaly {
 public:
  DetectAnomaly() : value_(context().detect_anomaly, true) {}

 private:
  ScopedValue<bool> value_;
};

}  // namespace gradus
