#include "core/op/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/op/creation.h"
#include "core/op/functions.h"
#include "core/op/layout.h"

namespace gradus {
namespace {

// Fills x, in memory's order, with draw() for each element.
template <typename Draw>
Tensor fill_each(const Tensor& x, Draw&& draw) {
  const Tensor drawn = visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto n = static_cast<size_t>(x.numel());
    const std::unique_ptr<T[]> values(new T[n]);
    for (size_t i = 0; i < n; ++i) values[i] = static_cast<T>(draw());
    return Tensor::from(std::span<const T>(values.get(), n), x.sizes(), x.device());
  });
  return copy_(x, laid_out_like(x, drawn));
}

double uniform_double(Generator& generator) {
  double u = 0;
  generator.uniform(&u, 1, 0.0, 1.0);
  return u;
}

void check_weights(std::span<const double> row) {
  double total = 0;
  for (const double weight : row) {
    if (!(weight >= 0 && std::isfinite(weight))) {
      fail("multinomial", "weights are finite and not negative, got {}", weight);
    }
    total += weight;
  }
  if (!(total > 0)) fail("multinomial", "the weights of a row are all 0");
}

// Places in the running total of the weights, as PyTorch in the weights' own precision.
template <typename T>
void draw_with_replacement(std::span<const T> row, std::span<int64_t> places,
                           Generator& generator) {
  std::vector<T> upto(row.size());
  T sum = 0;
  for (size_t i = 0; i < row.size(); ++i) upto[i] = sum += row[i];
  for (T& each : upto) each /= sum;
  upto.back() = 1;
  for (int64_t& place : places) {
    const double u = uniform_double(generator);
    const auto found =
        std::ranges::partition_point(upto, [u](T each) { return static_cast<double>(each) < u; });
    place = found - upto.begin();
  }
}

}  // namespace

Tensor bernoulli_(const Tensor& x, double p, Generator& generator) {
  if (!(p >= 0 && p <= 1)) fail("bernoulli_", "a probability is from 0 to 1, got {}", p);
  return fill_each(x, [&] { return uniform_double(generator) < p ? 1 : 0; });
}

Tensor exponential_(const Tensor& x, double rate, Generator& generator) {
  if (!is_floating_point(x.dtype())) {
    fail("exponential_", "draws floating-point numbers, got {}", to_string(x.dtype()));
  }
  if (!(rate > 0)) fail("exponential_", "needs a rate above 0, got {}", rate);
  return fill_each(x, [&] { return -1.0 / rate * std::log1p(-uniform_double(generator)); });
}

Tensor random_(const Tensor& x, int64_t low, int64_t high, Generator& generator) {
  const Tensor drawn = randint(low, high, Dims{x.numel()}, generator, kCpu, x.dtype());
  size_t next = 0;
  const std::vector<int64_t> values = drawn.to_vector<int64_t>();
  return fill_each(x, [&] { return values[next++]; });
}

Tensor random_(const Tensor& x, Generator& generator) {
  return visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_same_v<T, int64_t>) {
      return fill_each(x, [&] { return generator.random_int64(); });
    } else if constexpr (std::is_same_v<T, double>) {
      constexpr uint64_t kMost = (uint64_t{1} << std::numeric_limits<T>::digits) + 1;
      return fill_each(x, [&] { return generator.random64() % kMost; });
    } else if constexpr (std::is_same_v<T, float>) {
      constexpr uint32_t kMost = (uint32_t{1} << std::numeric_limits<T>::digits) + 1;
      return fill_each(x, [&] { return generator.random() % kMost; });
    } else {
      constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<T>::max()) + 1;
      return fill_each(x, [&] { return generator.random() % kMost; });
    }
  });
}

Tensor multinomial(const Tensor& weights, int64_t count, Generator& generator, bool replacement) {
  if (!is_floating_point(weights.dtype()) || weights.dim() < 1 || weights.dim() > 2) {
    fail("multinomial", "takes a vector or matrix of floating-point weights, got {} {}",
         to_string(weights.dtype()), to_prose(weights.sizes()));
  }
  const int64_t choices = weights.size(-1);
  if (count < 1 || choices < 1 || (!replacement && count > choices)) {
    fail("multinomial", "cannot draw {} of {} places{}", count, choices,
         replacement ? "" : " without putting them back: pass replacement=true");
  }
  const std::vector<double> all = weights.to_vector<double>();
  const auto width = static_cast<size_t>(choices);
  for (size_t at = 0; at + width <= all.size(); at += width) {
    check_weights(std::span(all).subspan(at, width));
  }
  const Tensor here = weights.detach();
  if (!replacement || count == 1) {  // the largest of weight / exponential
    const Tensor q = exponential_(empty_like(here), 1.0, generator);
    const Tensor scores = here / q;
    return count == 1 ? argmax(scores, -1, true) : topk(scores, count).indices;
  }
  Dims sizes = weights.sizes();
  sizes.back() = count;
  std::vector<int64_t> places(static_cast<size_t>(numel(sizes)));
  const auto draw = [&](auto zero) {
    using T = decltype(zero);
    const std::vector<T> own = here.to_vector<T>();
    const auto n = static_cast<size_t>(count);
    for (size_t row = 0; row * width < own.size(); ++row) {
      draw_with_replacement(std::span<const T>(own).subspan(row * width, width),
                            std::span(places).subspan(row * n, n), generator);
    }
  };
  weights.dtype() == DType::float32 ? draw(float{}) : draw(double{});
  return Tensor::from(std::span<const int64_t>(places), sizes, weights.device());
}

}  // namespace gradus
