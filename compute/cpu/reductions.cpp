// Reductions: many elements to one.
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/kernels/table.h"
#include "compute/cpu/parallel.h"
#include "core/base/error.h"
#include "core/op/functions.h"
#include "core/op/shape_rules.h"

namespace gradus::cpu {
namespace {

// The input's dimensions in two groups: those that stay, in order, and those that are summed.
struct Split {
  Dims kept_sizes, kept_strides, reduced_sizes, reduced_strides;
  int64_t reduced_count = 1;
};

Split split_dims(const Tensor& x, const Dims& reduced) {
  Split split;
  for (size_t i = 0; i < x.sizes().size(); ++i) {
    if (std::find(reduced.begin(), reduced.end(), static_cast<int64_t>(i)) != reduced.end()) {
      split.reduced_sizes.push_back(x.sizes()[i]);
      split.reduced_strides.push_back(x.strides()[i]);
      split.reduced_count *= x.sizes()[i];
    } else {
      split.kept_sizes.push_back(x.sizes()[i]);
      split.kept_strides.push_back(x.strides()[i]);
    }
  }
  return split;
}

int64_t offset_of(int64_t index, const Dims& sizes, const Dims& strides) {
  int64_t offset = 0;
  for (size_t d = sizes.size(); d-- > 0;) {
    offset += index % sizes[d] * strides[d];
    index /= sizes[d];
  }
  return offset;
}

// How the elements behind one result are gone through: `runs` of `length` elements `stride` apart.
struct Runs {
  explicit Runs(const Split& split) : sizes(split.reduced_sizes), strides(split.reduced_strides) {
    if (!sizes.empty()) {
      length = sizes.back();
      stride = strides.back();
      sizes.pop_back();
      strides.pop_back();
      while (!sizes.empty() && strides.back() == length * stride) {
        length *= sizes.back();
        sizes.pop_back();
        strides.pop_back();
      }
    }
    runs = numel(sizes);
  }
  Dims sizes, strides;  // of the runs
  int64_t length = 1;
  int64_t stride = 1;
  int64_t runs = 1;
};

template <typename T>
double sum_row(const T* x, int64_t n, int64_t stride) {
  const KernelTable& table = kernel_table();
  if constexpr (std::is_same_v<T, float>) {
    return table.sum_float32(x, n, stride);
  } else {
    return table.sum_float64(x, n, stride);
  }
}

// A long row in chunks, which do not depend on the number of threads.
constexpr int64_t kChunk = 65536;

// The results of row(first element, elements of the chunk), chunk by chunk.
template <typename Result, typename Row>
std::vector<Result> of_chunks(int64_t n, Row&& row) {
  const int64_t chunks = (n + kChunk - 1) / kChunk;
  std::vector<Result> results(static_cast<size_t>(chunks));
  const auto parts = std::min<int64_t>(chunks, omp_get_max_threads());
  parallel_parts(static_cast<int>(parts), [&](int part) {
    for (int64_t c = part; c < chunks; c += parts) {
      results[static_cast<size_t>(c)] = row(c * kChunk, std::min(kChunk, n - c * kChunk));
    }
  });
  return results;
}

template <typename T>
double sum_of_chunks(const T* x, int64_t n, int64_t stride) {
  double total = 0;
  for (double sum : of_chunks<double>(
           n, [&](int64_t at, int64_t count) { return sum_row(x + at * stride, count, stride); })) {
    total += sum;
  }
  return total;
}

// out[o] = Σ x / divisor over the reduced dimensions.
template <typename In, typename Out>
void sum_into(const Tensor& x, const Dims& reduced, const Tensor& out, double divisor) {
  const In* data = x.data<In>();
  Out* result = out.data<Out>();
  const Split split = split_dims(x, reduced);
  const int64_t count = out.numel();
  if constexpr (std::is_same_v<In, float> && std::is_same_v<Out, float>) {
    // Rows summed into one row: the gradient of a bias.
    if (split.kept_sizes.size() == 1 && split.kept_strides[0] == 1 &&
        split.reduced_sizes.size() == 1 && divisor == 1.0 && count > 1) {
      parallel_ranges(count, count * split.reduced_count < 32768 ? count + 1 : 0,
                      [&](int64_t begin, int64_t end) {
                        kernel_table().sum_columns_float32(result + begin, data + begin,
                                                           split.reduced_count, end - begin,
                                                           split.reduced_strides[0]);
                      });
      return;
    }
  }
  if constexpr (std::is_floating_point_v<In>) {
    // A run is summed at once, the runs one after another.
    const Runs runs(split);
    if (count == 1 && runs.runs == 1 && runs.length > 2 * kChunk) {
      result[0] = static_cast<Out>(sum_of_chunks(data, runs.length, runs.stride) / divisor);
      return;
    }
    parallel_ranges(count, count * split.reduced_count < 32768 ? count + 1 : 0,
                    [&](int64_t begin, int64_t end) {
                      for (int64_t o = begin; o < end; ++o) {
                        const In* base = data + offset_of(o, split.kept_sizes, split.kept_strides);
                        double total = 0;
                        for (int64_t r = 0; r < runs.runs; ++r) {
                          total += sum_row(base + offset_of(r, runs.sizes, runs.strides),
                                           runs.length, runs.stride);
                        }
                        result[o] = static_cast<Out>(total / divisor);
                      }
                    });
  } else {
    for (int64_t o = 0; o < count; ++o) {
      const In* base = data + offset_of(o, split.kept_sizes, split.kept_strides);
      Out total = 0;
      for (int64_t r = 0; r < split.reduced_count; ++r) {
        total += static_cast<Out>(base[offset_of(r, split.reduced_sizes, split.reduced_strides)]);
      }
      result[o] = total;
    }
  }
}

void sum_divided(const KernelCall& call, double divisor) {
  const Tensor& x = call.inputs[0];
  const Dims dims = shape::reduced_dims(call.op.name(), call.attrs, x.sizes().size());
  switch (x.dtype()) {
    case DType::float32:
      return sum_into<float, float>(x, dims, call.outputs[0], divisor);
    case DType::float64:
      return sum_into<double, double>(x, dims, call.outputs[0], divisor);
    case DType::int64:
      return sum_into<int64_t, int64_t>(x, dims, call.outputs[0], divisor);
    case DType::int32:
      return sum_into<int32_t, int64_t>(x, dims, call.outputs[0], divisor);
    case DType::uint8:
      return sum_into<uint8_t, int64_t>(x, dims, call.outputs[0], divisor);
    case DType::boolean:
      return sum_into<bool, int64_t>(x, dims, call.outputs[0], divisor);
  }
}

// Calls each(result index, for_each) for each result, where for_each(f) calls f on its elements in
// order.
template <typename T, typename Each>
void for_each_result(const KernelCall& call, Each&& each) {
  const Tensor& x = call.inputs[0];
  const Split split =
      split_dims(x, shape::reduced_dims(call.op.name(), call.attrs, x.sizes().size()));
  const Runs runs(split);
  const T* data = x.data<T>();
  const int64_t count = call.outputs[0].numel();
  parallel_ranges(count, x.numel() < 32768 ? count + 1 : 0, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      const T* base = data + offset_of(o, split.kept_sizes, split.kept_strides);
      each(o, [&](auto&& f) {
        for (int64_t r = 0; r < runs.runs; ++r) {
          const T* run = base + offset_of(r, runs.sizes, runs.strides);
          for (int64_t i = 0; i < runs.length; ++i) f(run[i * runs.stride]);
        }
      });
    }
  });
}

