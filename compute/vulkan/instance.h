// The Vulkan library and its devices, where there are any.
//
// GRADUS_VULKAN_VALIDATION=1 in the environment turns the validation layers on, with
// synchronisation validation; what they say goes to stderr and is counted.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "compute/vulkan/api.h"

namespace gradus::vulkan {

class Instance {
 public:
  // Null where there is no Vulkan; `why` says what is missing then.
  static std::shared_ptr<Instance> make(std::string* why);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  VkInstance handle() const { return handle_; }
  // Discrete GPUs first, then integrated ones, software drivers last.
  std::vector<VkPhysicalDevice> devices() const;
  // Of all instances so far.
  static int64_t validation_messages() { return messages; }

 private:
  Instance() = default;
  static VkBool32 VKAPI_PTR on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                       VkDebugUtilsMessageTypeFlagsEXT types,
                                       const VkDebugUtilsMessengerCallbackDataEXT* data,
                                       void* self);

  VkInstance handle_ = VK_NULL_HANDLE;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  static inline std::atomic<int64_t> messages{0};
};

}  // namespace gradus::vulkan
