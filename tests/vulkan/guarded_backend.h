// A backend between the tests and the device, which puts a band behind each block of memory and
// fills the block with nan: what reads memory that nobody wrote gets nan, and what writes behind
// its tensor is found out. Blocks that are freed are kept until they have been looked at.
//
// The band belongs to the buffer range that shaders are given, since drivers may drop what is
// written outside of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/tensor/backend.h"

namespace gradus {

class GuardedBackend final : public Backend {
  struct Guarded {
    Block block;
    size_t bytes = 0;           // of the tensor; the band begins here
    unsigned char filling = 0;  // of the band: to each its own, so that a copy is noticed, too
  };

 public:
  explicit GuardedBackend(std::unique_ptr<Backend> inner) : inner_(std::move(inner)) {}

  Backend& inner() { return *inner_; }
  // Without bands, for tests that count memory.
  void set_guarding(bool on) { guarding_ = on; }

  // Looks at all bands, and frees what was kept.
  void look() {
    std::vector<Guarded> freed;
    std::vector<Guarded> all;
    {
      const std::lock_guard lock(mutex_);
      freed.swap(freed_);
      freed_bytes_ = 0;
      all = freed;
      for (const auto& [place, guarded] : live_) all.push_back(guarded);
    }
    for (const auto& [block, bytes, filling] : all) {
      std::vector<unsigned char> band(block.bytes - bytes);
      inner_->download(block, bytes, band.data(), band.size());
      const auto broken = std::ranges::find_if(band, [&](unsigned char c) { return c != filling; });
      EXPECT_EQ(broken, band.end()) << "a tensor of " << bytes << " bytes was written "
                                    << broken - band.begin() << " bytes behind its end";
    }
    for (const Guarded& each : freed) inner_->free(each.block);
  }

  Device device() const override { return inner_->device(); }
  DeviceInfo info() const override { return inner_->info(); }
  Block allocate(size_t bytes) override {
    if (!guarding_) return inner_->allocate(bytes);
    constexpr size_t kMostKept = size_t{64} << 20;
    if (freed_bytes_ > kMostKept) look();
    const size_t words = (bytes + 3) / 4 * 4;  // shaders write whole ones
    const Block block = inner_->allocate(words + kBand);
    const auto filling = static_cast<unsigned char>(0x30 + ++count_ % 97);
    std::vector<unsigned char> fill(block.bytes, kPoison);
    std::fill(fill.begin() + static_cast<std::ptrdiff_t>(words), fill.end(), filling);
    inner_->upload(fill.data(), block, 0, fill.size());
    const std::lock_guard lock(mutex_);
    live_[{block.handle, block.offset}] = {block, words, filling};
    return block;
  }
  void free(Block block) noexcept override {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find({block.handle, block.offset});
    if (found == live_.end()) {
      inner_->free(block);
      return;
    }
    freed_.push_back(found->second);
    freed_bytes_ += block.bytes;
    live_.erase(found);
  }
  int64_t available_bytes() const override { return inner_->available_bytes(); }
  int64_t most_bytes_of_a_tensor() const override { return inner_->most_bytes_of_a_tensor(); }
  MemoryStats memory_stats() const override { return inner_->memory_stats(); }
  bool works_with(DType dtype) const override { return inner_->works_with(dtype); }
  void upload(const void* from, Block to, size_t to_offset, size_t bytes) override {
    inner_->upload(from, to, to_offset, bytes);
  }
  void download(Block from, size_t from_offset, void* to, size_t bytes) override {
    inner_->download(from, from_offset, to, bytes);
  }
  void copy(Block from, Block to, size_t bytes) override { inner_->copy(from, to, bytes); }
  void run(const KernelCall& call) override { inner_->run(call); }
  void flush() override { inner_->flush(); }
  void synchronize() override { inner_->synchronize(); }
  void set_timing(bool on) override { inner_->set_timing(on); }
  std::vector<OpTime> take_times() override { return inner_->take_times(); }
  void* host_pointer(Block) const override { return nullptr; }

 private:
  static constexpr size_t kBand = 64;
  static constexpr unsigned char kPoison = 0xff;  // four of them are a nan

  std::unique_ptr<Backend> inner_;
  bool guarding_ = true;
  unsigned count_ = 0;
  std::mutex mutex_;
  std::map<std::pair<void*, size_t>, Guarded> live_;
  std::vector<Guarded> freed_;
  std::atomic<size_t> freed_bytes_{0};
};

// The one that all tests run on.
GuardedBackend& device_under_test();

}  // namespace gradus