template <typename T>
bool is_nan(T x) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(x);
  return false;
}

// The element that better(a, b) prefers to all others; a nan to any number.
template <typename Better>
void choose(const KernelCall& call, Better better) {
  visit_dtype(call.inputs[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* out = call.outputs[0].data<T>();
    for_each_result<T>(call, [&](int64_t o, auto&& for_each) {
      bool first = true;
      T best{};
      for_each([&](T x) {
        if (first || (!is_nan(best) && (better(x, best) || is_nan(x)))) best = x;
        first = false;
      });
      out[o] = best;
    });
  });
}

// float32 of which all is one run of neighbours; false if it is not.
bool choose_fast(const KernelCall& call, float (*row)(const float*, int64_t)) {
  const Tensor& x = call.inputs[0];
  if (x.dtype() != DType::float32 || !x.is_contiguous() || call.outputs[0].numel() != 1) {
    return false;
  }
  const float* data = x.data<float>();
  const int64_t n = x.numel();
  float best;
  if (n <= kChunk) {
    best = row(data, n);
  } else {
    const std::vector<float> each =
        of_chunks<float>(n, [&](int64_t at, int64_t count) { return row(data + at, count); });
    best = row(each.data(), static_cast<int64_t>(each.size()));
  }
  call.outputs[0].data<float>()[0] = best;
  return true;
}

void largest(const KernelCall& call) {
  if (choose_fast(call, kernel_table().max_float32)) return;
  choose(call, [](auto a, auto b) { return a > b; });
}
void smallest(const KernelCall& call) {
  if (choose_fast(call, kernel_table().min_float32)) return;
  choose(call, [](auto a, auto b) { return a < b; });
}

