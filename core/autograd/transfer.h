// tensor.to(device).
#pragma once

#include "core/tensor/tensor.h"

namespace gradus {

// The same numbers on another device; x itself if it is there already. Gradients find their way
// back. Waits for the device that x is on. Throws where the other one is not there, or lacks the
// dtype.
Tensor to(const Tensor& x, Device device);

}  // namespace gradus
