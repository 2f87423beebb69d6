#include "core/op/creation.h"

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"
#include "core/op/layout.h"
#include "core/tensor/runtime.h"

namespace gradus {

namespace {

// Throws where a number does not fit into a whole dtype; uint8 takes negative ones round, as
// PyTorch.
void check_number_fits(const char* where, double value, DType dtype) {
  if (is_floating_point(dtype) || dtype == DType::boolean) return;
  const bool fits = visit_dtype(dtype, [&](auto zero) {
    using Limits = std::numeric_limits<decltype(zero)>;
    const auto most = static_cast<double>(Limits::max());
    const double least = dtype == DType::uint8 ? -most : static_cast<double>(Limits::min());
    return value >= least && value <= most;
  });
  if (!fits) fail(where, "{} does not fit into {}", value, to_string(dtype));
}

// Room on the host for numbers on their way into a tensor.
template <typename T>
std::unique_ptr<T[]> room_for(const char* where, int64_t n) {
  constexpr double kLarge = 0x1p30;  // bytes; whether less is there is soon seen
  const double bytes = static_cast<double>(n) * sizeof(T);
  const auto there = [] { return Runtime::current().backend(kCpu).available_bytes(); };
  if (bytes < kLarge || bytes <= static_cast<double>(there())) {
    try {
      return std::unique_ptr<T[]>(new T[static_cast<size_t>(n)]);
    } catch (const std::bad_alloc&) {  // said below
    }
  }
  fail(where, "{} elements do not fit into memory: make fewer, or a smaller dtype", n);
}

}  // namespace

Tensor tensor(const Nested& data, std::optional<DType> dtype, Device device) {
  Dims sizes;
  for (const Nested* at = &data; at->is_list_; at = &at->items_.front()) {
    sizes.push_back(static_cast<int64_t>(at->items_.size()));
    if (at->items_.empty()) break;
  }
  std::vector<double> numbers;
  std::vector<int64_t> whole;
  DType kind = DType::boolean;
  const auto visit = [&](const auto& self, const Nested& at, size_t depth) -> void {
    const bool list_expected = depth < sizes.size();
    if (at.is_list_ != list_expected) {
      fail("tensor", "{} stands beside {} in dimension {}", at.is_list_ ? "a list" : "a number",
           at.is_list_ ? "a number" : "a list", depth);
    }
    if (!at.is_list_) {
      if (at.kind_ == DType::float32 || (kind == DType::boolean && at.kind_ == DType::int64)) {
        kind = at.kind_;
      }
      numbers.push_back(at.number_);
      whole.push_back(at.kind_ == DType::int64 ? at.whole_ : static_cast<int64_t>(at.number_));
      return;
    }
    if (static_cast<int64_t>(at.items_.size()) != sizes[depth]) {
      fail("tensor", "a list of {} stands beside one of {} in dimension {}", at.items_.size(),
           sizes[depth], depth);
    }
    for (const Nested& item : at.items_) self(self, item, depth + 1);
  };
  visit(visit, data, 0);
  if (numbers.empty()) kind = DType::float32;
  const DType wanted = dtype.value_or(kind);
  for (double number : numbers) check_number_fits("tensor", number, wanted);
  const Tensor here = kind == DType::float32 ? Tensor::from(std::span<const double>(numbers), sizes)
                                             : Tensor::from(std::span<const int64_t>(whole), sizes);
  if (device == kCpu) return to(here, wanted);
  // The device may lack the dtype they were written in.
  return visit_dtype(wanted, [&](auto zero) {
    using T = decltype(zero);
    const std::vector<T> values = to(here, wanted).to_vector<T>();
    const std::unique_ptr<T[]> plain(new T[values.size()]);
    std::copy(values.begin(), values.end(), plain.get());
    return Tensor::from(std::span<const T>(plain.get(), values.size()), sizes, device);
  });
}

Tensor full(DimsView sizes, double value, DType dtype, Device device) {
  check_number_fits("full", value, dtype);
  Tensor result = Tensor::empty(sizes, dtype, device);
  if (device.type == DeviceType::meta) return result;
  const KernelCall fill{ops::fill, std::span(&result, 1), std::span(&result, 1),
                        Attrs{AttrValue(value)}};
  Runtime::current().backend(device).run(fill);
  return result;
}
Tensor zeros(DimsView sizes, DType dtype, Device device) { return full(sizes, 0, dtype, device); }
Tensor ones(DimsView sizes, DType dtype, Device device) { return full(sizes, 1, dtype, device); }
Tensor full_like(const Tensor& x, double value, std::optional<DType> dtype) {
  return laid_out_like(x, full(x.sizes(), value, dtype.value_or(x.dtype()), x.device()));
}
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype) { return full_like(x, 0, dtype); }
Tensor ones_like(const Tensor& x, std::optional<DType> dtype) { return full_like(x, 1, dtype); }
Tensor empty_like(const Tensor& x, std::optional<DType> dtype) {
  return laid_out_like(x, Tensor::empty(x.sizes(), dtype.value_or(x.dtype()), x.device()));
}

