#include "core/data/two_moons.h"

#include <cmath>
#include <numbers>

#include "core/random/generator.h"

namespace gradus {
namespace {

class TwoMoons final : public Dataset {
 public:
  TwoMoons(int64_t count, double noise, Generator& generator)
      : points_(static_cast<size_t>(2 * count)) {
    generator.normal(points_.data(), 2 * count, 0.0, noise);
    const int64_t half = (count + 1) / 2;
    for (int64_t i = 0; i < count; ++i) {
      const bool lower = label(i) == 1;
      const int64_t along = i / 2;
      const double angle = std::numbers::pi * static_cast<double>(along) /
                           static_cast<double>(half > 1 ? half - 1 : 1);
      const double x = lower ? 1.0 - std::cos(angle) : std::cos(angle);
      const double y = lower ? 0.5 - std::sin(angle) : std::sin(angle);
      points_[static_cast<size_t>(2 * i)] += static_cast<float>(x);
      points_[static_cast<size_t>(2 * i + 1)] += static_cast<float>(y);
    }
  }

  std::string name() const override { return "two moons"; }
  int64_t size() const override { return static_cast<int64_t>(points_.size() / 2); }
  Dims sample_shape() const override { return {2}; }
  const std::vector<std::string>& class_names() const override {
    static const std::vector<std::string> names = {"upper moon", "lower moon"};
    return names;
  }
  void read(int64_t index, float* sample, int64_t* out) const override {
    sample[0] = points_[static_cast<size_t>(2 * index)];
    sample[1] = points_[static_cast<size_t>(2 * index + 1)];
    *out = label(index);
  }

 private:
  static int64_t label(int64_t index) { return index % 2; }
  std::vector<float> points_;
};

}  // namespace

DataSplit make_two_moons(int64_t count, double noise, uint64_t seed) {
  Generator generator(seed);
  auto train = std::make_shared<TwoMoons>(count, noise, generator);
  auto test = std::make_shared<TwoMoons>(count, noise, generator);
  return {std::move(train), std::move(test)};
}

}  // namespace gradus
