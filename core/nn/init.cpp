#include "core/nn/init.h"

#include <cmath>
#include <span>
#include <vector>

namespace gradus::nn {
namespace {

Tensor uniform(DimsView sizes, double bound, Generator& generator) {
  std::vector<float> values(static_cast<size_t>(numel(sizes)));
  generator.uniform(values.data(), static_cast<int64_t>(values.size()), -bound, bound);
  return Tensor::from(std::span<const float>(values), sizes);
}

}  // namespace

// The two bounds can differ in the last bit although they are equal on paper (a = √5), so each is
// computed as PyTorch computes it.
Tensor kaiming_uniform(DimsView sizes, double a, Generator& generator) {
  const int64_t fan_in = numel(sizes.subspan(1));
  const double gain = std::sqrt(2.0 / (1.0 + a * a));
  const double std = gain / std::sqrt(static_cast<double>(fan_in));
  return uniform(sizes, std::sqrt(3.0) * std, generator);
}

Tensor bias_uniform(DimsView sizes, int64_t fan_in, Generator& generator) {
  const double bound = fan_in > 0 ? 1.0 / std::sqrt(static_cast<double>(fan_in)) : 0.0;
  return uniform(sizes, bound, generator);
}

}  // namespace gradus::nn
