#include "compute/vulkan/gpu.h"

#include <algorithm>
#include <cstring>

namespace gradus::vulkan {
namespace {

std::vector<VkQueueFamilyProperties> families_of(VkPhysicalDevice device) {
  uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
  return families;
}

std::optional<uint32_t> compute_family(VkPhysicalDevice device) {
  const std::vector<VkQueueFamilyProperties> families = families_of(device);
  for (uint32_t i = 0; i < families.size(); ++i) {
    if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) return i;
  }
  return {};
}

bool has_extension(VkPhysicalDevice device, const char* name) {
  uint32_t count = 0;
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> all(count);
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, all.data());
  return std::ranges::any_of(
      all, [&](const VkExtensionProperties& e) { return !std::strcmp(e.extensionName, name); });
}

}  // namespace

std::string problem_with(VkPhysicalDevice device) {
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(device, &properties);
  if (properties.apiVersion < VK_API_VERSION_1_2) return "its driver is older than Vulkan 1.2";
  if (!compute_family(device)) return "it has no compute queue";
  if (!has_extension(device, VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME)) {
    return "its driver lacks VK_KHR_push_descriptor";
  }
  VkPhysicalDeviceVulkan12Features features{
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  VkPhysicalDeviceFeatures2 all{.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                .pNext = &features};
  vkGetPhysicalDeviceFeatures2(device, &all);
  if (!features.timelineSemaphore) return "its driver lacks timeline semaphores";
  return {};
}

int64_t memory_bytes(VkPhysicalDevice device) {
  VkPhysicalDeviceMemoryProperties memory;
  vkGetPhysicalDeviceMemoryProperties(device, &memory);
  VkDeviceSize most = 0;
  for (uint32_t i = 0; i < memory.memoryHeapCount; ++i) {
    if (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) {
      most = std::max(most, memory.memoryHeaps[i].size);
    }
  }
  return static_cast<int64_t>(most);
}

Gpu::Gpu(std::shared_ptr<Instance> instance, VkPhysicalDevice physical)
    : instance_(std::move(instance)), physical_(physical) {
  vkGetPhysicalDeviceProperties(physical_, &properties_);
  vkGetPhysicalDeviceMemoryProperties(physical_, &memory_);
  if (const std::string why = problem_with(physical_); !why.empty()) {
    fail("vulkan", "{} cannot be used: {}", properties_.deviceName, why);
  }
  family_ = *compute_family(physical_);
  timestamp_bits_ = families_of(physical_)[family_].timestampValidBits;
  has_budget_ = has_extension(physical_, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);

  std::vector<const char*> extensions{VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME};
  if (has_budget_) extensions.push_back(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  const float priority = 1;
  const VkDeviceQueueCreateInfo queue{.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                      .queueFamilyIndex = family_,
                                      .queueCount = 1,
                                      .pQueuePriorities = &priority};
  VkPhysicalDeviceVulkan12Features features{
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  features.timelineSemaphore = VK_TRUE;
  const VkDeviceCreateInfo info{.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                .pNext = &features,
                                .queueCreateInfoCount = 1,
                                .pQueueCreateInfos = &queue,
                                .enabledExtensionCount = static_cast<uint32_t>(extensions.size()),
                                .ppEnabledExtensionNames = extensions.data()};
  check(vkCreateDevice(physical_, &info, nullptr, &handle_), "opening the device");
  volkLoadDeviceTable(&table_, handle_);
  table_.vkGetDeviceQueue(handle_, family_, 0, &queue_);
}

Gpu::~Gpu() {
  if (!handle_) return;
  if (abandoned_) {
    new std::shared_ptr<Instance>(std::move(instance_));  // stays, too
    return;
  }
  table_.vkDeviceWaitIdle(handle_);
  table_.vkDestroyDevice(handle_, nullptr);
}

std::optional<uint32_t> Gpu::memory_type(uint32_t allowed, VkMemoryPropertyFlags needed,
                                         VkMemoryPropertyFlags preferred) const {
  for (const VkMemoryPropertyFlags wanted : {needed | preferred, needed}) {
    for (uint32_t i = 0; i < memory_.memoryTypeCount; ++i) {
      const bool fits = (memory_.memoryTypes[i].propertyFlags & wanted) == wanted;
      if (fits && ((allowed >> i) & 1)) return i;
    }
  }
  return {};
}

double Gpu::seconds_between(uint64_t begin, uint64_t end) const {
  const uint64_t mask = timestamp_bits_ >= 64 ? UINT64_MAX : (uint64_t{1} << timestamp_bits_) - 1;
  return static_cast<double>((end - begin) & mask) * double{limits().timestampPeriod} * 1e-9;
}

int64_t Gpu::available_bytes(int64_t held) const {
  if (!has_budget_) return memory_bytes(physical_) - held;
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
  VkPhysicalDeviceMemoryProperties2 all{
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, .pNext = &budget};
  vkGetPhysicalDeviceMemoryProperties2(physical_, &all);
  int64_t most = 0;
  for (uint32_t i = 0; i < memory_.memoryHeapCount; ++i) {
    if (!(memory_.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)) continue;
    most = std::max(most, static_cast<int64_t>(budget.heapBudget[i]) -
                              static_cast<int64_t>(budget.heapUsage[i]));
  }
  return most;
}

}  // namespace gradus::vulkan
