// Reference-counted objects that are recycled: a training step makes and drops the same few
// hundred small objects, and none of them should reach malloc.
//
// Thread: any thread may make or drop an object; the free list is guarded by a spin lock that is
// held for a few instructions and never while calling out.
#pragma once

#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/spin_lock.h"

namespace gradus {

template <typename T>
class ObjectPool;

// Base of pooled objects: the count and the way home.
template <typename T>
class Pooled {
 public:
  Pooled() = default;
  Pooled(const Pooled&) = delete;
  Pooled& operator=(const Pooled&) = delete;

  uint32_t use_count() const { return refs_.load(std::memory_order_acquire); }
  void add_ref() const { refs_.fetch_add(1, std::memory_order_relaxed); }
  // True when the caller dropped the last reference and must destroy the object.
  bool drop_ref() const { return refs_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

 private:
  friend class ObjectPool<T>;
  mutable std::atomic<uint32_t> refs_{0};
  ObjectPool<T>* pool_ = nullptr;
};

// Memory for objects of one type, in blocks. Must outlive every object it made.
template <typename T>
class ObjectPool {
 public:
  ObjectPool() = default;
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;

  // The new object has no references yet: wrap it in an IntrusivePtr.
  template <typename... Args>
  T* make(Args&&... args) {
    Slot* slot = take();
    T* object;
    try {
      object = ::new (static_cast<void*>(slot)) T(std::forward<Args>(args)...);
    } catch (...) {
      give(slot);
      throw;
    }
    object->pool_ = this;
    return object;
  }

  static void destroy(T* object) {
    ObjectPool* pool = object->pool_;
    object->~T();
    pool->give(reinterpret_cast<Slot*>(object));
  }

  int64_t live() const { return live_.load(std::memory_order_relaxed); }

 private:
  union Slot {
    Slot* next;
    alignas(T) std::byte bytes[sizeof(T)];
  };
  static constexpr size_t kBlock = 64;

  Slot* take() {
    live_.fetch_add(1, std::memory_order_relaxed);
    SpinGuard guard(lock_);
    if (!free_) {
      blocks_.push_back(std::make_unique<Slot[]>(kBlock));
      Slot* block = blocks_.back().get();
      for (size_t i = 0; i < kBlock; ++i) {
        block[i].next = free_;
        free_ = &block[i];
      }
    }
    Slot* slot = free_;
    free_ = slot->next;
    return slot;
  }
  void give(Slot* slot) {
    live_.fetch_sub(1, std::memory_order_relaxed);
    SpinGuard guard(lock_);
    slot->next = free_;
    free_ = slot;
  }

  SpinLock lock_;
  Slot* free_ = nullptr;
  std::vector<std::unique_ptr<Slot[]>> blocks_;
  std::atomic<int64_t> live_{0};
};

// Called when the last reference goes. Types whose destruction could recurse over a user-sized
// graph (Node) declare their own overload.
template <typename T>
void destroy_pooled(T* object) {
  ObjectPool<T>::destroy(object);
}

template <typename T>
class IntrusivePtr {
 public:
  IntrusivePtr() = default;
  IntrusivePtr(std::nullptr_t) {}  // NOLINT: as for std::shared_ptr
  explicit IntrusivePtr(T* object) : object_(object) {
    if (object_) object_->add_ref();
  }
  IntrusivePtr(const IntrusivePtr& other) : IntrusivePtr(other.object_) {}
  IntrusivePtr(IntrusivePtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  IntrusivePtr& operator=(IntrusivePtr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~IntrusivePtr() { reset(); }

  void reset() {
    T* object = std::exchange(object_, nullptr);
    if (object && object->drop_ref()) destroy_pooled(object);
  }
  // Gives up the reference without dropping it.
  T* release() { return std::exchange(object_, nullptr); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  friend bool operator==(const IntrusivePtr& a, const IntrusivePtr& b) {
    return a.object_ == b.object_;
  }

 private:
  T* object_ = nullptr;
};

}  // namespace gradus