namespace {

// A tensor of `dtype` whose i-th element is value(i), computed in double (or int64).
template <typename Value>
Tensor listed(const char* where, int64_t count, DType dtype, Device device, Value&& value) {
  return visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto n = static_cast<size_t>(count);
    const std::unique_ptr<T[]> values = room_for<T>(where, count);
    for (size_t i = 0; i < n; ++i) values[i] = static_cast<T>(value(static_cast<int64_t>(i)));
    return Tensor::from(std::span<const T>(values.get(), n), Dims{count}, device);
  });
}

void check_step(double start, double end, double step) {
  if (step == 0 || std::isnan(step)) fail("arange", "the step must not be {}", step);
  if (!std::isfinite(start) || !std::isfinite(end)) {
    fail("arange", "goes from {} to {}: both must be finite", start, end);
  }
  if ((step > 0) != (start <= end) && start != end) {
    fail("arange", "a step of {} does not lead from {} to {}", step, start, end);
  }
}

void check_countable(DType dtype) {
  if (dtype == DType::boolean) fail("arange", "counts, which bools cannot: choose another dtype");
}

}  // namespace

Tensor arange(double start, double end, double step, DType dtype, Device device) {
  check_step(start, end, step);
  const double count = std::ceil((end - start) / step);
  if (count > 9e15) fail("arange", "{} to {} in steps of {} are too many", start, end, step);
  if (!is_floating_point(dtype)) {  // as PyTorch, which cuts the arguments off
    const auto from = static_cast<int64_t>(start);
    const auto by = static_cast<int64_t>(step);
    if (dtype == DType::int64) return arange(from, static_cast<int64_t>(end), by, dtype, device);
    check_countable(dtype);
    return listed("arange", static_cast<int64_t>(count), dtype, device,
                  [&](int64_t i) { return from + i * by; });  // counted before they are cut off
  }
  // As PyTorch's AVX2 kernel: two vectors at a time, each counting on from its first.
  const auto numbers = [&](auto zero) {
    using T = decltype(zero);
    constexpr int64_t kVector = 32 / sizeof(T);
    const auto n = static_cast<int64_t>(count);
    const int64_t whole = n / (2 * kVector) * (2 * kVector);
    return listed("arange", n, dtype, device, [&](int64_t i) {
      if (i >= whole) return static_cast<T>(std::fma(step, static_cast<double>(i), start));
      const int64_t first = i / kVector * kVector;
      const T base = static_cast<T>(std::fma(step, static_cast<double>(first), start));
      return static_cast<T>(
          std::fma(step, static_cast<double>(i - first), static_cast<double>(base)));
    });
  };
  return dtype == DType::float32 ? numbers(float{}) : numbers(double{});
}

Tensor arange(int64_t start, int64_t end, int64_t step, DType dtype, Device device) {
  check_step(static_cast<double>(start), static_cast<double>(end), static_cast<double>(step));
  check_countable(dtype);
  int64_t distance = 0;
  if (__builtin_sub_overflow(end, start, &distance)) {
    fail("arange", "{} to {} in steps of {} are too many", start, end, step);
  }
  const int64_t count = distance / step + (distance % step != 0 ? 1 : 0);
  return listed("arange", count, dtype, device, [&](int64_t i) { return start + i * step; });
}

