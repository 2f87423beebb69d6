#include "core/op/functions.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/autograd/history.h"
#include "core/op/creation.h"
#include "core/op/indexing.h"
#include "core/tensor/runtime.h"

namespace gradus {

Tensor reshape(const Tensor& x, DimsView sizes) {
  const Dims wanted = infer_sizes("reshape", sizes, x.numel());
  if (view_strides(x.sizes(), x.strides(), wanted)) return view(x, wanted);
  return unsafe_view(contiguous(x), wanted);
}

Tensor flatten(const Tensor& x, int64_t start_dim, int64_t end_dim) {
  const size_t rank = x.sizes().size();
  const size_t start = static_cast<size_t>(wrap_dim("flatten", start_dim, rank));
  const size_t end = static_cast<size_t>(wrap_dim("flatten", end_dim, rank));
  if (start > end) fail("flatten", "start_dim {} comes after end_dim {}", start_dim, end_dim);
  if (rank == 0) return reshape(x, Dims{1});
  Dims sizes;
  int64_t merged = 1;
  for (size_t i = 0; i < rank; ++i) {
    if (i >= start && i <= end) merged *= x.sizes()[i];
    if (i < start || i > end) sizes.push_back(x.sizes()[i]);
    if (i == end) sizes.push_back(merged);
  }
  return sizes == x.sizes() ? x : reshape(x, sizes);
}

Tensor zero_(const Tensor& x) { return fill_(x, 0.0); }

std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim) {
  if (x.dim() == 0) fail("split", "a scalar cannot be split: it has no dimensions");
  if (size <= 0) fail("split", "needs pieces of at least 1, got {}", size);
  Dims sizes;
  for (int64_t left = x.size(dim); left > 0 || sizes.empty(); left -= size) {
    sizes.push_back(std::min(size, left));
  }
  return split(x, DimsView(sizes), dim);
}

std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  if (chunks <= 0) fail("chunk", "needs at least one chunk, got {}", chunks);
  if (x.dim() == 0) fail("chunk", "a scalar cannot be split: it has no dimensions");
  if (x.size(dim) == 0) return split(x, DimsView(Dims(static_cast<size_t>(chunks), 0)), dim);
  return split(x, std::max<int64_t>(1, (x.size(dim) + chunks - 1) / chunks), dim);
}

Tensor T(const Tensor& x) {
  Dims dims;
  for (int64_t d = x.dim(); d-- > 0;) dims.push_back(d);
  return permute(x, dims);
}

Tensor square(const Tensor& x) { return pow(x, 2); }

Tensor diag(const Tensor& x, int64_t offset) {
  if (x.dim() == 1) return diag_embed(x, offset);
  if (x.dim() == 2) return clone(diagonal(x, offset));
  fail("diag", "needs a list of numbers or a matrix, got {}", to_prose(x.sizes()));
}

Tensor one_hot(const Tensor& classes, int64_t count) {
  if (classes.dtype() != DType::int64) {
    fail("one_hot", "needs whole numbers (int64), got {}", to_string(classes.dtype()));
  }
  if (classes.numel() > 0 && min(classes.detach()).item() < 0) {
    fail("one_hot", "a class must not be negative, got {}", min(classes.detach()).item());
  }
  const int64_t most =
      classes.numel() > 0 ? static_cast<int64_t>(max(classes.detach()).item()) : -1;
  if (count == -1) {
    if (classes.numel() == 0) fail("one_hot", "needs a number of classes where there are none");
    count = most + 1;
  }
  if (most >= count) fail("one_hot", "class {} does not fit into {} classes", most, count);
  Dims sizes = classes.sizes();
  sizes.push_back(count);
  const Tensor rows = zeros(sizes, DType::int64, classes.device());
  const Tensor places = unsqueeze(classes, -1);
  return scatter_(rows, -1, places, ones_like(places));
}

Tensor sum_to(const Tensor& x, DimsView sizes) {
  if (equal(x.sizes(), sizes)) return x;
  const size_t extra = x.sizes().size() - sizes.size();
  Dims reduced;
  for (size_t i = 0; i < x.sizes().size(); ++i) {
    if (i < extra || (sizes[i - extra] == 1 && x.sizes()[i] != 1)) {
      reduced.push_back(static_cast<int64_t>(i));
    }
  }
  const Tensor result = sum(x, reduced, /*keepdim=*/extra == 0);
  return equal(result.sizes(), sizes) ? result : reshape(result, sizes);
}

