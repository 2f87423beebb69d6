// Sums, softmax rows and the optimiser's row. Orders of summation are fixed, whatever the number
// of threads: callers split work only between results, never within one.
#include <math.h>

#include "compute/cpu/kernels/table.h"

namespace gradus::cpu::GRADUS_ISA {
namespace {

constexpr int64_t kLanes = 64;
constexpr int64_t kBlock = 1024;

// Sixteen at once, whatever the instruction set; loaded from anywhere.
typedef float Floats __attribute__((vector_size(64)));
typedef float FloatsAnywhere __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t Ints __attribute__((vector_size(64)));

Floats load(const float* x) { return *reinterpret_cast<const FloatsAnywhere*>(x); }

// Blocks of kLanes running sums, folded in halves; blocks are added in double.
template <typename T>
double sum(const T* x, int64_t n, int64_t stride) {
  double total = 0;
  for (int64_t start = 0; start < n; start += kBlock) {
    const int64_t count = n - start < kBlock ? n - start : kBlock;
    const T* block = x + start * stride;
    T lanes[kLanes] = {};
    int64_t i = 0;
    if constexpr (sizeof(T) == 4) {
      if (stride == 1) {
        Floats a{}, b{}, c{}, d{};  // four, since an addition takes as long as four to begin
        for (; i + kLanes <= count; i += kLanes) {
          a += load(block + i);
          b += load(block + i + 16);
          c += load(block + i + 32);
          d += load(block + i + 48);
        }
        for (int64_t k = 0; k < 16; ++k) {
          lanes[k] = a[k];
          lanes[k + 16] = b[k];
          lanes[k + 32] = c[k];
          lanes[k + 48] = d[k];
        }
      }
    }
    for (; i + kLanes <= count; i += kLanes) {
      for (int64_t k = 0; k < kLanes; ++k) lanes[k] += block[(i + k) * stride];
    }
    for (int64_t k = 0; i < count; ++i, ++k) lanes[k] += block[i * stride];
    for (int64_t half = kLanes / 2; half > 0; half /= 2) {
      for (int64_t k = 0; k < half; ++k) lanes[k] += lanes[k + half];
    }
    total += static_cast<double>(lanes[0]);
  }
  return total;
}

// The largest of n neighbours, or the smallest; nan if there is one.
template <bool kLargest>
float extreme(const float* x, int64_t n) {
  float best = x[0];
  bool has_nan = false;
  int64_t i = 0;
  if (n >= 32) {
    Floats low = load(x), high = load(x + 16);
    Ints nans = (low != low) | (high != high);
    for (i = 32; i + 32 <= n; i += 32) {
      const Floats a = load(x + i), b = load(x + i + 16);
      low = (kLargest ? a > low : a < low) ? a : low;
      high = (kLargest ? b > high : b < high) ? b : high;
      nans |= (a != a) | (b != b);
    }
    const Floats both = (kLargest ? high > low : high < low) ? high : low;
    best = both[0];
    for (int64_t k = 0; k < 16; ++k) {
      has_nan = has_nan || nans[k] != 0;
      if (kLargest ? both[k] > best : both[k] < best) best = both[k];
    }
  }
  for (; i < n; ++i) {
    has_nan = has_nan || x[i] != x[i];
    if (kLargest ? x[i] > best : x[i] < best) best = x[i];
  }
  return has_nan ? __builtin_nanf("") : best;
}

// Runs of rows are summed apart and then together, so the error grows slowly with the rows.
void sum_columns(float* out, const float* x, int64_t rows, int64_t columns, int64_t row_stride) {
  constexpr int64_t kRun = 64;
  constexpr int64_t kWidth = 256;
  for (int64_t c0 = 0; c0 < columns; c0 += kWidth) {
    const int64_t width = columns - c0 < kWidth ? columns - c0 : kWidth;
    double total[kWidth] = {};
    for (int64_t r0 = 0; r0 < rows; r0 += kRun) {
      const int64_t end = rows - r0 < kRun ? rows : r0 + kRun;
      float run[kWidth] = {};
      for (int64_t r = r0; r < end; ++r) {
        const float* row = x + r * row_stride + c0;
        for (int64_t c = 0; c < width; ++c) run[c] += row[c];
      }
      for (int64_t c = 0; c < width; ++c) total[c] += static_cast<double>(run[c]);
    }
    for (int64_t c = 0; c < width; ++c) out[c0 + c] = static_cast<float>(total[c]);
  }
}

// x - max - log Σ exp(x - max); the sum in double.
template <typename T>
void log_softmax(T* out, const T* x, int64_t n, int64_t stride) {
  T largest = x[0];
  for (int64_t i = 1; i < n; ++i) {
    const T value = x[i * stride];
    largest = value > largest || value != value ? value : largest;
  }
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += exp(static_cast<double>(x[i * stride] - largest));
  const T shift = static_cast<T>(log(total));
  for (int64_t i = 0; i < n; ++i) out[i * stride] = x[i * stride] - largest - shift;
}

// The exponentials of x - max, over their sum; the sum in double.
template <typename T>
void softmax(T* out, const T* x, int64_t n, int64_t stride) {
  T largest = x[0];
  for (int64_t i = 1; i < n; ++i) {
    const T value = x[i * stride];
    largest = value > largest || value != value ? value : largest;
  }
  double total = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double e = exp(static_cast<double>(x[i * stride] - largest));
    out[i * stride] = static_cast<T>(e);
    total += e;
  }
  for (int64_t i = 0; i < n; ++i) {
    out[i * stride] = static_cast<T>(static_cast<double>(out[i * stride]) / total);
  }
}

// b ← momentum·b + g (or g, the first time); w ← w − lr·b. As torch.optim.SGD, in float.
template <typename T>
void sgd(T* parameter, const T* grad, T* buffer, int64_t n, double lr_, double momentum_,
         bool first) {
  const T lr = static_cast<T>(lr_);
  const T momentum = static_cast<T>(momentum_);
  if (!buffer) {
    for (int64_t i = 0; i < n; ++i) parameter[i] -= lr * grad[i];
  } else if (first) {
    for (int64_t i = 0; i < n; ++i) {
      buffer[i] = grad[i];
      parameter[i] -= lr * grad[i];
    }
  } else {
    for (int64_t i = 0; i < n; ++i) {
      buffer[i] = momentum * buffer[i] + grad[i];
      parameter[i] -= lr * buffer[i];
    }
  }
}

}  // namespace

void fill_reductions(KernelTable& t) {
  t.sum_float32 = sum<float>;
  t.sum_float64 = sum<double>;
  t.max_float32 = extreme<true>;
  t.min_float32 = extreme<false>;
  t.sum_columns_float32 = sum_columns;
  t.log_softmax_float32 = log_softmax<float>;
  t.log_softmax_float64 = log_softmax<double>;
  t.softmax_float32 = softmax<float>;
  t.softmax_float64 = softmax<double>;
  t.sgd_float32 = sgd<float>;
  t.sgd_float64 = sgd<double>;
}

}  // namespace gradus::cpu::GRADUS_ISA