Tensor linspace(double start, double end, int64_t steps, DType dtype, Device device) {
  if (steps < 0) fail("linspace", "needs a number of steps that is not negative, got {}", steps);
  if (dtype == DType::boolean) fail("linspace", "has no use for bools: choose another dtype");
  if (!is_floating_point(dtype)) {  // as PyTorch: whole ends, steps in double, cut off
    check_number_fits("linspace", start, dtype);
    check_number_fits("linspace", end, dtype);
    const double from = std::trunc(start);
    const double to = std::trunc(end);
    const double step = steps > 1 ? (to - from) / static_cast<double>(steps - 1) : 0;
    return visit_dtype(dtype, [&](auto zero) {  // and a vector at a time, as below
      using T = decltype(zero);
      constexpr int64_t kAtOnce = 32 / sizeof(T);
      return listed("linspace", steps, dtype, device, [&](int64_t i) {
        const int64_t whole = steps / (2 * kAtOnce) * (2 * kAtOnce);
        const int64_t first = i < whole ? i / kAtOnce * kAtOnce : i;
        const double base = first < steps / 2 || steps == 1
                                ? from + step * static_cast<double>(first)
                                : to - step * static_cast<double>(steps - 1 - first);
        return static_cast<double>(static_cast<T>(base)) + step * static_cast<double>(i - first);
      });
    });
  }
  // As PyTorch's AVX2 kernel: from both ends to the middle, in the tensor's own precision, eight
  // floats or four doubles at a time, which count on from their first.
  const auto numbers = [&](auto zero) {
    using T = decltype(zero);
    const T from = static_cast<T>(start);
    const T to = static_cast<T>(end);
    const T step = steps > 1 ? (to - from) / static_cast<T>(steps - 1) : T{};
    constexpr int64_t kAtOnce = 32 / sizeof(T);
    return listed("linspace", steps, dtype, device, [&](int64_t i) {
      const int64_t whole = steps / (2 * kAtOnce) * (2 * kAtOnce);
      const int64_t first = i < whole ? i / kAtOnce * kAtOnce : i;
      const T base = first < steps / 2 || steps == 1
                         ? std::fma(step, static_cast<T>(first), from)
                         : std::fma(-step, static_cast<T>(steps - 1 - first), to);
      return base + step * static_cast<T>(i - first);
    });
  };
  return dtype == DType::float32 ? numbers(float{}) : numbers(double{});
}

Tensor eye(int64_t rows, int64_t columns, DType dtype, Device device) {
  const Tensor result = zeros(Dims{rows, columns}, dtype, device);
  const Tensor diagonal = result.as_strided(Dims{std::min(rows, columns)}, Dims{columns + 1}, 0);
  if (device.type == DeviceType::meta) return result;
  const KernelCall fill{ops::fill, std::span(&diagonal, 1), std::span(&diagonal, 1),
                        Attrs{AttrValue(1.0)}};
  Runtime::current().backend(device).run(fill);
  return result;
}

namespace {

template <typename T, typename Draw>
Tensor drawn(const char* where, DimsView sizes, Device device, Draw&& draw) {
  const int64_t n = Tensor::empty(sizes, DType::float32, kMeta).numel();  // or it throws
  const std::unique_ptr<T[]> values = room_for<T>(where, n);
  draw(values.get(), n);
  return Tensor::from(std::span<const T>(values.get(), static_cast<size_t>(n)), sizes, device);
}

// draw(T* out, int64_t n) for the floating type that is asked for.
template <typename Draw>
Tensor drawn_floating(const char* where, DimsView sizes, DType dtype, Device device, Draw&& draw) {
  if (dtype == DType::float32) return drawn<float>(where, sizes, device, draw);
  if (dtype == DType::float64) return drawn<double>(where, sizes, device, draw);
  fail(where, "draws floating-point numbers, got {}", to_string(dtype));
}

void check_std(double std) {
  if (!(std >= 0)) fail("normal", "needs a standard deviation that is not negative, got {}", std);
}

}  // namespace

