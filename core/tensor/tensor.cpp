#include "core/tensor/tensor.h"

#include <type_traits>

#include "core/autograd/node.h"
#include "core/tensor/mutation_log.h"
#include "core/tensor/pools.h"

namespace gradus {
namespace {

Tensor make(Storage storage, DimsView sizes, DimsView strides, int64_t offset, DType dtype) {
  IntrusivePtr<TensorImpl> impl(Runtime::current().pools().tensors.make());
  impl->storage = std::move(storage);
  impl->dtype = dtype;
  impl->set_layout(sizes, strides, offset);
  return Tensor(std::move(impl));
}

// Calls f(element index) for each element in row-major order.
template <typename F>
void for_each_offset(const Tensor& t, F&& f) {
  const int64_t count = t.numel();
  if (t.is_contiguous()) {
    for (int64_t i = 0; i < count; ++i) f(t.offset() + i);
    return;
  }
  Dims index(t.sizes().size(), 0);
  int64_t at = t.offset();
  for (int64_t i = 0; i < count; ++i) {
    f(at);
    for (size_t d = index.size(); d-- > 0;) {
      at += t.strides()[d];
      if (++index[d] < t.sizes()[d]) break;
      at -= index[d] * t.strides()[d];
      index[d] = 0;
    }
  }
}

}  // namespace

TensorImpl::TensorImpl() = default;

TensorImpl::~TensorImpl() = default;

void TensorImpl::set_layout(DimsView new_sizes, DimsView new_strides, int64_t new_offset) {
  sizes = Dims(new_sizes);
  strides = Dims(new_strides);
  offset = new_offset;
  count = gradus::numel(new_sizes);
  contiguous = gradus::is_contiguous(new_sizes, new_strides);
}

Tensor Tensor::empty(DimsView sizes, DType dtype, Device device) {
  Runtime& runtime = Runtime::current();
  const size_t bytes = static_cast<size_t>(gradus::numel(sizes)) * item_size(dtype);
  Storage storage(runtime.pools().storages.make(runtime.backend(device), bytes));
  return make(std::move(storage), sizes, contiguous_strides(sizes), 0, dtype);
}

template <typename T>
Tensor Tensor::from(std::span<const T> values, DimsView sizes, Device device) {
  Tensor result = empty(sizes, dtype_of<T>(), device);
  if (result.numel() != static_cast<int64_t>(values.size())) {
    fail("tensor", "{} values do not fill a tensor of shape {}", values.size(), to_prose(sizes));
  }
  StorageImpl& storage = *result.impl()->storage;
  if (!values.empty()) {
    storage.backend().upload(values.data(), storage.block(), 0, values.size_bytes());
  }
  return result;
}
template Tensor Tensor::from(std::span<const float>, DimsView, Device);
template Tensor Tensor::from(std::span<const double>, DimsView, Device);
template Tensor Tensor::from(std::span<const int64_t>, DimsView, Device);
template Tensor Tensor::from(std::span<const int32_t>, DimsView, Device);
template Tensor Tensor::from(std::span<const uint8_t>, DimsView, Device);
template Tensor Tensor::from(std::span<const bool>, DimsView, Device);

Tensor Tensor::scalar(double value, DType dtype, Device device) {
  Tensor result = visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    return from<T>({static_cast<T>(value)}, Dims{}, device);
  });
  result.impl()->is_wrapped_number = true;
  return result;
}

Tensor Tensor::as_strided(DimsView sizes, DimsView strides, int64_t offset) const {
  Tensor result = make(impl_->storage, sizes, strides, offset, impl_->dtype);
  result.impl()->is_view = true;
  return result;
}

Tensor Tensor::detach() const {
  Tensor result = as_strided(sizes(), strides(), offset());
  result.impl()->is_wrapped_number = impl_->is_wrapped_number;
  result.impl()->untracked = Untracked::detached;
  return result;
}

Tensor Tensor::with_history(NodePtr grad_fn, uint32_t output_nr) const {
  Tensor result = detach();
  result.impl()->requires_grad = true;
  result.impl()->grad_fn = std::move(grad_fn);
  result.impl()->output_nr = output_nr;
  return result;
}

