// The calls on which every op is compared with PyTorch: its declared samples, each in every dtype,
// in several layouts and with the values at the edges.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"

namespace gradus::parity {

struct Case {
  std::string name;  // "add/0 float64", "add/1 transposed"
  Sample sample;
};

// Inputs that hold data, which may be of any dtype and shape; the others say where, and stay.
inline bool is_data(const OpDef& op, size_t i, const Tensor& input) {
  if (!input.defined() || input.dtype() == DType::boolean) return false;
  const bool looks_up = op.category == Category::indexing || op.category == Category::loss;
  return !(looks_up && i > 0 && input.dtype() == DType::int64);
}

inline Tensor of_dtype(const Tensor& x, DType dtype) {
  if (is_floating_point(dtype) || !is_floating_point(x.dtype())) {
    return dtype == DType::uint8 ? to(abs(x), dtype) : to(x, dtype);
  }
  // So that not all of them become 0.
  const Tensor larger = x * 3.0;
  return to(dtype == DType::uint8 ? abs(larger) : larger, dtype);
}

// Whether gradients flow through it: not where PyTorch refuses to say how.
inline bool is_differentiable(const OpDef& op) {
  return op.backward && !(op.grad_name && std::string_view(op.grad_name) == "NotImplemented");
}

// The same values with the memory of the transpose.
inline Tensor transposed(const Tensor& x) {
  Dims turned;
  for (int64_t d = x.dim(); d-- > 0;) turned.push_back(d);
  return permute(contiguous(clone(permute(x, turned))), turned);
}

// The same values, every second of a larger tensor, which holds other things in between.
inline Tensor sliced(const Tensor& x) {
  if (x.dim() == 0 || x.numel() == 0) return x;
  Dims sizes = x.sizes();
  sizes.back() = sizes.back() * 2 + 1;
  const Tensor whole = full(sizes, 7, x.dtype());
  const Tensor part = slice(whole, -1, 1, INT64_MAX, 2);
  copy_(part, x);
  return part;
}

// The first slice again and again, in the same memory.
inline Tensor expanded(const Tensor& x) {
  if (x.dim() == 0 || x.numel() == 0) return x;
  return expand(clone(slice(x, 0, 0, 1)), x.sizes());
}

inline Tensor at_the_edges(const Tensor& x) {
  static const std::vector<double> kNumbers{0.0, -0.0, INFINITY, -INFINITY, NAN,
                                            1.0, -1.0, 0.5,      -2.0,      3.0};
  static const std::vector<double> kWhole{0, 1, -1, 2, -3, 127, -128, 5};
  const std::vector<double>& from = is_floating_point(x.dtype()) ? kNumbers : kWhole;
  std::vector<double> values(static_cast<size_t>(x.numel()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = from[i % from.size()];
  return to(Tensor::from(std::span<const double>(values), x.sizes()), x.dtype());
}

inline Tensor empty_of(const Tensor& x) {
  if (x.dim() == 0) return x;
  Dims sizes = x.sizes();
  sizes[0] = 0;
  return zeros(sizes, x.dtype());
}

inline Tensor size_one(const Tensor& x) {
  return x.numel() == 0 ? x
                        : reshape(slice(reshape(x, Dims{-1}), 0, 0, 1), Dims(x.sizes().size(), 1));
}

inline std::vector<Case> cases_of(const OpDef& op) {
  const NoGradGuard no_grad;
  Samples samples;
  if (op.samples) op.samples(samples);
  std::vector<Case> cases;
  for (size_t s = 0; s < samples.all.size(); ++s) {
    const Sample& sample = samples.all[s];
    const std::string name = std::string(op.name()) + "/" + std::to_string(s);
    cases.push_back({name, sample});
    const auto add = [&](const std::string& what, const std::function<Tensor(const Tensor&)>& f) {
      Case changed{name + " " + what, sample};
      bool differs = false;
      for (size_t i = 0; i < changed.sample.inputs.size(); ++i) {
        Tensor& input = changed.sample.inputs[i];
        if (!is_data(op, i, input)) continue;
        input = f(input);
        differs = differs || !input.is(sample.inputs[i]);
      }
      if (differs) cases.push_back(std::move(changed));
    };
    for (DType dtype : kDTypes) {
      add(to_string(dtype),
          [&](const Tensor& x) { return x.dtype() == dtype ? x : of_dtype(x, dtype); });
    }
    if (op.id != OpId::as_strided) {  // its samples are layouts
      add("transposed", transposed);
      add("sliced", sliced);
      add("expanded", expanded);
    }
    add("edges", at_the_edges);
    if (op.id != OpId::as_strided) {
      add("empty", empty_of);
      add("one", size_one);
    }
    add("float64 edges", [](const Tensor& x) { return at_the_edges(to(x, DType::float64)); });
  }
  return cases;
}

}  // namespace gradus::parity