Tensor rand(DimsView sizes, Generator& generator, Device device, DType dtype) {
  return drawn_floating("rand", sizes, dtype, device,
                        [&](auto* out, int64_t n) { generator.uniform(out, n, 0.0, 1.0); });
}
Tensor randn(DimsView sizes, Generator& generator, Device device, DType dtype) {
  return normal(0.0, 1.0, sizes, generator, device, dtype);
}
Tensor normal(double mean, double std, DimsView sizes, Generator& generator, Device device,
              DType dtype) {
  check_std(std);
  return drawn_floating("normal", sizes, dtype, device,
                        [&](auto* out, int64_t n) { generator.normal(out, n, mean, std); });
}
Tensor normal(const Tensor& mean, const Tensor& std, Generator& generator) {
  const Dims sizes = broadcast_sizes("normal", mean.sizes(), std.sizes());
  if (std.numel() > 0 && !(min(std).item() >= 0)) {
    fail("normal", "needs standard deviations that are not negative");
  }
  const Tensor draws = randn(sizes, generator, mean.device(), mean.dtype());
  const NoGradGuard no_grad;
  return add_(mul_(draws, std), mean);
}
Tensor normal(const Tensor& mean, double std, Generator& generator) {
  return normal(mean, full_like(mean, std), generator);
}
Tensor normal(double mean, const Tensor& std, Generator& generator) {
  return normal(full_like(std, mean), std, generator);
}
Tensor randint(int64_t low, int64_t high, DimsView sizes, Generator& generator, Device device,
               DType dtype) {
  if (low >= high) fail("randint", "needs low < high, got {} and {}", low, high);
  check_number_fits("randint", static_cast<double>(low), dtype);
  check_number_fits("randint", static_cast<double>(high - 1), dtype);
  return to(drawn<int64_t>("randint", sizes, device,
                           [&](int64_t* out, int64_t n) { generator.randint(out, n, low, high); }),
            dtype);
}
Tensor randperm(int64_t n, Generator& generator, Device device, DType dtype) {
  if (n < 0) fail("randperm", "n must not be negative, got {}", n);
  check_number_fits("randperm", static_cast<double>(n - 1), dtype);
  return to(drawn<int64_t>("randperm", Dims{n}, device,
                           [&](int64_t* out, int64_t count) { generator.randperm(out, count); }),
            dtype);
}
namespace {

// PyTorch draws many at a time into what lies row by row, else one by one, in memory's order.
Tensor normal_like(const Tensor& x, double mean, double std, Generator& generator, DType dtype) {
  if (x.is_contiguous()) return normal(mean, std, x.sizes(), generator, x.device(), dtype);
  check_std(std);
  return laid_out_like(
      x, drawn_floating("normal", x.sizes(), dtype, x.device(), [&](auto* out, int64_t n) {
        for (int64_t i = 0; i < n; ++i) generator.normal(out + i, 1, mean, std);
      }));
}

}  // namespace

Tensor rand_like(const Tensor& x, Generator& generator, std::optional<DType> dtype) {
  return laid_out_like(x, rand(x.sizes(), generator, x.device(), dtype.value_or(x.dtype())));
}
Tensor randn_like(const Tensor& x, Generator& generator, std::optional<DType> dtype) {
  return normal_like(x, 0.0, 1.0, generator, dtype.value_or(x.dtype()));
}
Tensor randint_like(const Tensor& x, int64_t low, int64_t high, Generator& generator,
                    std::optional<DType> dtype) {
  return laid_out_like(
      x, randint(low, high, x.sizes(), generator, x.device(), dtype.value_or(x.dtype())));
}

Tensor bernoulli(const Tensor& probabilities, Generator& generator) {
  if (!is_floating_point(probabilities.dtype())) {
    fail("bernoulli", "needs floating-point probabilities, got {}",
         to_string(probabilities.dtype()));
  }
  const auto draws = [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = probabilities.to_vector<T>();
    for (T& p : values) {
      if (!(p >= 0 && p <= 1)) fail("bernoulli", "a probability is from 0 to 1, got {}", p);
      T draw = 0;
      generator.uniform(&draw, 1, 0.0, 1.0);
      p = draw < p ? T{1} : T{0};
    }
    return Tensor::from(std::span<const T>(values), probabilities.sizes(), probabilities.device());
  };
  return probabilities.dtype() == DType::float32 ? draws(float{}) : draws(double{});
}

Tensor uniform_(const Tensor& x, double from, double to, Generator& generator) {
  if (!(from <= to)) fail("uniform_", "needs from <= to, got {} and {}", from, to);
  const Tensor drawn =
      drawn_floating("uniform_", x.sizes(), x.dtype(), x.device(),
                     [&](auto* out, int64_t n) { generator.uniform(out, n, from, to); });
  return copy_(x, laid_out_like(x, drawn));
}
Tensor normal_(const Tensor& x, double mean, double std, Generator& generator) {
  return copy_(x, normal_like(x, mean, std, generator, x.dtype()));
}

}  // namespace gradus
