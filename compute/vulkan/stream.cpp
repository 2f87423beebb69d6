#include "compute/vulkan/stream.h"

#include <algorithm>
#include <cstring>

namespace gradus::vulkan {
namespace {

constexpr size_t kFrames = 4;
constexpr int kMostRecorded = 64;  // ops before the device is given them
constexpr size_t kStaging = size_t{16} << 20;
constexpr size_t kMostUses = 6;
// Drivers give a device up after a few seconds; this is for those that do not. A software driver is
// slow, and does not hang.
constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kPatience = 60 * kSecond;
constexpr uint64_t kPatienceWithSoftware = 1800 * kSecond;

bool overlap(const Use& a, const Use& b) {
  return a.buffer == b.buffer && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

}  // namespace

Stream::Stream(const Gpu& gpu) : gpu_(gpu) {
  try {
    open();
  } catch (...) {
    destroy();
    throw;
  }
}

void Stream::open() {
  const VolkDeviceTable& f = gpu_.f();
  const VkSemaphoreTypeCreateInfo type{.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
                                       .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
  const VkSemaphoreCreateInfo semaphore{.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
                                        .pNext = &type};
  check(f.vkCreateSemaphore(gpu_.handle(), &semaphore, nullptr, &timeline_), "making a semaphore");
  frames_.resize(kFrames);
  for (Frame& frame : frames_) {
    const VkCommandPoolCreateInfo pool{.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                       .flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT,
                                       .queueFamilyIndex = gpu_.family()};
    check(f.vkCreateCommandPool(gpu_.handle(), &pool, nullptr, &frame.pool),
          "making a command pool");
    const VkCommandBufferAllocateInfo buffer{
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = frame.pool,
        .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
        .commandBufferCount = 1};
    check(f.vkAllocateCommandBuffers(gpu_.handle(), &buffer, &frame.commands),
          "making a command buffer");
  }
  const VkBufferCreateInfo staging{
      .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
      .size = kStaging,
      .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT};
  check(f.vkCreateBuffer(gpu_.handle(), &staging, nullptr, &staging_), "making the staging buffer");
  VkMemoryRequirements needs;
  f.vkGetBufferMemoryRequirements(gpu_.handle(), staging_, &needs);
  const std::optional<uint32_t> kind =
      gpu_.memory_type(needs.memoryTypeBits,
                       VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                       VK_MEMORY_PROPERTY_HOST_CACHED_BIT);
  if (!kind) fail("vulkan", "{} shares no memory with the host", gpu_.properties().deviceName);
  const VkMemoryAllocateInfo memory{.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                    .allocationSize = needs.size,
                                    .memoryTypeIndex = *kind};
  check(f.vkAllocateMemory(gpu_.handle(), &memory, nullptr, &staging_memory_),
        "allocating the staging buffer");
  check(f.vkBindBufferMemory(gpu_.handle(), staging_, staging_memory_, 0),
        "binding the staging buffer");
  void* mapped = nullptr;
  check(f.vkMapMemory(gpu_.handle(), staging_memory_, 0, VK_WHOLE_SIZE, 0, &mapped),
        "mapping the staging buffer");
  staging_bytes_ = static_cast<std::byte*>(mapped);
}

Stream::~Stream() { destroy(); }

void Stream::destroy() {
  if (gpu_.abandoned()) return;
  const VolkDeviceTable& f = gpu_.f();
  f.vkDeviceWaitIdle(gpu_.handle());
  for (const Frame& frame : frames_) {
    f.vkDestroyCommandPool(gpu_.handle(), frame.pool, nullptr);
    f.vkDestroyQueryPool(gpu_.handle(), frame.times, nullptr);
  }
  f.vkDestroyBuffer(gpu_.handle(), staging_, nullptr);
  f.vkFreeMemory(gpu_.handle(), staging_memory_, nullptr);
  f.vkDestroySemaphore(gpu_.handle(), timeline_, nullptr);
}

VkCommandBuffer Stream::commands() {
  Frame& frame = frames_[frame_];
  if (open_) return frame.commands;
  require_device();
  wait_for(frame.done);
  read_times(frame);
  require(gpu_.f().vkResetCommandPool(gpu_.handle(), frame.pool, 0), "resetting a command pool");
  const VkCommandBufferBeginInfo begin{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                       .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
  require(gpu_.f().vkBeginCommandBuffer(frame.commands, &begin), "beginning a command buffer");
  open_ = true;
  if (timing_ && !frame.times) {
    const VkQueryPoolCreateInfo info{.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                     .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                     .queryCount = 2 * kMostRecorded};
    require(gpu_.f().vkCreateQueryPool(gpu_.handle(), &info, nullptr, &frame.times),
            "making timestamps");
  }
  if (frame.times) {
    gpu_.f().vkCmdResetQueryPool(frame.commands, frame.times, 0, 2 * kMostRecorded);
  }
  return frame.commands;
}

// What comes after it comes after all before it.
void Stream::put_barrier(VkCommandBuffer to) {
  constexpr VkPipelineStageFlags kStages =
      VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
  const VkMemoryBarrier barrier{
      .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
      .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
      .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                       VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT};
  gpu_.f().vkCmdPipelineBarrier(to, kStages, kStages, 0, 1, &barrier, 0, nullptr, 0, nullptr);
  pending_.clear();
}

// A barrier, if anything recorded since the last one touches the same bytes and either writes.
void Stream::order(std::span<const Use> uses) {
  const VkCommandBuffer to = commands();
  const bool needed = std::ranges::any_of(uses, [&](const Use& use) {
    return std::ranges::any_of(pending_, [&](const Use& before) {
      return (use.writes || before.writes) && overlap(use, before);
    });
  });
  if (needed) put_barrier(to);
  pending_.insert(pending_.end(), uses.begin(), uses.end());
}

void Stream::dispatch(VkPipeline pipeline, VkPipelineLayout layout, std::span<const Use> uses,
                      std::span<const std::byte> params, uint32_t groups) {
  order(uses);
  const VkCommandBuffer to = commands();
  const VolkDeviceTable& f = gpu_.f();
  VkDescriptorBufferInfo buffers[kMostUses];
  VkWriteDescriptorSet writes[kMostUses];
  for (size_t i = 0; i < uses.size(); ++i) {
    buffers[i] = {uses[i].buffer, uses[i].offset, uses[i].bytes};
    writes[i] = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                 .dstBinding = static_cast<uint32_t>(i),
                 .descriptorCount = 1,
                 .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                 .pBufferInfo = &buffers[i]};
  }
  f.vkCmdBindPipeline(to, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
  f.vkCmdPushDescriptorSetKHR(to, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0,
                              static_cast<uint32_t>(uses.size()), writes);
  f.vkCmdPushConstants(to, layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                       static_cast<uint32_t>(params.size()), params.data());
  Frame& frame = frames_[frame_];
  const bool timed = timing_ && frame.times;
  const auto query = static_cast<uint32_t>(2 * frame.timed.size());
  if (timed) {
    f.vkCmdWriteTimestamp(to, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, frame.times, query);
  }
  f.vkCmdDispatch(to, groups, 1, 1);
  if (timed) {
    f.vkCmdWriteTimestamp(to, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, frame.times, query + 1);
    frame.timed.push_back(op_);
  }
  ++dispatches_;
  if (++recorded_ >= kMostRecorded) flush();
}

void Stream::copy(const Use& from, const Use& to) {
  const Use uses[] = {from, to};
  order(uses);
  const VkBufferCopy region{from.offset, to.offset, to.bytes};
  gpu_.f().vkCmdCopyBuffer(commands(), from.buffer, to.buffer, 1, &region);
  if (++recorded_ >= kMostRecorded) flush();
}

size_t Stream::stage(size_t bytes) {
  bytes = (bytes + 15) / 16 * 16;
  if (head_ + bytes > kStaging) head_ = kNotice;
  const auto in_the_way = [&](const Staged& staged) {
    return staged.begin < head_ + bytes && head_ < staged.end;
  };
  while (std::ranges::any_of(staged_, in_the_way)) {
    if (staged_.front().done > submitted_) flush();
    wait_for(staged_.front().done);
    staged_.pop_front();
  }
  const size_t begin = head_;
  head_ += bytes;
  staged_.push_back({begin, head_, submitted_ + 1});
  return begin;
}

void Stream::upload(const void* from, const Use& to) {
  for (size_t done = 0; done < to.bytes;) {
    const size_t bytes = std::min(to.bytes - done, kStaging / 2);
    commands();  // what is staged belongs to what is recorded now
    const size_t place = stage(bytes);
    std::memcpy(staging_bytes_ + place, static_cast<const std::byte*>(from) + done, bytes);
    copy({staging_, place, bytes, false}, {to.buffer, to.offset + done, bytes, true});
    done += bytes;
  }
}

void Stream::download(const Use& from, void* to) {
  for (size_t done = 0; done < from.bytes;) {
    const size_t bytes = std::min(from.bytes - done, kStaging / 2);
    commands();  // what is staged belongs to what is recorded now
    const size_t place = stage(bytes);
    copy_to_host({from.buffer, from.offset + done, bytes, false}, place);
    wait();
    std::memcpy(static_cast<std::byte*>(to) + done, staging_bytes_ + place, bytes);
    done += bytes;
  }
}

const std::byte* Stream::notice(const Use& from) {
  copy_to_host(from, 0);
  return staging_bytes_;
}

void Stream::copy_to_host(const Use& from, size_t place) {
  copy(from, {staging_, place, from.bytes, true});
  const VkMemoryBarrier barrier{.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                                .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
                                .dstAccessMask = VK_ACCESS_HOST_READ_BIT};
  gpu_.f().vkCmdPipelineBarrier(commands(), VK_PIPELINE_STAGE_TRANSFER_BIT,
                                VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, nullptr, 0, nullptr);
}

void Stream::flush() {
  require_device();
  if (!open_) return;
  Frame& frame = frames_[frame_];
  put_barrier(frame.commands);  // the next command buffer starts after all of this
  require(gpu_.f().vkEndCommandBuffer(frame.commands), "ending a command buffer");
  open_ = false;
  recorded_ = 0;
  frame.done = submitted_ + 1;
  const VkTimelineSemaphoreSubmitInfo values{
      .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
      .signalSemaphoreValueCount = 1,
      .pSignalSemaphoreValues = &frame.done};
  const VkSubmitInfo submit{.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                            .pNext = &values,
                            .commandBufferCount = 1,
                            .pCommandBuffers = &frame.commands,
                            .signalSemaphoreCount = 1,
                            .pSignalSemaphores = &timeline_};
  if (submits_ >= lose_at_) require(VK_ERROR_DEVICE_LOST, "submitting work");
  require(gpu_.f().vkQueueSubmit(gpu_.queue(), 1, &submit, VK_NULL_HANDLE), "submitting work");
  submitted_ = frame.done;
  ++submits_;
  frame_ = (frame_ + 1) % frames_.size();
}

void Stream::wait_for(uint64_t value) {
  if (value == 0) return;
  const VkSemaphoreWaitInfo info{.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                                 .semaphoreCount = 1,
                                 .pSemaphores = &timeline_,
                                 .pValues = &value};
  const uint64_t patience = gpu_.is_software() ? kPatienceWithSoftware : kPatience;
  const VkResult result = gpu_.f().vkWaitSemaphores(gpu_.handle(), &info, patience);
  if (result == VK_TIMEOUT) gpu_.abandon();
  require(result, "waiting for the device");
}

void Stream::require_device() const {
  if (!lost_.empty()) throw DeviceLost(lost_);
}

void Stream::require(VkResult result, const char* what) {
  if (result == VK_ERROR_DEVICE_LOST || result == VK_TIMEOUT) {
    lost_ = fmt::format("[{}] the device {} while {}", gpu_.properties().deviceName,
                        result == VK_TIMEOUT ? "has not answered any more" : "was lost", what);
    open_ = false;
  }
  require_device();
  check(result, what);
}

void Stream::begin_op(const char* name) {
  op_ = name;
  if (timing_) times_.add(name, 1, 0);
}

void Stream::set_timing(bool on) { timing_ = on && gpu_.has_timestamps(); }

// Of a frame that is done.
void Stream::read_times(Frame& frame) {
  if (frame.timed.empty()) return;
  std::vector<uint64_t> ticks(2 * frame.timed.size());
  require(gpu_.f().vkGetQueryPoolResults(gpu_.handle(), frame.times, 0,
                                         static_cast<uint32_t>(ticks.size()),
                                         ticks.size() * sizeof(uint64_t), ticks.data(),
                                         sizeof(uint64_t), VK_QUERY_RESULT_64_BIT),
          "reading timestamps");
  for (size_t i = 0; i < frame.timed.size(); ++i) {
    times_.add(frame.timed[i], 0, gpu_.seconds_between(ticks[2 * i], ticks[2 * i + 1]));
  }
  frame.timed.clear();
}

std::vector<OpTime> Stream::take_times() {
  wait();
  for (Frame& frame : frames_) read_times(frame);
  return times_.take();
}

void Stream::wait() {
  flush();
  wait_for(submitted_);
}

}  // namespace gradus::vulkan
