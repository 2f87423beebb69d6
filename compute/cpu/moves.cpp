// Ops that move elements, and choose between them.
#include "core/op/moves.h"

#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/parallel.h"

namespace gradus::cpu {

void cat(const KernelCall& call) { moves::cat(call, copy_elements); }
void stack(const KernelCall& call) { moves::stack(call, copy_elements); }
void flip(const KernelCall& call) { moves::flip(call, copy_elements); }
void roll(const KernelCall& call) { moves::roll(call, copy_elements); }
void repeat(const KernelCall& call) { moves::repeat(call, copy_elements); }
void diag_embed(const KernelCall& call) {
  fill_elements(call.outputs[0], 0);
  moves::diag_embed(call, copy_elements);
}

namespace {

// Element by element of a dense result, with where three inputs have theirs.
template <typename F>
void for_each_of(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor& c, F&& f) {
  Dims sizes = out.sizes();
  Dims strides[3];
  const Tensor* inputs[3] = {&a, &b, &c};
  for (size_t k = 0; k < 3; ++k) {
    strides[k] = broadcast_strides(inputs[k]->sizes(), inputs[k]->strides(), sizes);
  }
  if (out.numel() == 0) return;
  if (sizes.empty()) return f(0, 1, Dims{0, 0, 0}, Dims{0, 0, 0});
  merge_dims(sizes, strides);
  const int64_t length = sizes.back();
  parallel_ranges(out.numel() / length, 32768 / length + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      Dims at{0, 0, 0};
      int64_t rest = row;
      for (size_t d = sizes.size() - 1; d-- > 0;) {
        for (size_t k = 0; k < 3; ++k) at[k] += rest % sizes[d] * strides[k][d];
        rest /= sizes[d];
      }
      f(row * length, length, at, Dims{strides[0].back(), strides[1].back(), strides[2].back()});
    }
  });
}

void choose(const Tensor& condition, const Tensor& a, const Tensor& b, const Tensor& out) {
  const Tensor result = out.is_contiguous() ? out : Tensor::empty(out.sizes(), out.dtype());
  visit_dtype(out.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const bool* c = condition.data<bool>();
    const T* pa = a.data<T>();
    const T* pb = b.data<T>();
    T* po = result.data<T>();
    for_each_of(result, condition, a, b,
                [&](int64_t first, int64_t n, const Dims& at, const Dims& step) {
                  for (int64_t i = 0; i < n; ++i) {
                    const T x = pa[at[1] + i * step[1]];
                    const T y = pb[at[2] + i * step[2]];
                    po[first + i] = c[at[0] + i * step[0]] ? x : y;
                  }
                });
  });
  if (!result.is(out)) copy_elements(result, out);
}

// A matrix, or each of a batch, with 0 where `keeps` says no.
template <typename Keeps>
void triangle(const KernelCall& call, Keeps keeps) {
  const Tensor x = dense(call.inputs[0]);
  const int64_t rows = x.size(-2);
  const int64_t columns = x.size(-1);
  const int64_t diagonal = std::get<int64_t>(call.attrs[0]);
  visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = call.outputs[0].data<T>();
    for (int64_t i = 0; i < x.numel(); ++i) {
      to[i] = keeps(i % columns - i / columns % rows, diagonal) ? from[i] : T{};
    }
  });
}

}  // namespace

void where(const KernelCall& call) {
  choose(call.inputs[0], call.inputs[1], call.inputs[2], call.outputs[0]);
}

void masked_fill(const KernelCall& call) {
  const Tensor value = Tensor::empty(Dims{}, call.outputs[0].dtype());
  fill_elements(value, as_number(call.attrs[0]));
  choose(call.inputs[1], value, call.inputs[0], call.outputs[0]);
}

void tril(const KernelCall& call) {
  triangle(call, [](int64_t at, int64_t diagonal) { return at <= diagonal; });
}
void triu(const KernelCall& call) {
  triangle(call, [](int64_t at, int64_t diagonal) { return at >= diagonal; });
}

}  // namespace gradus::cpu
