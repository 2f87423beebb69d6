// PyTorch's initialisers, to the bit.
#pragma once

#include <span>

#include "core/random/generator.h"
#include "core/tensor/dims.h"

namespace gradus::nn {

// U(-b, b), b = sqrt(3)·gain/sqrt(fan_in), gain = sqrt(2/(1+a²)); fan_in = sizes[1:].
// Source: torch.nn.init.kaiming_uniform_(weight, a)
void kaiming_uniform(std::span<float> values, DimsView sizes, double a, Generator& generator);
// U(-b, b), b = 1/sqrt(fan_in): the bias of nn.Linear.
void bias_uniform(std::span<float> values, int64_t fan_in, Generator& generator);

}  // namespace gradus::nn
