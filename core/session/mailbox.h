// A queue between two threads. What would overflow a bounded one waits, so nothing is lost;
// producers that can do without (progress while running) merge what they have into the last entry
// instead.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace gradus {

template <typename T>
class Mailbox {
 public:
  explicit Mailbox(size_t capacity = SIZE_MAX) : capacity_(capacity) {}

  // Waits while the box is full. False once it is closed.
  bool post(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return items_.size() < capacity_ || closed_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    filled_.notify_all();
    return true;
  }
  // merge(last, item) returns whether the last entry has taken the item in; else it is posted if
  // there is room. False if neither.
  template <typename Merge>
  bool post_or_merge(T item, Merge&& merge) {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (!items_.empty() && merge(items_.back(), item)) return true;
    if (items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    filled_.notify_all();
    return true;
  }
  // All there is, perhaps nothing.
  std::vector<T> drain() {
    std::lock_guard lock(mutex_);
    return take_all();
  }
  // Waits for at least one entry, at most `timeout`.
  std::vector<T> wait_and_drain(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, timeout, [&] { return !items_.empty() || closed_; });
    return take_all();
  }
  // Waits for one entry; none once the box is closed and empty.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !items_.empty() || closed_; });
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    room_.notify_all();
    return item;
  }
  // The next entry if it is there and wanted(entry), at once.
  template <typename Wanted>
  std::optional<T> take_if(Wanted&& wanted) {
    std::lock_guard lock(mutex_);
    if (items_.empty() || !wanted(items_.front())) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    room_.notify_all();
    return item;
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }

 private:
  std::vector<T> take_all() {
    std::vector<T> all(std::make_move_iterator(items_.begin()),
                       std::make_move_iterator(items_.end()));
    items_.clear();
    room_.notify_all();
    return all;
  }

  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<T> items_;
  size_t capacity_;
  bool closed_ = false;
};

}  // namespace gradus
