// A tensor is a view (sizes, strides, offset) of a storage that others may share, with PyTorch's
// semantics. `Tensor` is a handle: copying it copies no data, and two copies are the same tensor.
//
// What an op does is in core/op; here is only what a tensor *is*.
// Thread: one thread at a time (DESIGN section 5); a Vulkan tensor, the engine thread alone.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "core/base/object_pool.h"
#include "core/tensor/dims.h"
#include "core/tensor/dtype.h"
#include "core/tensor/storage.h"

namespace gradus {

class Node;
class Tensor;
using NodePtr = IntrusivePtr<Node>;
void destroy_pooled(Node* node);  // core/autograd/node.cpp: iterative, whatever the depth

// Shape and dtype without data.
struct TensorMeta {
  Dims sizes;
  DType dtype = DType::float32;
  friend bool operator==(const TensorMeta&, const TensorMeta&) = default;
};

// Why a tensor that was computed has no history, if it has none.
enum class Untracked : uint8_t {
  plain,     // nothing that led to it requires grad
  detached,  // by detach()
  no_grad,   // an op on what requires grad ran under no_grad
  no_rule,   // the op has no gradient
};

struct TensorImpl;
struct GradSlot;
struct TensorHooks;  // core/autograd/hooks.h
void destroy_pooled(TensorImpl* impl);

// How a tensor came to share another one's memory.
enum class ViewOrigin : uint8_t {
  none,          // it does not, or not as far as gradients go: detach()
  tracked,       // by an op; in-place ops on either change the other's history
  no_grad,       // by an op under no_grad
  multi_output,  // by an op that makes several views at once: split(), unbind()
};

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(IntrusivePtr<TensorImpl> impl) : impl_(std::move(impl)) {}

  // --- making one (on the current Runtime's device, uninitialised) ---
  static Tensor empty(DimsView sizes, DType dtype = DType::float32, Device device = kCpu);
  // Copies `values` (row-major) to the device. Throws if their count is not numel(sizes).
  template <typename T>
  static Tensor from(std::span<const T> values, DimsView sizes, Device device = kCpu);
  template <typename T>
  static Tensor from(std::initializer_list<T> values, DimsView sizes, Device device = kCpu) {
    return from(std::span<const T>(values.begin(), values.size()), sizes, device);
  }
  // A 0-dimensional tensor. A Python number in an expression is `wrapped`: it takes part in ops
  // without deciding the result's dtype or device.
  static Tensor scalar(double value, DType dtype = DType::float32, Device device = kCpu);
  // Another view of the same storage, without history.
  Tensor as_strided(DimsView sizes, DimsView strides, int64_t offset) const;
  Tensor detach() const;
  // The same memory under another history.
  Tensor with_history(NodePtr grad_fn, uint32_t output_nr) const;
  // Where this is a view: the tensor it is a view of; else undefined.
  Tensor base() const;

  // --- what it is ---
  bool defined() const { return static_cast<bool>(impl_); }
  explicit operator bool() const { return defined(); }
  const Dims& sizes() const;
  int64_t size(int64_t dim) const;
  const Dims& strides() const;
  int64_t offset() const;  // in elements
  int64_t dim() const;
  int64_t numel() const;
  DType dtype() const;
  Device device() const;
  TensorMeta meta() const { return {sizes(), dtype()}; }
  bool is_contiguous() const;
  bool is_view() const;
  bool is_wrapped_number() const;
  uint32_t version() const;
  // Same tensor, not merely equal values.
  bool is(const Tensor& other) const { return impl_ == other.impl_; }
  bool shares_storage(const Tensor& other) const;

  // --- its values ---
  // The elements where the host can address them (CPU); for dense tensors.
  template <typename T>
  T* data() const;
  // All elements in row-major order, converted to T; waits for the device.
  template <typename T>
  std::vector<T> to_vector() const;
  // The value of a one-element tensor; waits for the device.
  double item() const;

