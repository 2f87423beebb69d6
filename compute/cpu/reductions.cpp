// Sums, means, argmax, softmax and the losses built on them, and the optimiser's update.
#include <algorithm>

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

template <typename T>
double sum_row(const T* x, int64_t n, int64_t stride) {
  const KernelTable& table = kernel_table();
  if constexpr (std::is_same_v<T, float>) {
    return table.sum_float32(x, n, stride);
  } else {
    return table.sum_float64(x, n, stride);
  }
}

// out[o] = scale · Σ x over the reduced dimensions.
template <typename In, typename Out>
void sum_into(const Tensor& x, const Dims& reduced, const Tensor& out, double scale) {
  const In* data = x.data<In>();
  Out* result = out.data<Out>();
  const Split split = split_dims(x, reduced);
  const int64_t count = out.numel();
  if constexpr (std::is_same_v<In, float> && std::is_same_v<Out, float>) {
    // Rows summed into one row: the gradient of a bias.
    if (split.kept_sizes.size() == 1 && split.kept_strides[0] == 1 &&
        split.reduced_sizes.size() == 1 && scale == 1.0 && count > 1) {
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
    // The innermost reduced run is summed at once, the runs one after another.
    int64_t length = 1;
    int64_t stride = 1;
    Dims outer_sizes = split.reduced_sizes;
    Dims outer_strides = split.reduced_strides;
    if (!outer_sizes.empty()) {
      length = outer_sizes.back();
      stride = outer_strides.back();
      outer_sizes.pop_back();
      outer_strides.pop_back();
      while (!outer_sizes.empty() && outer_strides.back() == length * stride) {
        length *= outer_sizes.back();
        outer_sizes.pop_back();
        outer_strides.pop_back();
      }
    }
    const int64_t runs = numel(outer_sizes);
    parallel_ranges(count, count * split.reduced_count < 32768 ? count + 1 : 0,
                    [&](int64_t begin, int64_t end) {
                      for (int64_t o = begin; o < end; ++o) {
                        const In* base = data + offset_of(o, split.kept_sizes, split.kept_strides);
                        double total = 0;
                        for (int64_t r = 0; r < runs; ++r) {
                          total += sum_row(base + offset_of(r, outer_sizes, outer_strides), length,
                                           stride);
                        }
                        result[o] = static_cast<Out>(total * scale);
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

void sum_scaled(const KernelCall& call, double scale) {
  const Tensor& x = call.inputs[0];
  const Dims dims = shape::reduced_dims(call.op.name(), call.attrs, x.sizes().size());
  switch (x.dtype()) {
    case DType::float32:
      return sum_into<float, float>(x, dims, call.outputs[0], scale);
    case DType::float64:
      return sum_into<double, double>(x, dims, call.outputs[0], scale);
    case DType::int64:
      return sum_into<int64_t, int64_t>(x, dims, call.outputs[0], scale);
    case DType::int32:
      return sum_into<int32_t, int64_t>(x, dims, call.outputs[0], scale);
    case DType::uint8:
      return sum_into<uint8_t, int64_t>(x, dims, call.outputs[0], scale);
    case DType::boolean:
      return sum_into<bool, int64_t>(x, dims, call.outputs[0], scale);
  }
}

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

void sum(const KernelCall& call) { sum_scaled(call, 1.0); }

void mean(const KernelCall& call) {
  const double count = static_cast<double>(call.inputs[0].numel()) /
                       static_cast<double>(std::max<int64_t>(call.outputs[0].numel(), 1));
  sum_scaled(call, 1.0 / count);
}

void argmax(const KernelCall& call) {
  const Tensor x = dense(call.inputs[0]);
  const Around a = around(x, std::get<int64_t>(call.attrs[0]));
  int64_t* out = call.outputs[0].data<int64_t>();
  visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* data = x.data<T>();
    for (int64_t o = 0; o < a.outer; ++o) {
      for (int64_t i = 0; i < a.inner; ++i) {
        const T* row = data + o * a.n * a.inner + i;
        int64_t best = 0;
        for (int64_t k = 1; k < a.n; ++k) {
          const T held = row[best * a.inner];
          const T value = row[k * a.inner];
          // The first of equal ones; a nan counts as largest.
          if (held == held && (value > held || value != value)) best = k;
        }
        out[o * a.inner + i] = best;
      }
    }
  });
}

void log_softmax(const KernelCall& call) {
  const Tensor x = dense(call.inputs[0]);
  const Around a = around(x, std::get<int64_t>(call.attrs[0]));
  if (x.numel() == 0) return;
  const auto run = [&](auto* out, const auto* in, auto row) {
    const int64_t rows = a.outer * a.inner;
    parallel_ranges(rows, x.numel() < 16384 ? rows + 1 : 0, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const int64_t at = r / a.inner * a.n * a.inner + r % a.inner;
        row(out + at, in + at, a.n, a.inner);
      }
    });
  };
  if (x.dtype() == DType::float32) {
    run(call.outputs[0].data<float>(), x.data<float>(), kernel_table().log_softmax_float32);
  } else {
    run(call.outputs[0].data<double>(), x.data<double>(), kernel_table().log_softmax_float64);
  }
}

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

void sgd_step(const KernelCall& call) {
  const Tensor& parameter = call.inputs[0];
  const Tensor grad = dense(call.inputs[1]);
  const Tensor& buffer = call.inputs[2];
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
