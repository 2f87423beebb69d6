// Matrix products: oneDNN's sgemm, which takes transposes as they lie; plain loops for the types it
// does not multiply.
//
// Note [One tile per thread]
// Each thread computes a tile of the result by a sequential sgemm of its own. For the few rows of a
// mini-batch that is a quarter faster than one threaded sgemm, whose threads wait for each other at
// every panel they pack, and the bias goes into a tile while it is in the thread's cache. oneDNN's
// matmul primitive is no faster and allocates at every execution.
#include <dnnl.h>

#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/parallel.h"
#include "core/base/error.h"
#include "core/op/moves.h"

namespace gradus::cpu {
namespace {

// A matrix as BLAS sees it: row-major with a leading dimension, perhaps transposed.
struct Layout {
  bool transposed = false;
  int64_t leading = 0;
};

bool layout_of(const Tensor& m, Layout* layout) {
  const int64_t rows = m.size(0);
  const int64_t columns = m.size(1);
  const int64_t step = m.strides()[0];
  const int64_t inner = m.strides()[1];
  if ((inner == 1 || columns <= 1) && (step >= columns || rows <= 1)) {
    *layout = {false, std::max({step, columns, int64_t{1}})};
    if (rows <= 1) layout->leading = std::max<int64_t>(columns, 1);
    return true;
  }
  if ((step == 1 || rows <= 1) && (inner >= rows || columns <= 1)) {
    *layout = {true, std::max({inner, rows, int64_t{1}})};
    if (columns <= 1) layout->leading = std::max<int64_t>(rows, 1);
    return true;
  }
  return false;
}

// How the result's rows and columns are split between threads.
struct Grid {
  int rows = 1;
  int columns = 1;
};

// The one with the least to pack, over all threads: each reads its rows of a, its columns of b.
Grid grid_for(int64_t n, int64_t p, int64_t m, int threads) {
  constexpr double kSmall = 1e6;  // multiply-adds that sgemm does best by itself
  Grid best;
  if (static_cast<double>(n) * static_cast<double>(p) * static_cast<double>(m) < kSmall)
    return best;
  int64_t least = INT64_MAX;
  for (int rows = 1; rows <= threads; ++rows) {
    if (threads % rows != 0) continue;
    const int columns = threads / rows;
    const int64_t packed = n / rows + p / columns;
    if (packed < least) {
      least = packed;
      best = {rows, columns};
    }
  }
  return best;
}

struct Range {
  int64_t begin = 0;
  int64_t end = 0;
};

// Part `index` of `parts` of [0, n), cut at multiples of 16.
Range part_of(int64_t n, int parts, int index) {
  const int64_t share = ((n + parts - 1) / parts + 15) / 16 * 16;
  return {std::min(n, share * index), std::min(n, share * (index + 1))};
}

// A product out = a b, or out = bias + a b, bias broadcast, in float32.
struct Product {
  const float* a;
  Layout a_layout;
  const float* b;
  Layout b_layout;
  float* out;
  int64_t inner;
  int64_t columns;
  const float* bias = nullptr;
  Dims bias_strides = {};

  dnnl_status_t tile(Range r, Range c) const {
    if (r.begin == r.end || c.begin == c.end) return dnnl_success;
    for (int64_t i = r.begin; i < r.end && bias; ++i) {
      const float* from = bias + i * bias_strides[0] + c.begin * bias_strides[1];
      float* to = out + i * columns + c.begin;
      for (int64_t j = 0; j < c.end - c.begin; ++j) to[j] = from[j * bias_strides[1]];
    }
    return dnnl_sgemm(
        a_layout.transposed ? 'T' : 'N', b_layout.transposed ? 'T' : 'N', r.end - r.begin,
        c.end - c.begin, inner, 1.0f,
        a + (a_layout.transposed ? r.begin : r.begin * a_layout.leading), a_layout.leading,
        b + (b_layout.transposed ? c.begin * b_layout.leading : c.begin), b_layout.leading,
        bias ? 1.0f : 0.0f, out + r.begin * columns + c.begin, columns);
  }
};

void multiply_float32(const Product& product, int64_t n) {
  const int threads = omp_get_max_threads();
  const Grid grid = grid_for(n, product.columns, product.inner, threads);
  dnnl_status_t status = dnnl_success;
  if (grid.rows * grid.columns == 1) {
    status = product.tile({0, n}, {0, product.columns});
  } else {
    parallel_parts(grid.rows * grid.columns, [&](int part) {
      const dnnl_status_t mine =
          product.tile(part_of(n, grid.rows, part / grid.columns),
                       part_of(product.columns, grid.columns, part % grid.columns));
      if (mine != dnnl_success) {
#pragma omp atomic write
        status = mine;
      }
    });
  }
  if (status != dnnl_success) fail("mm", "oneDNN failed with status {}", int{status});
}

// out = a b, or out = bias + a b
void gemm(const Tensor& a, const Tensor& b, const Tensor* bias, const Tensor& out) {
  const int64_t n = out.size(0);
  const int64_t p = out.size(1);
  const int64_t m = a.size(1);
  if (n == 0 || p == 0) return;
  Dims bias_strides;
  if (bias) bias_strides = broadcast_strides(bias->sizes(), bias->strides(), out.sizes());
  if (out.dtype() == DType::float32 && m > 0) {
    Layout a_layout;
    Layout b_layout;
    const Tensor left = layout_of(a, &a_layout) ? a : dense(a);
    const Tensor right = layout_of(b, &b_layout) ? b : dense(b);
    layout_of(left, &a_layout);
    layout_of(right, &b_layout);
    Product product{
        left.data<float>(), a_layout, right.data<float>(), b_layout, out.data<float>(), m, p};
    if (bias) {
      product.bias = bias->data<float>();
      product.bias_strides = bias_strides;
    }
    multiply_float32(product, n);
    return;
  }
  visit_dtype(out.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* pa = a.data<T>();
    const T* pb = b.data<T>();
    T* po = out.data<T>();
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < p; ++j) {
        T total = bias ? bias->data<T>()[i * bias_strides[0] + j * bias_strides[1]] : T{};
        for (int64_t k = 0; k < m; ++k) {
          const T product = static_cast<T>(pa[i * a.strides()[0] + k * a.strides()[1]] *
                                           pb[k * b.strides()[0] + j * b.strides()[1]]);
          total = static_cast<T>(total + product);
        }
        po[i * p + j] = total;
      }
    }
  });
}

}  // namespace

void dot(const KernelCall& call) {
  const Tensor out = call.outputs[0].as_strided(Dims{1, 1}, Dims{1, 1}, call.outputs[0].offset());
  gemm(moves::as_row(call.inputs[0]), moves::as_column(call.inputs[1]), nullptr, out);
}

void mv(const KernelCall& call) {
  gemm(call.inputs[0], moves::as_column(call.inputs[1]), nullptr,
       moves::as_column(call.outputs[0]));
}

void bmm(const KernelCall& call) {
  for (int64_t i = 0; i < call.outputs[0].size(0); ++i) {
    gemm(moves::matrix_of(call.inputs[0], i), moves::matrix_of(call.inputs[1], i), nullptr,
         moves::matrix_of(call.outputs[0], i));
  }
}

void mm(const KernelCall& call) { gemm(call.inputs[0], call.inputs[1], nullptr, call.outputs[0]); }

void addmm(const KernelCall& call) {
  gemm(call.inputs[1], call.inputs[2], &call.inputs[0], call.outputs[0]);
}

}  // namespace gradus::cpu
