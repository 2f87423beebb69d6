#include "core/op/samples.h"

#include <vector>

#include "core/random/generator.h"

namespace gradus::sample {

Tensor uniform(const Dims& sizes, double low, double high, uint64_t seed) {
  Generator generator(seed);
  std::vector<float> out(static_cast<size_t>(numel(sizes)));
  generator.uniform(out.data(), static_cast<int64_t>(out.size()), low, high);
  return Tensor::from(std::span<const float>(out), sizes);
}

Tensor integers(const Dims& sizes, int64_t low, int64_t high, uint64_t seed) {
  Generator generator(seed);
  std::vector<int64_t> out(static_cast<size_t>(numel(sizes)));
  generator.randint(out.data(), static_cast<int64_t>(out.size()), low, high + 1);
  return Tensor::from(std::span<const int64_t>(out), sizes);
}

Tensor values(std::initializer_list<double> values) {
  std::vector<float> out;
  for (double value : values) out.push_back(static_cast<float>(value));
  return Tensor::from(std::span<const float>(out), Dims{static_cast<int64_t>(out.size())});
}

}  // namespace gradus::sample
