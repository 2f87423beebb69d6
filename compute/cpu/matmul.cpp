// Matrix products: dnnl_sgemm for plain ones, a oneDNN matmul primitive where a bias is added to
// rows, plain loops for the types oneDNN does not multiply.
#include <dnnl.hpp>
#include <memory>
#include <string>
#include <unordered_map>

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

// oneDNN primitives, made once per shape and layout.
class BiasedProducts {
 public:
  void run(const Tensor& bias, const Tensor& a, const Tensor& b, const Tensor& out, Layout la,
           Layout lb) {
    const int64_t n = out.size(0);
    const int64_t p = out.size(1);
    const int64_t m = a.size(1);
    const std::string key = fmt::format("{},{},{},{},{},{},{}", n, p, m, la.transposed, la.leading,
                                        lb.transposed, lb.leading);
    std::unique_ptr<Primitive>& made = primitives_[key];
    if (!made) made = std::make_unique<Primitive>(engine_, n, p, m, la, lb);
    made->a.set_data_handle(a.data<float>());
    made->b.set_data_handle(b.data<float>());
    made->bias.set_data_handle(bias.data<float>());
    made->out.set_data_handle(out.data<float>());
    made->matmul.execute(stream_, made->arguments);
    stream_.wait();
  }

 private:
  struct Primitive {
    dnnl::memory a, b, bias, out;
    dnnl::matmul matmul;
    std::unordered_map<int, dnnl::memory> arguments;

    Primitive(const dnnl::engine& engine, int64_t n, int64_t p, int64_t m, Layout la, Layout lb) {
      using dnnl::memory;
      const auto desc = [](int64_t rows, int64_t columns, Layout l) {
        const memory::dims strides = l.transposed ? memory::dims{1, l.leading}
                                                  : memory::dims{l.leading, 1};
        return memory::desc({rows, columns}, memory::data_type::f32, strides);
      };
      const memory::desc da = desc(n, m, la);
      const memory::desc db = desc(m, p, lb);
      const memory::desc dbias = desc(1, p, {false, p});
      const memory::desc dout = desc(n, p, {false, p});
      const dnnl::matmul::primitive_desc pd({da, db, dbias, dout}, engine);
      // An unlucky layout would silently run oneDNN's reference loops, hundreds of times slower.
      const std::string implementation = pd.impl_info_str();
      if (implementation.find("ref") != std::string::npos && n * p * m > 65536) {
        fail("addmm", "oneDNN has no fast kernel for {}×{}×{} ({})", n, m, p, implementation);
      }
      matmul = dnnl::matmul(pd);
      a = memory(da, engine, DNNL_MEMORY_NONE);
      b = memory(db, engine, DNNL_MEMORY_NONE);
      bias = memory(dbias, engine, DNNL_MEMORY_NONE);
      out = memory(dout, engine, DNNL_MEMORY_NONE);
      arguments = {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_BIAS, bias},
                   {DNNL_ARG_DST, out}};
    }
  };

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::unordered_map<std::string, std::unique_ptr<Primitive>> primitives_;
};

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
  Layout la;
  Layout lb;
  const bool row_bias = bias.numel() == out.size(1) && bias.is_contiguous() &&
                        bias.sizes().back() == out.size(1);
  if (out.dtype() == DType::float32 && row_bias && out.numel() > 0 && a.size(1) > 0 &&
      layout_of(a, &la) && layout_of(b, &lb)) {
    thread_local BiasedProducts products;
    products.run(bias, a, b, out, la, lb);
    return;
  }
  copy({ops::copy, std::initializer_list<Tensor>{out, bias}, call.outputs, {}});
  gemm(a, b, out, true);
}

}  // namespace gradus::cpu
