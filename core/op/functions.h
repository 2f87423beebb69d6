// The ops as C++ functions, under PyTorch's names. Shapes, errors and formulas stand in each op's
// definition (core/op/ops/<name>.cpp); what is composed of several ops is in functions.cpp.
#pragma once

#include <cmath>
#include <type_traits>
#include <vector>

#include "core/op/call.h"
#include "core/op/creation.h"

namespace gradus {

// --- one op each (core/op/ops/<name>.cpp) ---
Tensor add(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor sub(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor rsub(const Tensor& a, const Tensor& b);  // b - a
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
Tensor floor_divide(const Tensor& a, const Tensor& b);
Tensor remainder(const Tensor& a, const Tensor& b);
Tensor fmod(const Tensor& a, const Tensor& b);
Tensor neg(const Tensor& x);
Tensor abs(const Tensor& x);
Tensor sign(const Tensor& x);
Tensor round(const Tensor& x);
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor trunc(const Tensor& x);
// Infinite bounds are none.
Tensor clamp(const Tensor& x, double low, double high = INFINITY);
Tensor clamp(const Tensor& x, int64_t low, int64_t high);
Tensor pow(const Tensor& x, double exponent);
Tensor pow(const Tensor& x, int exponent);  // keeps whole numbers whole
Tensor pow(const Tensor& x, const Tensor& exponent);
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor exp(const Tensor& x);
Tensor exp2(const Tensor& x);
Tensor expm1(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log2(const Tensor& x);
Tensor log10(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);
Tensor reciprocal(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);
Tensor asin(const Tensor& x);
Tensor acos(const Tensor& x);
Tensor atan(const Tensor& x);
Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor erf(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor relu(const Tensor& x);
Tensor tanh_backward(const Tensor& grad, const Tensor& result);
Tensor sigmoid_backward(const Tensor& grad, const Tensor& result);
Tensor threshold_backward(const Tensor& grad, const Tensor& result);
Tensor eq(const Tensor& a, const Tensor& b);
Tensor ne(const Tensor& a, const Tensor& b);
Tensor lt(const Tensor& a, const Tensor& b);
Tensor le(const Tensor& a, const Tensor& b);
Tensor gt(const Tensor& a, const Tensor& b);
Tensor ge(const Tensor& a, const Tensor& b);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);
Tensor logical_not(const Tensor& x);
Tensor isnan(const Tensor& x);
Tensor isinf(const Tensor& x);
Tensor isfinite(const Tensor& x);
Tensor bitwise_and(const Tensor& a, const Tensor& b);
Tensor bitwise_or(const Tensor& a, const Tensor& b);
Tensor bitwise_xor(const Tensor& a, const Tensor& b);
Tensor bitwise_not(const Tensor& x);
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value);

Tensor mm(const Tensor& a, const Tensor& b);
Tensor addmm(const Tensor& bias, const Tensor& a, const Tensor& b);
Tensor bmm(const Tensor& a, const Tensor& b);
Tensor dot(const Tensor& a, const Tensor& b);
Tensor mv(const Tensor& a, const Tensor& b);

// Reductions. An empty `dims` means all of them.
Tensor sum(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor mean(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor prod(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor max(const Tensor& x);
Tensor min(const Tensor& x);
Tensor amax(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor amin(const Tensor& x, DimsView dims = {}, bool keepdim = false);
struct ValuesAndIndices {
  Tensor values;
  Tensor indices;
};
ValuesAndIndices max(const Tensor& x, int64_t dim, bool keepdim = false);
ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor var(const Tensor& x, DimsView dims = {}, int64_t correction = 1, bool keepdim = false);
Tensor std(const Tensor& x, DimsView dims = {}, int64_t correction = 1, bool keepdim = false);
Tensor norm(const Tensor& x, double p = 2, DimsView dims = {}, bool keepdim = false);
Tensor logsumexp(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor any(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor all(const Tensor& x, DimsView dims = {}, bool keepdim = false);
Tensor argmax(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor argmin(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor argmax(const Tensor& x);  // of all elements, row by row
Tensor argmin(const Tensor& x);
Tensor cumsum(const Tensor& x, int64_t dim);
Tensor cumprod(const Tensor& x, int64_t dim);
ValuesAndIndices sort(const Tensor& x, int64_t dim = -1, bool descending = false);
ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true);
Tensor softmax(const Tensor& x, int64_t dim);
Tensor log_softmax(const Tensor& x, int64_t dim);

enum class Reduction : int64_t { none = 0, mean = 1, sum = 2 };
Tensor nll_loss(const Tensor& log_probs, const Tensor& target, Reduction r = Reduction::mean);
Tensor nll_loss_backward(const Tensor& grad, const Tensor& target, int64_t classes, Reduction r);
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        Reduction r = Reduction::mean);

// Views: they share the memory of x.
Tensor t(const Tensor& x);
Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
Tensor permute(const Tensor& x, DimsView dims);
Tensor view(const Tensor& x, DimsView sizes);
// The same of a result that is held nowhere else: then it is no view.
Tensor unsafe_view(const Tensor& x, DimsView sizes);
Tensor expand(const Tensor& x, DimsView sizes);
Tensor squeeze(const Tensor& x, DimsView dims = {});  // all of size 1, if none are named
Tensor unsqueeze(const Tensor& x, int64_t dim);
Tensor select(const Tensor& x, int64_t dim, int64_t index);
Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step = 1);
std::vector<Tensor> split(const Tensor& x, DimsView sizes, int64_t dim = 0);
std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0);
Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);
Tensor as_strided(const Tensor& x, DimsView sizes, DimsView strides, int64_t offset = 0);

Tensor cat(std::span<const Tensor> tensors, int64_t dim = 0);
Tensor stack(std::span<const Tensor> tensors, int64_t dim = 0);
Tensor flip(const Tensor& x, DimsView dims);
Tensor roll(const Tensor& x, int64_t shift, int64_t dim);
Tensor roll(const Tensor& x, int64_t shift);  // of all elements, row by row
Tensor roll(const Tensor& x, DimsView shifts, DimsView dims);
Tensor repeat(const Tensor& x, DimsView repeats);
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);
Tensor diag_embed(const Tensor& x, int64_t offset = 0);

// Looked up by tensors of whole numbers (int64). With the rest of Python's brackets: indexing.h.
Tensor index(const Tensor& x, std::span<const Tensor> indices);  // undefined: all of a dimension
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);

Tensor clone(const Tensor& x);       // laid out as x is
Tensor contiguous(const Tensor& x);  // row by row: x itself if it is, else a copy
// x itself if it is of that dtype already.
Tensor to(const Tensor& x, DType dtype);
// One parameter update of torch.optim.SGD; `momentum_buffer` may be undefined.
void sgd_step(const Tensor& parameter, const Tensor& grad, const Tensor& momentum_buffer, double lr,
              double momentum, bool first_step);

// --- in place: the first argument is overwritten and returned ---
Tensor add_(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor sub_(const Tensor& a, const Tensor& b, double alpha = 1.0);
Tensor mul_(const Tensor& a, const Tensor& b);
Tensor div_(const Tensor& a, const Tensor& b);
Tensor copy_(const Tensor& target, const Tensor& source);
Tensor fill_(const Tensor& target, double value);
Tensor zero_(const Tensor& x);
Tensor pow_(const Tensor& x, double exponent);
Tensor clamp_(const Tensor& x, double low, double high = INFINITY);
Tensor masked_fill_(const Tensor& x, const Tensor& mask, double value);
Tensor index_put_(const Tensor& target, std::span<const Tensor> indices, const Tensor& values,
                  bool accumulate = false);
Tensor scatter_(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter_(const Tensor& x, int64_t dim, const Tensor& index, double value);
Tensor scatter_add_(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor expm1_(const Tensor& x);
Tensor exp2_(const Tensor& x);
Tensor log_(const Tensor& x);
Tensor log2_(const Tensor& x);
Tensor log10_(const Tensor& x);
Tensor log1p_(const Tensor& x);
Tensor sqrt_(const Tensor& x);
Tensor rsqrt_(const Tensor& x);
Tensor reciprocal_(const Tensor& x);
Tensor tan_(const Tensor& x);
Tensor asin_(const Tensor& x);
Tensor acos_(const Tensor& x);
Tensor atan_(const Tensor& x);
Tensor sinh_(const Tensor& x);
Tensor cosh_(const Tensor& x);
Tensor tanh_(const Tensor& x);
Tensor sigmoid_(const Tensor& x);
Tensor erf_(const Tensor& x);
Tensor abs_(const Tensor& x);
Tensor sign_(const Tensor& x);
Tensor round_(const Tensor& x);
Tensor floor_(const Tensor& x);
Tensor ceil_(const Tensor& x);
Tensor trunc_(const Tensor& x);
Tensor remainder_(const Tensor& a, const Tensor& b);
Tensor floor_divide_(const Tensor& a, const Tensor& b);
Tensor fmod_(const Tensor& a, const Tensor& b);
Tensor bitwise_and_(const Tensor& a, const Tensor& b);
Tensor bitwise_or_(const Tensor& a, const Tensor& b);
Tensor bitwise_xor_(const Tensor& a, const Tensor& b);
Tensor bitwise_not_(const Tensor& x);
Tensor neg_(const Tensor& x);
Tensor exp_(const Tensor& x);
Tensor sin_(const Tensor& x);
Tensor cos_(const Tensor& x);
Tensor relu_(const Tensor& x);

// --- composed of those ---
Tensor reshape(const Tensor& x, DimsView sizes);  // a view where it can be, else a copy
Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
// Pieces of `size` along a dimension, or that many pieces; the last may be smaller.
std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0);
std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
Tensor square(const Tensor& x);
Tensor sum(const Tensor& x, DType dtype);
Tensor clamp(const Tensor& x, const Tensor& low, const Tensor& high);
// beta · bias + alpha · a b
Tensor addmm(const Tensor& bias, const Tensor& a, const Tensor& b, double beta, double alpha);
Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false);
Tensor masked_select(const Tensor& x, const Tensor& mask);
// Where |a - b| <= atol + rtol · |b|; also where both are the same infinity, or, if that is asked
// for, both nan.
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
               bool equal_nan = false);
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
              bool equal_nan = false);
bool equal(const Tensor& a, const Tensor& b);  // the same shape and numbers
// In place: x itself gets another shape; nothing is copied.
Tensor t_(const Tensor& x);
Tensor transpose_(const Tensor& x, int64_t dim0, int64_t dim1);
Tensor squeeze_(const Tensor& x, DimsView dims = {});
Tensor unsqueeze_(const Tensor& x, int64_t dim);
// x.T: the dimensions the other way round.
Tensor T(const Tensor& x);
// The diagonal of a matrix, or the matrix with that diagonal.
Tensor diag(const Tensor& x, int64_t offset = 0);
// Rows that are 0 but for a 1 at the class; as many classes as needed where none are given.
Tensor one_hot(const Tensor& classes, int64_t count = -1);
// Of any ranks, as Python's @.
Tensor matmul(const Tensor& a, const Tensor& b);
Tensor outer(const Tensor& a, const Tensor& b);
// torch.einsum: "ij,jk->ik", with "..." and without "->" as well.
Tensor einsum(std::string_view equation, std::span<const Tensor> operands);
// Sums away what broadcasting added; x itself if nothing did. Note [Un-broadcast].
Tensor sum_to(const Tensor& x, DimsView sizes);
Tensor cross_entropy(const Tensor& logits, const Tensor& target, Reduction r = Reduction::mean);

// Lists in braces.
inline Tensor cat(std::initializer_list<Tensor> tensors, int64_t dim = 0) {
  return cat(std::span(tensors.begin(), tensors.size()), dim);
}
inline Tensor stack(std::initializer_list<Tensor> tensors, int64_t dim = 0) {
  return stack(std::span(tensors.begin(), tensors.size()), dim);
}
inline Tensor einsum(std::string_view equation, std::initializer_list<Tensor> operands) {
  return einsum(equation, std::span(operands.begin(), operands.size()));
}

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
Tensor operator+(T a, const Tensor& b) {
  return add(b, as_operand(a, b));
}
template <Number T>
Tensor operator-(T a, const Tensor& b) {
  return rsub(b, as_operand(a, b));
}
template <Number T>
Tensor operator/(T a, const Tensor& b) {
  return mul(reciprocal(b), as_operand(a, b));
}
template <Number T>
Tensor operator*(T a, const Tensor& b) {
  return mul(as_operand(a, b), b);
}
template <Number T>
Tensor operator/(const Tensor& a, T b) {
  return div(a, as_operand(b, a));
}

template <Number T>
Tensor eq(const Tensor& a, T b) {
  return eq(a, as_operand(b, a));
}
template <Number T>
Tensor ne(const Tensor& a, T b) {
  return ne(a, as_operand(b, a));
}
template <Number T>
Tensor lt(const Tensor& a, T b) {
  return lt(a, as_operand(b, a));
}
template <Number T>
Tensor le(const Tensor& a, T b) {
  return le(a, as_operand(b, a));
}
template <Number T>
Tensor gt(const Tensor& a, T b) {
  return gt(a, as_operand(b, a));
}
template <Number T>
Tensor ge(const Tensor& a, T b) {
  return ge(a, as_operand(b, a));
}

}  // namespace gradus
