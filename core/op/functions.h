// The ops as C++ functions, under PyTorch's names. Shapes, errors and formulas stand in each op's
// definition (core/op/ops/<name>.cpp); what is composed of several ops is in functions.cpp.
#pragma once

#include <type_traits>

#include "core/op/call.h"
#include "core/random/generator.h"

namespace gradus {

// --- one op each (core/op/ops/<name>.cpp) ---
Tensor add(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor sub(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
Tensor neg(const Tensor& x);
Tensor pow(const Tensor& x, double exponent);
Tensor exp(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor relu(const Tensor& x);
Tensor threshold_backward(const Tensor& grad, const Tensor& result);
Tensor eq(const Tensor& a, const Tensor& b);
Tensor mm(const Tensor& a, const Tensor& b);
Tensor addmm(const Tensor& bias, const Tensor& a, const Tensor& b);
// An empty `dims` means all of them.
Tensor sum(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor mean(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor argmax(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor log_softmax(const Tensor& x, int64_t dim);
enum class Reduction : int64_t { none = 0, mean = 1, sum = 2 };
Tensor nll_loss(const Tensor& log_probs, const Tensor& target, Reduction r = Reduction::mean);
Tensor nll_loss_backward(const Tensor& grad, const Tensor& target, int64_t classes, Reduction r);
Tensor t(const Tensor& x);
Tensor view(const Tensor& x, DimsView sizes);
Tensor expand(const Tensor& x, DimsView sizes);
Tensor clone(const Tensor& x);
// x itself if it is of that dtype already.
Tensor to(const Tensor& x, DType dtype);
Tensor copy_(const Tensor& target, const Tensor& source);
Tensor fill_(const Tensor& target, double value);
// One parameter update of torch.optim.SGD; `momentum_buffer` may be undefined.
void sgd_step(const Tensor& parameter, const Tensor& grad, const Tensor& momentum_buffer, double lr,
              double momentum, bool first_step);

// --- in place: the first argument is overwritten and returned ---
Tensor add_(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor sub_(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor mul_(const Tensor& a, const Tensor& b);

// --- composed of those ---
Tensor reshape(const Tensor& x, DimsView sizes);  // a view where it can be, else a copy
Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
Tensor contiguous(const Tensor& x);
Tensor zero_(const Tensor& x);
// Sums away what broadcasting added; x itself if nothing did. Note [Un-broadcast].
Tensor sum_to(const Tensor& x, DimsView sizes);
Tensor cross_entropy(const Tensor& logits, const Tensor& target, Reduction r = Reduction::mean);

Tensor full(DimsView sizes, double value, DType dtype = DType::float32, Device device = kCpu);
Tensor zeros(DimsView sizes, DType dtype = DType::float32, Device device = kCpu);
Tensor ones(DimsView sizes, DType dtype = DType::float32, Device device = kCpu);
// PyTorch's numbers on the CPU, moved to `device`.
Tensor rand(DimsView sizes, Generator& generator, Device device = kCpu);
Tensor randn(DimsView sizes, Generator& generator, Device device = kCpu);
Tensor randint(int64_t low, int64_t high, DimsView sizes, Generator& generator,
               Device device = kCpu);
Tensor randperm(int64_t n, Generator& generator, Device device = kCpu);

// A Python number beside `like`, 0-dimensional: of its dtype where that can hold it, else it takes
// part in promotion as Python's would.
Tensor number(double value, const Tensor& like);
Tensor number(int64_t value, const Tensor& like);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator-(const Tensor& x) { return neg(x); }
// A number as Python has them: 2 is whole, 2.0 is not.
template <typename T>
concept Number = std::is_arithmetic_v<T>;
template <Number T>
Tensor as_operand(T value, const Tensor& like) {
  if constexpr (std::is_floating_point_v<T>) {
    return number(static_cast<double>(value), like);
  } else {
    return number(static_cast<int64_t>(value), like);
  }
}
template <Number T>
Tensor operator+(const Tensor& a, T b) {
  return add(a, as_operand(b, a));
}
template <Number T>
Tensor operator-(const Tensor& a, T b) {
  return sub(a, as_operand(b, a));
}
template <Number T>
Tensor operator*(const Tensor& a, T b) {
  return mul(a, as_operand(b, a));
}
template <Number T>
Tensor operator*(T a, const Tensor& b) {
  return mul(as_operand(a, b), b);
}
template <Number T>
Tensor operator/(const Tensor& a, T b) {
  return div(a, as_operand(b, a));
}

}  // namespace gradus
