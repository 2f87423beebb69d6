// What the kernel files offer, as plain functions over pointers. Files in this folder are compiled
// once per instruction set and include nothing that could leave inline functions of theirs in the
// rest of the program (no containers, no fmt).
#pragma once

#include <cstdint>

#include "core/op/op_id.h"

namespace gradus::cpu {

// Row kernels are kept by the order of DType.
enum Element : int { kFloat32, kFloat64, kInt64, kInt32, kUint8, kBool, kElements };

// One row of an elementwise op: n elements, strides in elements, the op's attributes as numbers.
using RowFn = void (*)(void* out, const void* a, const void* b, int64_t n, int64_t out_stride,
                       int64_t a_stride, int64_t b_stride, const double* params);

struct KernelTable {
  const char* isa = "";
  RowFn rows[kOpCount][kElements] = {};
  RowFn convert[kElements][kElements] = {};  // from, to
  RowFn fill[kElements] = {};                // params[0] is the value

  // Sum of n elements that lie `stride` apart. Fixed order, error like pairwise summation.
  double (*sum_float32)(const float* x, int64_t n, int64_t stride);
  double (*sum_float64)(const double* x, int64_t n, int64_t stride);
  // The largest and the smallest of n > 0 neighbours; nan if there is one.
  float (*max_float32)(const float* x, int64_t n);
  float (*min_float32)(const float* x, int64_t n);
  // out[c] = Σ_r x[r·row_stride + c], for columns c in [0, columns).
  void (*sum_columns_float32)(float* out, const float* x, int64_t rows, int64_t columns,
                              int64_t row_stride);
  // n elements, `stride` apart, in both.
  void (*log_softmax_float32)(float* out, const float* x, int64_t n, int64_t stride);
  void (*log_softmax_float64)(double* out, const double* x, int64_t n, int64_t stride);
  void (*softmax_float32)(float* out, const float* x, int64_t n, int64_t stride);
  void (*softmax_float64)(double* out, const double* x, int64_t n, int64_t stride);
  // torch.optim.SGD on n elements; buffer may be null.
  void (*sgd_float32)(float* parameter, const float* grad, float* buffer, int64_t n, double lr,
                      double momentum, bool first);
  void (*sgd_float64)(double* parameter, const double* grad, double* buffer, int64_t n, double lr,
                      double momentum, bool first);
};

// The table for the best instruction set this processor has; GRADUS_ISA in the environment
// (baseline, avx2, avx512) asks for a lesser one.
const KernelTable& kernel_table();

// Each file fills its part of a table, per instruction set.
#define GRADUS_DECLARE_ISA(isa)          \
  namespace isa {                        \
  void fill_elementwise(KernelTable& t); \
  void fill_reductions(KernelTable& t);  \
  }
GRADUS_DECLARE_ISA(baseline)
GRADUS_DECLARE_ISA(avx2)
GRADUS_DECLARE_ISA(avx512)
#undef GRADUS_DECLARE_ISA

}  // namespace gradus::cpu