Tensor argmax(const Tensor& x) { return argmax(reshape(x, Dims{-1}), 0); }
Tensor argmin(const Tensor& x) { return argmin(reshape(x, Dims{-1}), 0); }

Tensor roll(const Tensor& x, int64_t shift) {
  return reshape(roll(reshape(x, Dims{-1}), shift, 0), x.sizes());
}
Tensor roll(const Tensor& x, DimsView shifts, DimsView dims) {
  if (shifts.size() != dims.size()) {
    fail("roll", "{} shifts need as many dimensions, got {}", to_string(shifts), to_string(dims));
  }
  Tensor result = x;
  for (size_t i = 0; i < dims.size(); ++i) result = roll(result, shifts[i], dims[i]);
  return dims.empty() ? clone(x) : result;
}

Tensor sum(const Tensor& x, DType dtype) { return sum(to(x, dtype)); }

Tensor clamp(const Tensor& x, const Tensor& low, const Tensor& high) {
  return minimum(maximum(x, low), high);
}

Tensor addmm(const Tensor& bias, const Tensor& a, const Tensor& b, double beta, double alpha) {
  return bias * beta + mm(a, b) * alpha;
}

Tensor argsort(const Tensor& x, int64_t dim, bool descending) {
  return sort(x, dim, descending).indices;
}

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  if (mask.dtype() != DType::boolean) {
    fail("masked_select", "takes a bool mask, got {}", to_string(mask.dtype()));
  }
  const Dims sizes = broadcast_sizes("masked_select", x.sizes(), mask.sizes());
  return index(expand(x, sizes), {expand(mask, sizes)});
}

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  if (a.dtype() != b.dtype()) {
    fail("isclose", "its inputs have dtypes {} and {}: make both of one dtype, with to()",
         to_string(a.dtype()), to_string(b.dtype()));
  }
  if (a.dtype() == DType::boolean) return eq(a, b);
  Tensor close = eq(a, b);
  if (!is_floating_point(a.dtype()) && rtol == 0 && atol == 0) return close;
  const Tensor distance = abs(a - b);
  close = logical_or(close, logical_and(isfinite(distance), le(distance, abs(b * rtol) + atol)));
  return equal_nan ? logical_or(close, logical_and(isnan(a), isnan(b))) : close;
}
bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  return all(isclose(a, b, rtol, atol, equal_nan)).item() != 0;
}
bool equal(const Tensor& a, const Tensor& b) {
  return a.sizes() == b.sizes() && all(eq(a, b)).item() != 0;
}

Tensor t_(const Tensor& x) { return take_layout("t", x, t(x)); }
Tensor transpose_(const Tensor& x, int64_t dim0, int64_t dim1) {
  return take_layout("transpose", x, transpose(x, dim0, dim1));
}
Tensor squeeze_(const Tensor& x, DimsView dims) {
  return take_layout("squeeze", x, squeeze(x, dims));
}
Tensor unsqueeze_(const Tensor& x, int64_t dim) {
  return take_layout("unsqueeze", x, unsqueeze(x, dim));
}

Tensor scatter_(const Tensor& x, int64_t dim, const Tensor& index, double value) {
  return scatter_(x, dim, index, full(index.sizes(), value, x.dtype(), x.device()));
}

Tensor cross_entropy(const Tensor& logits, const Tensor& target, Reduction r) {
  return nll_loss(log_softmax(logits, 1), target, r);
}

Tensor number(double value, const Tensor& like) {
  return Tensor::scalar(value, is_floating_point(like.dtype()) ? like.dtype() : DType::float64);
}
Tensor number(int64_t value, const Tensor& like) {
  if (is_floating_point(like.dtype())) return number(static_cast<double>(value), like);
  Tensor result = Tensor::from<int64_t>({value}, Dims{});
  result.impl()->is_wrapped_number = true;
  return result;
}

}  // namespace gradus
