// PyTorch's initialisers, to the bit. They make float32 tensors on the CPU.
#pragma once

#include "core/random/generator.h"
#include "core/tensor/tensor.h"

namespace gradus::nn {

// U(-b, b), b = sqrt(3)·gain/sqrt(fan_in), gain = sqrt(2/(1+a²)); fan_in = sizes[1:].
// Source: torch.nn.init.kaiming_uniform_(weight, a)
Tensor kaiming_uniform(DimsView sizes, double a, Generator& generator);
// U(-b, b), b = 1/sqrt(fan_in): the bias of nn.Linear.
Tensor bias_uniform(DimsView sizes, int64_t fan_in, Generator& generator);

}  // namespace gradus::nn
