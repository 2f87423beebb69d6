// The work of a device, in order: recorded as it comes, submitted when there is enough of it or
// when somebody waits. What touches the same bytes is kept in order by barriers, and only that.
//
// Once the device is lost, or has not answered for so long that it must be taken for lost, every
// call throws DeviceLost.
//
// Thread: one at a time (the engine thread).
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "compute/vulkan/gpu.h"
#include "core/tensor/op_times.h"

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

  // What is recorded from now on belongs to this op.
  void begin_op(const char* name);
  // `uses` are bound in order.
  void dispatch(VkPipeline pipeline, VkPipelineLayout layout, std::span<const Use> uses,
                std::span<const std::byte> params, uint32_t groups);
  void copy(const Use& from, const Use& to);
  // Takes a copy of the bytes at once.
  void upload(const void* from, const Use& to);
  // Waits.
  void download(const Use& from, void* to);
  // Copies up to kNotice bytes to a place of their own, where the host finds them once the stream
  // has been waited for, until the next such copy.
  static constexpr size_t kNotice = 64;
  const std::byte* notice(const Use& from);

  // Submits what was recorded; does not wait.
  void flush();
  void wait();

  // Where the device has timestamps.
  void set_timing(bool on);
  std::vector<OpTime> take_times();

  // For tests: the submit after so many more loses the device.
  void lose_after(int64_t submits) { lose_at_ = submits_ + submits; }

  int64_t submits() const { return submits_; }
  int64_t dispatches() const { return dispatches_; }

 private:
  struct Frame {
    VkCommandPool pool = VK_NULL_HANDLE;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    uint64_t done = 0;  // the semaphore's value when it is
    VkQueryPool times = VK_NULL_HANDLE;
    std::vector<const char*> timed;  // the op of each pair of timestamps
  };
  void require_device() const;
  // As check(), but remembers a loss.
  void require(VkResult result, const char* what);
  void read_times(Frame& frame);
  void open();
  void destroy();
  VkCommandBuffer commands();  // open
  void order(std::span<const Use> uses);
  void put_barrier(VkCommandBuffer to);
  void wait_for(uint64_t value);
  // Room in the host's memory that the device copies from or to; it is free again once what is
  // recorded now is done.
  size_t stage(size_t bytes);
  void copy_to_host(const Use& from, size_t place);

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
  size_t head_ = kNotice;  // where the next one goes, behind the notice
  struct Staged {
    size_t begin = 0, end = 0;
    uint64_t done = 0;
  };
  std::deque<Staged> staged_;

  const char* op_ = "";
  bool timing_ = false;
  OpTimes times_;

  std::string lost_;  // why; empty while it is not
  int64_t lose_at_ = INT64_MAX;
  int64_t submits_ = 0;
  int64_t dispatches_ = 0;
};

}  // namespace gradus::vulkan
