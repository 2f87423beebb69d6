// A device that does everything late: calls are queued and run only when somebody waits, as a GPU's
// command buffers would. Its results are the CPU's, to the bit. It can be lost.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "compute/cpu/cpu_backend.h"
#include "core/op/call.h"
#include "core/tensor/runtime.h"

namespace gradus {

class LazyBackend final : public Backend {
 public:
  explicit LazyBackend(int8_t index) : device_{DeviceType::vulkan, index} {}
  ~LazyBackend() override {
    lose_at = INT64_MAX;
    synchronize();
  }
  // Adds one to the runtime, once for each index.
  static LazyBackend& add(int8_t index) {
    auto owned = std::make_unique<LazyBackend>(index);
    LazyBackend& lazy = *owned;
    Runtime::current().add_backend(std::move(owned));
    return lazy;
  }

  Device device() const override { return device_; }
  DeviceInfo info() const override { return {.device = device_, .name = "lazy", .type = "test"}; }
  Block allocate(size_t bytes) override { return cpu_->allocate(bytes); }
  void free(Block block) noexcept override { deferred_.push_back(block); }
  int64_t available_bytes() const override { return cpu_->available_bytes(); }
  MemoryStats memory_stats() const override { return cpu_->memory_stats(); }
  void upload(const void* from, Block to, size_t to_offset, size_t bytes) override {
    // What is uploaded may change once this returns, so it is staged.
    std::vector<char> staged(static_cast<const char*>(from),
                             static_cast<const char*>(from) + bytes);
    queue_.push_back([=, this] { cpu_->upload(staged.data(), to, to_offset, bytes); });
  }
  void download(Block from, size_t from_offset, void* to, size_t bytes) override {
    synchronize();
    cpu_->download(from, from_offset, to, bytes);
  }
  void copy(Block from, Block to, size_t bytes) override {
    queue_.push_back([=, this] { cpu_->copy(from, to, bytes); });
  }
  void run(const KernelCall& call) override {
    Tensors inputs{call.inputs.begin(), call.inputs.end()};
    Tensors outputs{call.outputs.begin(), call.outputs.end()};
    queue_.push_back([this, &op = call.op, inputs, outputs, attrs = call.attrs] {
      cpu_->run({op, inputs, outputs, attrs});
    });
  }
  void synchronize() override {
    ++waits;
    if (waits > lose_at) {
      queue_.clear();
      throw DeviceLost("[lazy] the device was lost");
    }
    std::vector<std::function<void()>> queue = std::move(queue_);
    queue_.clear();
    for (auto& work : queue) work();
    queue.clear();  // drops tensors, which defers more frees
    for (Block block : deferred_) cpu_->free(block);
    deferred_.clear();
  }
  void set_timing(bool on) override { cpu_->set_timing(on); }
  std::vector<OpTime> take_times() override { return cpu_->take_times(); }
  void* host_pointer(Block block) const override { return cpu_->host_pointer(block); }

  int64_t waits = 0;
  int64_t lose_at = INT64_MAX;  // after so many waits, each one fails

 private:
  Device device_;
  std::unique_ptr<Backend> cpu_ = cpu::make_cpu_backend();
  std::vector<std::function<void()>> queue_;
  std::vector<Block> deferred_;
};

}  // namespace gradus