int64_t Tensor::size(int64_t dim) const {
  if (impl_->sizes.empty()) fail("size", "a scalar has no dimension {}", dim);
  return impl_->sizes[static_cast<size_t>(wrap_dim("size", dim, impl_->sizes.size()))];
}

bool Tensor::shares_storage(const Tensor& other) const {
  return impl_->storage == other.impl_->storage;
}

template <typename T>
std::vector<T> Tensor::to_vector() const {
  if (device().type == DeviceType::meta) {
    fail("tensor", "a meta tensor has a shape ({}) and no values", to_prose(sizes()));
  }
  std::vector<T> result(static_cast<size_t>(numel()));
  if (result.empty()) return result;
  visit_dtype(dtype(), [&](auto zero) {
    using S = decltype(zero);
    // Download the span of the storage that the view covers, then pick.
    int64_t last = offset();
    for (size_t d = 0; d < sizes().size(); ++d) last += (sizes()[d] - 1) * strides()[d];
    const size_t span = static_cast<size_t>(last - offset() + 1);
    std::unique_ptr<S[]> host(new S[span]);
    StorageImpl& storage = *impl_->storage;
    storage.backend().download(storage.block(), static_cast<size_t>(offset()) * sizeof(S),
                               host.get(), span * sizeof(S));
    size_t i = 0;
    for_each_offset(*this, [&](int64_t at) { result[i++] = static_cast<T>(host[at - offset()]); });
  });
  return result;
}
template std::vector<float> Tensor::to_vector() const;
template std::vector<double> Tensor::to_vector() const;
template std::vector<int64_t> Tensor::to_vector() const;
template std::vector<int32_t> Tensor::to_vector() const;
template std::vector<uint8_t> Tensor::to_vector() const;
template std::vector<bool> Tensor::to_vector() const;

double Tensor::item() const {
  if (numel() != 1) {
    fail("item", "a tensor of shape {} is not one number", to_prose(sizes()));
  }
  if (device().type == DeviceType::meta) fail("item", "a meta tensor has no value");
  return visit_dtype(dtype(), [&](auto zero) {
    StorageImpl& storage = *impl_->storage;
    storage.backend().download(storage.block(), static_cast<size_t>(offset()) * sizeof(zero), &zero,
                               sizeof(zero));
    return static_cast<double>(zero);
  });
}

const Tensor& Tensor::set_requires_grad(bool value) const {
  if (value && !is_floating_point(dtype())) {
    fail("requires_grad", "only floating-point tensors can require gradients, this one is {}",
         to_string(dtype()));
  }
  if (!is_leaf()) {
    fail("requires_grad",
         "can only be changed on leaf tensors; to stop gradients at this tensor, use detach()");
  }
  impl_->requires_grad = value;
  return *this;
}

Tensor Tensor::grad() const { return impl_->grad_slot ? impl_->grad_slot->grad : Tensor(); }

void Tensor::set_grad(Tensor grad) const {
  if (grad.defined() && (grad.meta() != meta() || !(grad.device() == device()))) {
    fail("grad", "a {} gradient of shape {} on {} does not belong to a {} tensor of shape {} on {}",
         to_string(grad.dtype()), to_prose(grad.sizes()), to_string(grad.device()),
         to_string(dtype()), to_prose(sizes()), to_string(device()));
  }
  set_grad_in(grad_slot(), std::move(grad));
}

GradSlot& Tensor::grad_slot() const {
  if (!impl_->grad_slot) {
    impl_->grad_slot = IntrusivePtr<GradSlot>(Runtime::current().pools().grad_slots.make());
  }
  return *impl_->grad_slot;
}

void set_grad_in(GradSlot& slot, Tensor grad) {
  if (MutationLog* log = context().mutation_log) log->before_set_grad(slot);
  slot.had_one = slot.had_one || slot.grad.defined();
  slot.grad = std::move(grad);
}

void destroy_pooled(TensorImpl* impl) { ObjectPool<TensorImpl>::destroy(impl); }

}  // namespace gradus
