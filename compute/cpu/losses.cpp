// Losses, and the optimiser's update.
#include <algorithm>
#include <cmath>

#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/kernels/table.h"
#include "compute/cpu/parallel.h"
#include "core/base/error.h"
#include "core/op/functions.h"
#include "core/op/layout.h"

namespace gradus::cpu {
namespace {

// The class of sample i, checked: a wrong one would read past the row.
int64_t checked_class(const char* op, const Tensor& target, int64_t i, int64_t classes) {
  const int64_t label = target.data<int64_t>()[i];
  if (label < 0 || label >= classes) {
    fail(op, "label {} of sample {} is out of range: there are {} classes, 0 to {}", label, i,
         classes, classes - 1);
  }
  return label;
}

}  // namespace

void nll_loss(const KernelCall& call) {
  const Tensor x = dense(call.inputs[0]);
  const Tensor target = dense(call.inputs[1]);
  const auto reduction = static_cast<Reduction>(std::get<int64_t>(call.attrs[0]));
  const int64_t n = x.size(0);
  const int64_t classes = x.size(1);
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    const T* data = x.data<T>();
    T* out = call.outputs[0].data<T>();
    double total = 0;
    for (int64_t i = 0; i < n; ++i) {
      const T value = -data[i * classes + checked_class("nll_loss", target, i, classes)];
      if (reduction == Reduction::none) out[i] = value;
      total += static_cast<double>(value);
    }
    if (reduction == Reduction::mean) total /= static_cast<double>(n);
    if (reduction != Reduction::none) out[0] = static_cast<T>(total);
  };
  x.dtype() == DType::float32 ? run(float{}) : run(double{});
}

void nll_loss_backward(const KernelCall& call) {
  const Tensor grad = dense(call.inputs[0]);
  const Tensor target = dense(call.inputs[1]);
  const int64_t classes = std::get<int64_t>(call.attrs[0]);
  const auto reduction = static_cast<Reduction>(std::get<int64_t>(call.attrs[1]));
  const int64_t n = target.numel();
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    const T* g = grad.data<T>();
    T* out = call.outputs[0].data<T>();
    std::fill_n(out, n * classes, T{});
    for (int64_t i = 0; i < n; ++i) {
      const T upstream = reduction == Reduction::none ? g[i] : g[0];
      const T value = reduction == Reduction::mean ? -upstream / static_cast<T>(n) : -upstream;
      out[i * classes + checked_class("nll_loss_backward", target, i, classes)] = value;
    }
  };
  grad.dtype() == DType::float32 ? run(float{}) : run(double{});
}

void binary_cross_entropy_with_logits(const KernelCall& call) {
  const Tensor x = dense(call.inputs[0]);
  const Tensor target = dense(call.inputs[1]);
  const auto reduction = static_cast<Reduction>(std::get<int64_t>(call.attrs[0]));
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    const T* score = x.data<T>();
    const T* answer = target.data<T>();
    T* out = call.outputs[0].data<T>();
    double total = 0;
    for (int64_t i = 0; i < x.numel(); ++i) {
      const double s = static_cast<double>(score[i]);
      const double log_sigmoid = std::fmin(0.0, s) - std::log1p(std::exp(-std::abs(s)));
      const double loss = (1 - static_cast<double>(answer[i])) * s - log_sigmoid;
      if (reduction == Reduction::none) out[i] = static_cast<T>(loss);
      total += loss;
    }
    if (reduction == Reduction::mean) total /= static_cast<double>(x.numel());
    if (reduction != Reduction::none) out[0] = static_cast<T>(total);
  };
  x.dtype() == DType::float32 ? run(float{}) : run(double{});
}

void sgd_step(const KernelCall& call) {
  const Tensor& like = call.inputs[0];
  const Tensor parameter = in_order_of(like, like);
  const Tensor grad = dense(in_order_of(call.inputs[1], like));
  const Tensor buffer = in_order_of(call.inputs[2], like);
  const double lr = std::get<double>(call.attrs[0]);
  const double momentum = std::get<double>(call.attrs[1]);
  const bool first = std::get<bool>(call.attrs[2]);
  const auto run = [&](auto zero, auto kernel) {
    using T = decltype(zero);
    T* w = parameter.data<T>();
    const T* g = grad.data<T>();
    T* b = buffer.defined() ? buffer.data<T>() : nullptr;
    parallel_ranges(parameter.numel(), 32768, [&](int64_t begin, int64_t end) {
      kernel(w + begin, g + begin, b ? b + begin : nullptr, end - begin, lr, momentum, first);
    });
  };
  if (parameter.dtype() == DType::float32) {
    run(float{}, kernel_table().sgd_float32);
  } else {
    run(double{}, kernel_table().sgd_float64);
  }
}

}  // namespace gradus::cpu
