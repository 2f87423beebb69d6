#include "core/op/functions.h"

#include <cmath>
#include <vector>

#include "core/tensor/runtime.h"

namespace gradus {

Tensor reshape(const Tensor& x, DimsView sizes) {
  const Dims wanted = infer_sizes("reshape", sizes, x.numel());
  if (view_strides(x.sizes(), x.strides(), wanted)) return view(x, wanted);
  return view(contiguous(x), wanted);
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

Tensor contiguous(const Tensor& x) { return x.is_contiguous() ? x : clone(x); }

Tensor zero_(const Tensor& x) { return fill_(x, 0.0); }

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

Tensor cross_entropy(const Tensor& logits, const Tensor& target, Reduction r) {
  return nll_loss(log_softmax(logits, 1), target, r);
}

Tensor full(DimsView sizes, double value, DType dtype, Device device) {
  Tensor result = Tensor::empty(sizes, dtype, device);
  if (device.type == DeviceType::meta) return result;
  const KernelCall fill{ops::fill, std::span(&result, 1), std::span(&result, 1),
                        Attrs{AttrValue(value)}};
  Runtime::current().backend(device).run(fill);
  return result;
}
Tensor zeros(DimsView sizes, DType dtype, Device device) { return full(sizes, 0, dtype, device); }
Tensor ones(DimsView sizes, DType dtype, Device device) { return full(sizes, 1, dtype, device); }

namespace {

template <typename T, typename Draw>
Tensor drawn(DimsView sizes, Device device, Draw&& draw) {
  std::vector<T> values(static_cast<size_t>(numel(sizes)));
  draw(values.data(), static_cast<int64_t>(values.size()));
  return Tensor::from<T>(std::span<const T>(values), sizes, device);
}

}  // namespace

Tensor rand(DimsView sizes, Generator& generator, Device device) {
  return drawn<float>(sizes, device,
                      [&](float* out, int64_t n) { generator.uniform(out, n, 0.0, 1.0); });
}
Tensor randn(DimsView sizes, Generator& generator, Device device) {
  return drawn<float>(sizes, device,
                      [&](float* out, int64_t n) { generator.normal(out, n, 0.0, 1.0); });
}
Tensor randint(int64_t low, int64_t high, DimsView sizes, Generator& generator, Device device) {
  if (low >= high) fail("randint", "needs low < high, got {} and {}", low, high);
  return drawn<int64_t>(sizes, device,
                        [&](int64_t* out, int64_t n) { generator.randint(out, n, low, high); });
}
Tensor randperm(int64_t n, Generator& generator, Device device) {
  if (n < 0) fail("randperm", "n must not be negative, got {}", n);
  return drawn<int64_t>(Dims{n}, device,
                        [&](int64_t* out, int64_t count) { generator.randperm(out, count); });
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
