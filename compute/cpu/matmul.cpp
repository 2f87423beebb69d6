// Matrix products: oneDNN's sgemm, which takes transposes as they lie and allocates nothing; plain
// loops for the types it does not multiply. oneDNN's matmul primitive with a fused bias is as fast
// within the noise, but allocates at every call.
#include <dnnl.h>

#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/parallel.h"
#include "core/base/error.h"

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

// out = a b + beta·out
void gemm(const Tensor& a, const Tensor& b, const Tensor& out, bool accumulate) {
  const int64_t n = out.size(0);
  const int64_t p = out.size(1);
  const int64_t m = a.size(1);
  if (n == 0 || p == 0) return;
  if (out.dtype() == DType::float32 && m > 0) {
    Layout la;
    Layout lb;
    if (!layout_of(a, &la) || !layout_of(b, &lb)) fail("mm", "a matrix is not laid out for BLAS");
    const dnnl_status_t status = dnnl_sgemm(
        la.transposed ? 'T' : 'N', lb.transposed ? 'T' : 'N', n, p, m, 1.0f, a.data<float>(),
        la.leading, b.data<float>(), lb.leading, accumulate ? 1.0f : 0.0f, out.data<float>(), p);
    if (status != dnnl_success) fail("mm", "oneDNN failed with status {}", int{status});
    return;
  }
  visit_dtype(out.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* pa = a.data<T>();
    const T* pb = b.data<T>();
    T* po = out.data<T>();
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < p; ++j) {
        T total = accumulate ? po[i * p + j] : T{};
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

bool is_gemm_layout(const Tensor& matrix) {
  Layout layout;
  return matrix.defined() && matrix.dim() == 2 && layout_of(matrix, &layout);
}

void mm(const KernelCall& call) { gemm(call.inputs[0], call.inputs[1], call.outputs[0], false); }

void addmm(const KernelCall& call) {
  const Tensor& bias = call.inputs[0];
  const Tensor& a = call.inputs[1];
  const Tensor& b = call.inputs[2];
  const Tensor& out = call.outputs[0];
  const Tensor fill[] = {out, bias};
  copy({ops::copy, fill, call.outputs, call.attrs});
  gemm(a, b, out, true);
}

}  // namespace gradus::cpu
