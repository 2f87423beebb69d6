// The work of a device, in order: recorded as it comes, submitted when there is enough of it or
// when somebody waits. What touches the same bytes is kept in order by barriers, and only that.
//
// Thread: one at a time (the engine thread).
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "compute/vulkan/gpu.h"

namespace gradus::vulkan {

// A part of a buffer, as an op uses it.
struct Use {
  VkBuffer buffer = VK_NULL_HANDLE;
  size_t offset = 0;
  size_t bytes = 0;
  bool writes = false;
};

class Stream {
 public:
  explicit Stream(const Gpu& gpu);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // `uses` are bound in order.
  void dispatch(VkPipeline pipeline, VkPipelineLayout layout, std::span<const Use> uses,
                std::span<const std::byte> params, uint32_t groups_x, uint32_t groups_y = 1);
  void copy(const Use& from, const Use& to);
  // Takes a copy of the bytes at once.
  void upload(const void* from, const Use& to);
  // Waits.
  void download(const Use& from, void* to);
  // Where the bytes (few) will be once the stream has been waited for, until more is recorded.
  const std::byte* read_later(const Use& from);

  // Submits what was recorded; does not wait.
  void flush();
  void wait();

  int64_t submits() const { return submits_; }
  int64_t dispatches() const { return dispatches_; }

 private:
  struct Frame {
    VkCommandPool pool = VK_NULL_HANDLE;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    uint64_t done = 0;  // the semaphore's value when it is
  };
  VkCommandBuffer commands();  // open
  void order(std::span<const Use> uses);
  void put_barrier(VkCommandBuffer to);
  void wait_for(uint64_t value);
  // Room in the host's memory that the device copies from or to; it is free again once what is
  // recorded now is done.
  size_t stage(size_t bytes);

  const Gpu& gpu_;
  VkSemaphore timeline_ = VK_NULL_HANDLE;
  uint64_t submitted_ = 0;
  std::vector<Frame> frames_;
  size_t frame_ = 0;
  bool open_ = false;
  int recorded_ = 0;          // since the last submit
  std::vector<Use> pending_;  // since the last barrier

  VkBuffer staging_ = VK_NULL_HANDLE;
  VkDeviceMemory staging_memory_ = VK_NULL_HANDLE;
  std::byte* staging_bytes_ = nullptr;
  size_t head_ = 0;  // where the next one goes
  struct Staged {
    size_t begin = 0, end = 0;
    uint64_t done = 0;
  };
  std::deque<Staged> staged_;

  int64_t submits_ = 0;
  int64_t dispatches_ = 0;
};

}  // namespace gradus::vulkan