// For float32 and float64 alone: `result` of a T's elements, computed in double.
template <typename Result>
void reduce_floating(const KernelCall& call, Result&& result) {
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    T* out = call.outputs[0].data<T>();
    for_each_result<T>(
        call, [&](int64_t o, auto&& for_each) { out[o] = static_cast<T>(result(for_each)); });
  };
  call.inputs[0].dtype() == DType::float32 ? run(float{}) : run(double{});
}

template <typename ForEach>
double variance(ForEach&& for_each, int64_t correction) {
  double total = 0;
  int64_t count = 0;
  for_each([&](auto x) {
    total += static_cast<double>(x);
    ++count;
  });
  const double mean = total / static_cast<double>(count);
  double squares = 0;
  for_each([&](auto x) {
    const double distance = static_cast<double>(x) - mean;
    squares += distance * distance;
  });
  return squares / static_cast<double>(std::max<int64_t>(0, count - correction));
}

template <typename ForEach>
double length(ForEach&& for_each, double p) {
  double total = p == -INFINITY ? INFINITY : 0;
  bool has_nan = false;
  for_each([&](auto value) {
    const double x = std::abs(static_cast<double>(value));
    has_nan = has_nan || std::isnan(x);
    if (p == INFINITY) {
      total = std::max(total, x);
    } else if (p == -INFINITY) {
      total = std::min(total, x);
    } else if (p == 0) {
      total += x != 0;
    } else {
      total += p == 1 ? x : p == 2 ? x * x : std::pow(x, p);
    }
  });
  if (has_nan && p != 0) return NAN;
  return p == 2                              ? std::sqrt(total)
         : p == 0 || p == 1 || std::isinf(p) ? total
                                             : std::pow(total, 1 / p);
}

template <typename ForEach>
double log_of_sum(ForEach&& for_each) {
  double most = -INFINITY;
  for_each([&](auto x) {
    const double value = static_cast<double>(x);
    if (value > most || std::isnan(value)) most = std::isnan(most) ? most : value;
  });
  if (std::isinf(most)) return most;  // nothing at all, or more than any number
  double total = 0;
  for_each([&](auto x) { total += std::exp(static_cast<double>(x) - most); });
  return most + std::log(total);
}

// Whether one element is, or all are, what `wanted` says.
void decide(const KernelCall& call, bool wanted) {
  // A uint8 that is 0 or 1 is the same byte.
  bool* out = call.outputs[0].data<bool>();
  visit_dtype(call.inputs[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    for_each_result<T>(call, [&](int64_t o, auto&& for_each) {
      bool found = false;
      for_each([&](T x) { found = found || (x != T{}) == wanted; });
      out[o] = found == wanted;
    });
  });
}

}  // namespace

void sum(const KernelCall& call) { sum_divided(call, 1.0); }

void mean(const KernelCall& call) {
  const double count = static_cast<double>(call.inputs[0].numel()) /
                       static_cast<double>(std::max<int64_t>(call.outputs[0].numel(), 1));
  sum_divided(call, count);
}

void prod(const KernelCall& call) {
  const bool whole = !is_floating_point(call.inputs[0].dtype());
  visit_dtype(call.inputs[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    using Total = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
    for_each_result<T>(call, [&](int64_t o, auto&& for_each) {
      Total total = 1;
      for_each([&](T x) { total *= static_cast<Total>(x); });
      if (whole) {
        call.outputs[0].data<int64_t>()[o] = static_cast<int64_t>(total);
      } else {
        call.outputs[0].data<T>()[o] = static_cast<T>(total);
      }
    });
  });
}

void max(const KernelCall& call) { largest(call); }
void amax(const KernelCall& call) { largest(call); }
void min(const KernelCall& call) { smallest(call); }
void amin(const KernelCall& call) { smallest(call); }
void any(const KernelCall& call) { decide(call, true); }
void all(const KernelCall& call) { decide(call, false); }

void var(const KernelCall& call) {
  const int64_t correction = std::get<int64_t>(call.attrs[1]);
  reduce_floating(call, [&](auto&& each) { return variance(each, correction); });
}
void std(const KernelCall& call) {
  const int64_t correction = std::get<int64_t>(call.attrs[1]);
  reduce_floating(call, [&](auto&& each) { return ::sqrt(variance(each, correction)); });
}
void norm(const KernelCall& call) {
  const double p = as_number(call.attrs[1]);
  reduce_floating(call, [&](auto&& each) { return length(each, p); });
}
void logsumexp(const KernelCall& call) {
  reduce_floating(call, [](auto&& each) { return log_of_sum(each); });
}

}  // namespace gradus::cpu
