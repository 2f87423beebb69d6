// A vector that keeps its first N elements inside itself, so that shapes, op inputs and graph
// edges of the usual size cost no allocation. Grows onto the heap beyond N.
#pragma once

#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace gradus {

template <typename T, size_t N>
class InlineVector {
 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  InlineVector() noexcept : data_(inline_data()) {}
  InlineVector(size_t count, const T& value) : InlineVector() { resize(count, value); }
  InlineVector(std::initializer_list<T> values) : InlineVector() {
    append(values.begin(), values.end());
  }
  template <typename It>
  requires(!std::is_integral_v<It>) InlineVector(It first, It last) : InlineVector() {
    append(first, last);
  }
  explicit InlineVector(std::span<const T> values) : InlineVector() {
    append(values.begin(), values.end());
  }
  InlineVector(const InlineVector& other) : InlineVector() { append(other.begin(), other.end()); }
  InlineVector(InlineVector&& other) noexcept : InlineVector() { steal(other); }
  InlineVector& operator=(const InlineVector& other) {
    if (this != &other) {
      clear();
      append(other.begin(), other.end());
    }
    return *this;
  }
  InlineVector& operator=(InlineVector&& other) noexcept {
    if (this != &other) {
      clear();
      release_heap();
      steal(other);
    }
    return *this;
  }
  ~InlineVector() {
    clear();
    release_heap();
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](size_t i) {
    assert(i < size_);
    return data_[i];
  }
  const T& operator[](size_t i) const {
    assert(i < size_);
    return data_[i];
  }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }

  void reserve(size_t capacity) {
    if (capacity <= capacity_) return;
    T* fresh = std::allocator<T>().allocate(capacity);
    for (size_t i = 0; i < size_; ++i) {
      ::new (static_cast<void*>(fresh + i)) T(std::move(data_[i]));
      data_[i].~T();
    }
    release_heap();
    data_ = fresh;
    capacity_ = capacity;
  }
  template <typename... Args>
  T& emplace_back(Args&&... args) {
    if (size_ == capacity_) {
      T value(std::forward<Args>(args)...);  // may refer into this vector
      reserve(capacity_ * 2);
      return *::new (static_cast<void*>(data_ + size_++)) T(std::move(value));
    }
    return *::new (static_cast<void*>(data_ + size_++)) T(std::forward<Args>(args)...);
  }
  void push_back(const T& value) { emplace_back(value); }
  void push_back(T&& value) { emplace_back(std::move(value)); }
  void pop_back() {
    assert(size_ > 0);
    data_[--size_].~T();
  }
  template <typename It>
  void append(It first, It last) {
    for (; first != last; ++first) emplace_back(*first);
  }
  void insert(size_t at, T value) {
    assert(at <= size_);
    emplace_back(std::move(value));
    for (size_t i = size_ - 1; i > at; --i) std::swap(data_[i], data_[i - 1]);
  }
  void erase(size_t at) {
    assert(at < size_);
    for (size_t i = at; i + 1 < size_; ++i) data_[i] = std::move(data_[i + 1]);
    pop_back();
  }
  void resize(size_t count, const T& value = T()) {
    while (size_ > count) pop_back();
    reserve(count);
    while (size_ < count) emplace_back(value);
  }
  void clear() noexcept {
    while (size_ > 0) data_[--size_].~T();
  }

  friend bool operator==(const InlineVector& a, const InlineVector& b) {
    if (a.size_ != b.size_) return false;
    for (size_t i = 0; i < a.size_; ++i) {
      if (!(a.data_[i] == b.data_[i])) return false;
    }
    return true;
  }

  operator std::span<const T>() const { return {data_, size_}; }
  operator std::span<T>() { return {data_, size_}; }

 private:
  T* inline_data() { return reinterpret_cast<T*>(storage_); }
  bool on_heap() const { return data_ != reinterpret_cast<const T*>(storage_); }
  void release_heap() noexcept {
    if (on_heap()) std::allocator<T>().deallocate(data_, capacity_);
    data_ = inline_data();
    capacity_ = N;
  }
  void steal(InlineVector& other) noexcept {  // *this is empty and inline
    if (other.on_heap()) {
      data_ = other.data_;
      size_ = other.size_;
      capacity_ = other.capacity_;
      other.data_ = other.inline_data();
      other.size_ = 0;
      other.capacity_ = N;
      return;
    }
    for (size_t i = 0; i < other.size_; ++i) {
      ::new (static_cast<void*>(data_ + i)) T(std::move(other.data_[i]));
    }
    size_ = other.size_;
    other.clear();
  }

  T* data_;
  size_t size_ = 0;
  size_t capacity_ = N;
  alignas(T) std::byte storage_[sizeof(T) * N];  // NOLINT(bugprone-sizeof-expression)
};

}  // namespace gradus
