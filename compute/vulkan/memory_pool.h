// Device memory in large chunks, given out in slices. A slice that was freed may be given out again
// at once: work is enqueued in order, and barriers order what touches the same bytes, so whoever
// gets it next writes after whoever had it last.
//
// Thread: any; a mutex guards it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "compute/vulkan/gpu.h"
#include "core/tensor/backend.h"

namespace gradus::vulkan {

// A buffer with memory of its own; what a Block's handle points to.
struct Chunk {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  size_t bytes = 0;
  std::map<size_t, size_t> free;  // offset → bytes
};

class MemoryPool {
 public:
  // Holds `limit` bytes at most.
  MemoryPool(const Gpu& gpu, int64_t limit);
  ~MemoryPool();

  // Slices start at multiples of what the device asks for. Nothing where there is no room; throws
  // Error for more than one buffer may hold.
  std::optional<Block> allocate(size_t bytes);
  void free(Block block) noexcept;
  // Gives chunks of which nothing is in use back to the driver, and says whether there were any. No
  // work may be under way.
  bool give_back();
  int64_t limit() const { return limit_; }
  MemoryStats stats() const;

 private:
  Block take(Chunk& chunk, std::map<size_t, size_t>::iterator hole, size_t bytes);
  Chunk* add_chunk(size_t bytes);  // null where there is no room
  void destroy(Chunk& chunk);

  const Gpu& gpu_;
  int64_t limit_;
  size_t alignment_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  MemoryStats stats_;
};

}  // namespace gradus::vulkan
