// Random numbers into tensors that are there, and places drawn by their weights: those of PyTorch's
// CPU generator, on every device. rand(), randn() and their kin are in creation.h.
#pragma once

#include "core/random/generator.h"
#include "core/tensor/tensor.h"

namespace gradus {

// tensor.bernoulli_(p): 1 with probability p, else 0. Throws unless 0 <= p <= 1.
Tensor bernoulli_(const Tensor& x, double p, Generator& generator);
// tensor.exponential_(rate): -ln(1 - u) / rate. Throws unless rate > 0 and x is floating point.
Tensor exponential_(const Tensor& x, double rate, Generator& generator);
// tensor.random_(low, high): whole numbers from low up to high, which is not included.
Tensor random_(const Tensor& x, int64_t low, int64_t high, Generator& generator);
// tensor.random_(): from 0 to the largest number of the dtype; of floating point, to the largest
// below which it holds every whole one.
Tensor random_(const Tensor& x, Generator& generator);
// torch.multinomial: `count` places (int64) of each row of `weights`, a vector or matrix, drawn by
// their weights. Throws for weights that are no probabilities, or more places than there are.
Tensor multinomial(const Tensor& weights, int64_t count, Generator& generator,
                   bool replacement = false);

}  // namespace gradus
