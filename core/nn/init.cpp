#include "core/nn/init.h"

#include <cmath>

namespace gradus::nn {
namespace {

void fill_uniform(std::span<float> values, double bound, Generator& generator) {
  generator.uniform(values.data(), static_cast<int64_t>(values.size()), -bound, bound);
}

}  // namespace

// The two bounds can differ in the last bit although they are equal on paper (a = √5), so each is
// computed as PyTorch computes it.
void kaiming_uniform(std::span<float> values, DimsView sizes, double a, Generator& generator) {
  const int64_t fan_in = numel(sizes.subspan(1));
  const double gain = std::sqrt(2.0 / (1.0 + a * a));
  const double std = gain / std::sqrt(static_cast<double>(fan_in));
  fill_uniform(values, std::sqrt(3.0) * std, generator);
}

void bias_uniform(std::span<float> values, int64_t fan_in, Generator& generator) {
  const double bound = fan_in > 0 ? 1.0 / std::sqrt(static_cast<double>(fan_in)) : 0.0;
  fill_uniform(values, bound, generator);
}

}  // namespace gradus::nn
