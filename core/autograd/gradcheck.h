// Gradients against finite differences: torch.autograd.gradcheck and gradgradcheck.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace gradus {

// What is checked: from the inputs to outputs. It must give the same each time.
using Differentiable = std::function<std::vector<Tensor>(std::span<const Tensor>)>;

struct GradcheckOptions {  // PyTorch's defaults
  double step = 1e-6;
  double absolute_tolerance = 1e-5;
  double relative_tolerance = 1e-3;
};

struct GradcheckResult {
  bool ok = true;
  std::string problem;   // the first entry that differs, in words; empty if ok
  int64_t compared = 0;  // entries of all Jacobians
  double worst = 0;      // the largest difference in parts of 1 + |numerical|
};

// Compares d output / d input, entry by entry, for all inputs that require grad. These must be
// float64: float32 is too coarse for differences. Throws for other dtypes, or if there are none.
GradcheckResult gradcheck(const Differentiable& function, std::span<const Tensor> inputs,
                          GradcheckOptions options = {});
// The same for the gradients themselves, as functions of the inputs and of what comes from above
// (sin(1), sin(2), …).
GradcheckResult gradgradcheck(const Differentiable& function, std::span<const Tensor> inputs,
                              GradcheckOptions options = {});

}  // namespace gradus
