// Work on the elements along one dimension.
#include <algorithm>
#include <numeric>
#include <type_traits>
#include <vector>

#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/kernels/table.h"
#include "compute/cpu/parallel.h"

namespace gradus::cpu {
namespace {

// A dense tensor as outer × n × inner around one dimension.
struct Around {
  int64_t outer = 1, n = 1, inner = 1;
};
Around around(const Tensor& x, int64_t dim) {
  Around a;
  const size_t rank = x.sizes().size();
  const size_t at = static_cast<size_t>(wrap_dim("dim", dim, rank));
  for (size_t i = 0; i < rank; ++i) {
    (i < at ? a.outer : i == at ? a.n : a.inner) *= x.sizes()[i];
  }
  return a;
}

// Calls each(offset of the row's first element, row's number) for each row; elements are a.inner
// apart.
template <typename Each>
void for_each_row(const Around& a, Each&& each) {
  const int64_t rows = a.outer * a.inner;
  parallel_ranges(rows, rows * a.n < 16384 ? rows + 1 : 0, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) each(r / a.inner * a.n * a.inner + r % a.inner, r);
  });
}

// Where the element stands that `before` puts before all others. The first of equal ones; a nan
// comes before any number.
template <typename T, typename Before>
int64_t first_of(const T* row, const Around& a, Before before) {
  int64_t best = 0;
  for (int64_t k = 1; k < a.n; ++k) {
    const T held = row[best * a.inner];
    const T value = row[k * a.inner];
    if (held == held && (before(value, held) || value != value)) best = k;
  }
  return best;
}

// `values` may be undefined.
template <typename Before>
void choose(const Tensor& input, int64_t dim, const Tensor& values, const Tensor& places,
            Before before) {
  const Tensor x = dense(input);
  const Around a = around(x, dim);
  int64_t* out = places.data<int64_t>();
  visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* data = x.data<T>();
    T* chosen = values.defined() ? values.data<T>() : nullptr;
    for_each_row(a, [&](int64_t at, int64_t r) {
      out[r] = first_of(data + at, a, before);
      if (chosen) chosen[r] = data[at + out[r] * a.inner];
    });
  });
}

constexpr auto kLarger = [](auto a, auto b) { return a > b; };
constexpr auto kSmaller = [](auto a, auto b) { return a < b; };

// Running totals; whole numbers in 64 bits, which wrap round.
template <typename Combine>
void accumulate(const KernelCall& call, Combine combine) {
  const Tensor x = dense(call.inputs[0]);
  const Around a = around(x, std::get<int64_t>(call.attrs[0]));
  visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    using Out = std::conditional_t<std::is_floating_point_v<T>, T, int64_t>;
    using Total = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
    const T* from = x.data<T>();
    Out* to = call.outputs[0].data<Out>();
    for_each_row(a, [&](int64_t at, int64_t) {
      Total total{};
      for (int64_t k = 0; k < a.n; ++k) {
        const Total value = static_cast<Total>(from[at + k * a.inner]);
        total = k == 0 ? value : combine(total, value);
        to[at + k * a.inner] = static_cast<Out>(total);
      }
    });
  });
}

// The first `count` of each row in order; equal ones keep theirs, a nan is the largest.
void order(const KernelCall& call, int64_t dim, int64_t count, bool descending) {
  const Tensor x = dense(call.inputs[0]);
  const Around a = around(x, dim);
  if (x.dim() == 0) count = 1;
  int64_t* places = call.outputs[1].data<int64_t>();
  visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = call.outputs[0].data<T>();
    for_each_row(a, [&](int64_t at, int64_t r) {
      const auto value = [&](int64_t k) { return from[at + k * a.inner]; };
      const auto less = [](T p, T q) { return p == p && (p < q || q != q); };
      const auto before = [&](int64_t i, int64_t k) {
        return descending ? less(value(k), value(i)) : less(value(i), value(k));
      };
      std::vector<int64_t> all(static_cast<size_t>(a.n));
      std::iota(all.begin(), all.end(), int64_t{0});
      if (count < a.n) {
        std::partial_sort(all.begin(), all.begin() + count, all.end(), [&](int64_t i, int64_t k) {
          return before(i, k) || (!before(k, i) && i < k);
        });
      } else {
        std::stable_sort(all.begin(), all.end(), before);
      }
      const int64_t first = r / a.inner * count * a.inner + r % a.inner;
      for (int64_t k = 0; k < count; ++k) {
        const int64_t from_place = all[static_cast<size_t>(k)];
        to[first + k * a.inner] = value(from_place);
        places[first + k * a.inner] = from_place;
      }
    });
  });
}

}  // namespace

void argmax(const KernelCall& call) {
  choose(call.inputs[0], std::get<int64_t>(call.attrs[0]), {}, call.outputs[0], kLarger);
}
void argmin(const KernelCall& call) {
  choose(call.inputs[0], std::get<int64_t>(call.attrs[0]), {}, call.outputs[0], kSmaller);
}
void max_dim(const KernelCall& call) {
  choose(call.inputs[0], std::get<int64_t>(call.attrs[0]), call.outputs[0], call.outputs[1],
         kLarger);
}
void min_dim(const KernelCall& call) {
  choose(call.inputs[0], std::get<int64_t>(call.attrs[0]), call.outputs[0], call.outputs[1],
         kSmaller);
}

void cumsum(const KernelCall& call) {
  accumulate(call, [](auto a, auto b) { return a + b; });
}
void cumprod(const KernelCall& call) {
  accumulate(call, [](auto a, auto b) { return a * b; });
}

void sort(const KernelCall& call) {
  const int64_t dim = std::get<int64_t>(call.attrs[0]);
  order(call, dim, around(call.inputs[0], dim).n, std::get<bool>(call.attrs[1]));
}
void topk(const KernelCall& call) {
  order(call, std::get<int64_t>(call.attrs[1]), std::get<int64_t>(call.attrs[0]),
        std::get<bool>(call.attrs[2]));
}

namespace {

template <typename Row>
void for_each_softmax_row(const KernelCall& call, Row row32,
                          void (*row64)(double*, const double*, int64_t, int64_t)) {
  const Tensor x = dense(call.inputs[0]);
  const Around a = around(x, std::get<int64_t>(call.attrs[0]));
  if (x.numel() == 0) return;
  if (x.dtype() == DType::float32) {
    for_each_row(a, [&](int64_t at, int64_t) {
      row32(call.outputs[0].data<float>() + at, x.data<float>() + at, a.n, a.inner);
    });
  } else {
    for_each_row(a, [&](int64_t at, int64_t) {
      row64(call.outputs[0].data<double>() + at, x.data<double>() + at, a.n, a.inner);
    });
  }
}

}  // namespace

void softmax(const KernelCall& call) {
  for_each_softmax_row(call, kernel_table().softmax_float32, kernel_table().softmax_float64);
}
void log_softmax(const KernelCall& call) {
  for_each_softmax_row(call, kernel_table().log_softmax_float32,
                       kernel_table().log_softmax_float64);
}

}  // namespace gradus::cpu