  // --- autograd ---
  bool requires_grad() const;
  const Tensor& set_requires_grad(bool value) const;
  bool is_leaf() const;
  const NodePtr& grad_fn() const;
  uint32_t output_nr() const;
  Tensor grad() const;  // undefined is PyTorch's None
  void set_grad(Tensor grad) const;
  GradSlot& grad_slot() const;  // made at need
  bool retains_grad() const;

  TensorImpl* impl() const { return impl_.get(); }

 private:
  void refresh_history() const;  // of a view: core/autograd/history.cpp
  IntrusivePtr<TensorImpl> impl_;
};

// Where `.grad` is kept. A leaf's is written by AccumulateGrad; a non-leaf's, after
// retain_grad(), by the node that made it, which shares the slot.
struct GradSlot : Pooled<GradSlot> {
  Tensor grad;
  bool had_one = false;  // and was reset to None since, if there is none
};
// Every change of a .grad goes through here, so that it can be undone.
void set_grad_in(GradSlot& slot, Tensor grad);

struct TensorImpl : Pooled<TensorImpl> {
  Storage storage;
  Dims sizes;
  Dims strides;
  int64_t offset = 0;
  int64_t count = 0;
  DType dtype = DType::float32;
  bool contiguous = true;
  bool is_view = false;
  bool is_wrapped_number = false;
  bool requires_grad = false;
  bool retains_grad = false;
  ViewOrigin view_origin = ViewOrigin::none;
  Untracked untracked = Untracked::plain;
  uint32_t output_nr = 0;            // which of grad_fn's outputs this is
  uint32_t history_version = 0;      // the storage's, when a view's grad_fn was set
  NodePtr grad_fn;                   // null for leaves
  IntrusivePtr<GradSlot> grad_slot;  // null until a gradient is kept
  Node* grad_accumulator = nullptr;  // weak: the AccumulateGrad node clears it when it dies
  const char* untracked_by = "";     // the op, where that says more
  // Of a view whose gradients matter: what it is a view of, which is none itself.
  // See Note [In-place on views] in core/autograd/history.h.
  IntrusivePtr<TensorImpl> base;
  std::unique_ptr<TensorHooks> hooks;  // of a leaf; others' hang on their grad_fn

  TensorImpl();
  ~TensorImpl();
  TensorImpl(const TensorImpl&) = delete;
  TensorImpl& operator=(const TensorImpl&) = delete;
  void set_layout(DimsView new_sizes, DimsView new_strides, int64_t new_offset);
};

inline const Dims& Tensor::sizes() const { return impl_->sizes; }
inline const Dims& Tensor::strides() const { return impl_->strides; }
inline int64_t Tensor::offset() const { return impl_->offset; }
inline int64_t Tensor::dim() const { return static_cast<int64_t>(impl_->sizes.size()); }
inline int64_t Tensor::numel() const { return impl_->count; }
inline DType Tensor::dtype() const { return impl_->dtype; }
inline Device Tensor::device() const { return impl_->storage->device(); }
inline bool Tensor::is_contiguous() const { return impl_->contiguous; }
inline bool Tensor::is_view() const { return impl_->is_view; }
inline bool Tensor::is_wrapped_number() const { return impl_->is_wrapped_number; }
inline uint32_t Tensor::version() const { return impl_->storage->version(); }
inline bool Tensor::requires_grad() const {
  return impl_->requires_grad || (impl_->base && impl_->base->requires_grad);
}
inline bool Tensor::is_leaf() const { return !grad_fn(); }
inline const NodePtr& Tensor::grad_fn() const {
  if (impl_->base) refresh_history();
  return impl_->grad_fn;
}
inline uint32_t Tensor::output_nr() const { return impl_->output_nr; }
inline Tensor Tensor::base() const { return Tensor(impl_->base); }
inline bool Tensor::retains_grad() const { return impl_->retains_grad; }

template <typename T>
T* Tensor::data() const {
  return static_cast<T*>(impl_->storage->backend().host_pointer(impl_->storage->block())) +
         impl_->offset;
}

}  // namespace gradus
