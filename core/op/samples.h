// Inputs on which ops are tried by the generated tests: small, fixed, the same on every machine.
// The same values go to PyTorch (tests/parity).
#pragma once

#include <cmath>
#include <initializer_list>

#include "core/tensor/tensor.h"

namespace gradus::sample {

// Values in [low, high), drawn from a generator seeded with `seed`.
Tensor uniform(const Dims& sizes, double low, double high, uint64_t seed);
// Whole numbers from low to high, both included.
Tensor integers(const Dims& sizes, int64_t low, int64_t high, uint64_t seed);
// A vector of just these.
Tensor values(std::initializer_list<double> values);

}  // namespace gradus::sample
