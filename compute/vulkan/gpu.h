// An opened device: its queue, its limits, its own function table.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "compute/vulkan/instance.h"

namespace gradus::vulkan {

// Why a device cannot be used, or nothing.
std::string problem_with(VkPhysicalDevice device);

// Bytes of its largest device-local heap.
int64_t memory_bytes(VkPhysicalDevice device);

class Gpu {
 public:
  Gpu(std::shared_ptr<Instance> instance, VkPhysicalDevice physical);
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  const Instance& instance() const { return *instance_; }
  VkPhysicalDevice physical() const { return physical_; }
  VkDevice handle() const { return handle_; }
  VkQueue queue() const { return queue_; }
  uint32_t family() const { return family_; }
  const VolkDeviceTable& f() const { return table_; }
  const VkPhysicalDeviceProperties& properties() const { return properties_; }
  const VkPhysicalDeviceLimits& limits() const { return properties_.limits; }
  bool is_software() const { return properties_.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU; }

  // A memory type of those in `allowed` with the flags, the best first, if there is one.
  std::optional<uint32_t> memory_type(uint32_t allowed, VkMemoryPropertyFlags needed,
                                      VkMemoryPropertyFlags preferred = 0) const;
  // How many bytes are free now, where the driver tells; else what is not `held` of all.
  int64_t available_bytes(int64_t held) const;
  bool has_timestamps() const { return timestamp_bits_ > 0; }
  double seconds_between(uint64_t begin, uint64_t end) const;  // timestamps
  // It does not answer: what it may still be using is never destroyed.
  void abandon() const { abandoned_ = true; }
  bool abandoned() const { return abandoned_; }

 private:
  std::shared_ptr<Instance> instance_;
  VkPhysicalDevice physical_;
  VkPhysicalDeviceProperties properties_{};
  VkPhysicalDeviceMemoryProperties memory_{};
  bool has_budget_ = false;
  uint32_t family_ = 0;
  uint32_t timestamp_bits_ = 0;
  mutable std::atomic<bool> abandoned_{false};
  VkDevice handle_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  VolkDeviceTable table_{};
};

}  // namespace gradus::vulkan
