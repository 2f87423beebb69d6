#include "compute/vulkan/memory_pool.h"

#include <algorithm>

namespace gradus::vulkan {
namespace {

constexpr size_t kChunk = size_t{64} << 20;

}  // namespace

MemoryPool::MemoryPool(const Gpu& gpu, int64_t limit)
    : gpu_(gpu),
      limit_(limit),
      alignment_(std::max<size_t>(gpu.limits().minStorageBufferOffsetAlignment, 64)) {}

MemoryPool::~MemoryPool() {
  if (gpu_.abandoned()) return;
  for (const auto& chunk : chunks_) destroy(*chunk);
}

void MemoryPool::destroy(Chunk& chunk) {
  gpu_.f().vkDestroyBuffer(gpu_.handle(), chunk.buffer, nullptr);
  gpu_.f().vkFreeMemory(gpu_.handle(), chunk.memory, nullptr);
  stats_.bytes_held -= static_cast<int64_t>(chunk.bytes);
}

Chunk* MemoryPool::add_chunk(size_t bytes) {
  if (stats_.bytes_held + static_cast<int64_t>(bytes) > limit_) return nullptr;
  auto chunk = std::make_unique<Chunk>();
  chunk->bytes = bytes;
  const VkBufferCreateInfo info{.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                .size = bytes,
                                .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
                                         VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                         VK_BUFFER_USAGE_TRANSFER_DST_BIT};
  if (gpu_.f().vkCreateBuffer(gpu_.handle(), &info, nullptr, &chunk->buffer) != VK_SUCCESS) {
    return nullptr;
  }
  VkMemoryRequirements needs;
  gpu_.f().vkGetBufferMemoryRequirements(gpu_.handle(), chunk->buffer, &needs);
  VkMemoryAllocateInfo request{.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                               .allocationSize = needs.size};
  VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (const auto type =
          gpu_.memory_type(needs.memoryTypeBits, 0, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT)) {
    request.memoryTypeIndex = *type;
    result = gpu_.f().vkAllocateMemory(gpu_.handle(), &request, nullptr, &chunk->memory);
  }
  if (result == VK_SUCCESS) {
    result = gpu_.f().vkBindBufferMemory(gpu_.handle(), chunk->buffer, chunk->memory, 0);
  }
  if (result != VK_SUCCESS) {
    gpu_.f().vkDestroyBuffer(gpu_.handle(), chunk->buffer, nullptr);
    gpu_.f().vkFreeMemory(gpu_.handle(), chunk->memory, nullptr);
    return nullptr;
  }
  chunk->free[0] = bytes;
  ++stats_.system_allocations;
  stats_.bytes_held += static_cast<int64_t>(bytes);
  chunks_.push_back(std::move(chunk));
  return chunks_.back().get();
}

Block MemoryPool::take(Chunk& chunk, std::map<size_t, size_t>::iterator hole, size_t bytes) {
  const auto [offset, size] = *hole;
  chunk.free.erase(hole);
  if (size > bytes) chunk.free[offset + bytes] = size - bytes;
  stats_.bytes_used += static_cast<int64_t>(bytes);
  return {&chunk, offset, bytes};
}

std::optional<Block> MemoryPool::allocate(size_t bytes) {
  const size_t most = gpu_.limits().maxStorageBufferRange / alignment_ * alignment_;
  if (bytes > most) {
    fail("memory",
         "a tensor of {:.1f} MiB is more than {} can work on at once ({:.1f} MiB): use a smaller "
         "batch or layer",
         static_cast<double>(bytes) / 0x1p20, gpu_.properties().deviceName,
         static_cast<double>(most) / 0x1p20);
  }
  bytes = std::max((bytes + alignment_ - 1) / alignment_ * alignment_, alignment_);
  const std::lock_guard lock(mutex_);
  // The smallest hole that is large enough.
  Chunk* best_chunk = nullptr;
  std::map<size_t, size_t>::iterator best;
  for (const auto& chunk : chunks_) {
    for (auto hole = chunk->free.begin(); hole != chunk->free.end(); ++hole) {
      if (hole->second < bytes || (best_chunk && hole->second >= best->second)) continue;
      best_chunk = chunk.get();
      best = hole;
      if (hole->second == bytes) return take(*best_chunk, best, bytes);
    }
  }
  if (best_chunk) return take(*best_chunk, best, bytes);
  // Where there is no room for a large chunk, there may be for one that just fits.
  Chunk* fresh = add_chunk(std::max(bytes, std::min(kChunk, most)));
  if (!fresh) fresh = add_chunk(bytes);
  if (!fresh) return {};
  return take(*fresh, fresh->free.begin(), bytes);
}

bool MemoryPool::give_back() {
  const std::lock_guard lock(mutex_);
  return std::erase_if(chunks_, [this](const std::unique_ptr<Chunk>& chunk) {
           const bool unused =
               chunk->free.size() == 1 && chunk->free.begin()->second == chunk->bytes;
           if (unused) destroy(*chunk);
           return unused;
         }) > 0;
}

void MemoryPool::free(Block block) noexcept {
  if (!block.handle) return;
  const std::lock_guard lock(mutex_);
  Chunk& chunk = *static_cast<Chunk*>(block.handle);
  stats_.bytes_used -= static_cast<int64_t>(block.bytes);
  size_t offset = block.offset;
  size_t bytes = block.bytes;
  auto next = chunk.free.lower_bound(offset);
  if (next != chunk.free.end() && offset + bytes == next->first) {
    bytes += next->second;
    next = chunk.free.erase(next);
  }
  if (next != chunk.free.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == offset) {
      before->second += bytes;
      return;
    }
  }
  chunk.free[offset] = bytes;
}

MemoryStats MemoryPool::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace gradus::vulkan
