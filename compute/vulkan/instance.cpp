#include "compute/vulkan/instance.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gradus::vulkan {
namespace {

constexpr uint32_t kApiVersion = VK_API_VERSION_1_2;

bool has_layer(const char* name) {
  uint32_t count = 0;
  vkEnumerateInstanceLayerProperties(&count, nullptr);
  std::vector<VkLayerProperties> layers(count);
  vkEnumerateInstanceLayerProperties(&count, layers.data());
  return std::ranges::any_of(
      layers, [&](const VkLayerProperties& layer) { return !std::strcmp(layer.layerName, name); });
}

int rank(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return 0;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return 1;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

const char* to_string(VkResult result) {
  switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY:
      return "out of host memory";
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
      return "out of device memory";
    case VK_ERROR_INITIALIZATION_FAILED:
      return "initialisation failed";
    case VK_ERROR_DEVICE_LOST:
      return "device lost";
    case VK_ERROR_LAYER_NOT_PRESENT:
      return "layer not present";
    case VK_ERROR_EXTENSION_NOT_PRESENT:
      return "extension not present";
    case VK_ERROR_FEATURE_NOT_PRESENT:
      return "feature not present";
    case VK_ERROR_INCOMPATIBLE_DRIVER:
      return "no driver is installed";
    case VK_TIMEOUT:
      return "timeout";
    default:
      return "unknown error";
  }
}

void check(VkResult result, const char* what) {
  if (result >= VK_SUCCESS && result != VK_TIMEOUT) return;
  const std::string message =
      fmt::format("[vulkan] {}: {} ({})", what, to_string(result), static_cast<int>(result));
  if (result == VK_ERROR_DEVICE_LOST) throw DeviceLost(message);
  throw Error(message);
}

VkBool32 VKAPI_PTR Instance::on_message(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                        VkDebugUtilsMessageTypeFlagsEXT,
                                        const VkDebugUtilsMessengerCallbackDataEXT* data, void*) {
  messages.fetch_add(1);
  std::fprintf(stderr, "vulkan: %s\n", data->pMessage);
  return VK_FALSE;
}

std::shared_ptr<Instance> Instance::make(std::string* why) {
  if (volkInitialize() != VK_SUCCESS) {
    *why = "the Vulkan library (libvulkan.so.1) is not installed";
    return nullptr;
  }
  if (volkGetInstanceVersion() < kApiVersion) {
    *why = "the Vulkan library is older than 1.2";
    return nullptr;
  }
  std::shared_ptr<Instance> instance(new Instance);
  const VkApplicationInfo application{.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                      .pApplicationName = "Gradus",
                                      .apiVersion = kApiVersion};
  VkInstanceCreateInfo info{.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                            .pApplicationInfo = &application};
  constexpr const char* kLayer = "VK_LAYER_KHRONOS_validation";
  constexpr const char* kDebug = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
  const VkDebugUtilsMessengerCreateInfoEXT messenger{
      .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
      .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                         VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
      .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
      .pfnUserCallback = on_message};
  const VkValidationFeatureEnableEXT synchronisation =
      VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
  const VkValidationFeaturesEXT features{.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
                                         .pNext = &messenger,
                                         .enabledValidationFeatureCount = 1,
                                         .pEnabledValidationFeatures = &synchronisation};
  const char* wanted = std::getenv("GRADUS_VULKAN_VALIDATION");
  const bool validate = wanted && *wanted == '1';
  if (validate) {
    if (!has_layer(kLayer)) {
      fail("vulkan", "GRADUS_VULKAN_VALIDATION asks for {}, which is not installed", kLayer);
    }
    info.pNext = &features;
    info.enabledLayerCount = 1;
    info.ppEnabledLayerNames = &kLayer;
    info.enabledExtensionCount = 1;
    info.ppEnabledExtensionNames = &kDebug;
  }
  const VkResult result = vkCreateInstance(&info, nullptr, &instance->handle_);
  if (result != VK_SUCCESS) {
    instance->handle_ = VK_NULL_HANDLE;
    *why = to_string(result);
    return nullptr;
  }
  volkLoadInstanceOnly(instance->handle_);
  if (validate) {
    check(vkCreateDebugUtilsMessengerEXT(instance->handle_, &messenger, nullptr,
                                         &instance->messenger_),
          "making the validation messenger");
  }
  return instance;
}

Instance::~Instance() {
  if (messenger_) vkDestroyDebugUtilsMessengerEXT(handle_, messenger_, nullptr);
  if (handle_) vkDestroyInstance(handle_, nullptr);
}

std::vector<VkPhysicalDevice> Instance::devices() const {
  uint32_t count = 0;
  check(vkEnumeratePhysicalDevices(handle_, &count, nullptr), "listing the devices");
  std::vector<VkPhysicalDevice> found(count);
  check(vkEnumeratePhysicalDevices(handle_, &count, found.data()), "listing the devices");
  found.resize(count);
  std::ranges::stable_sort(found, {}, [](VkPhysicalDevice device) {
    VkPhysicalDeviceProperties properties;
    vkGetPhysicalDeviceProperties(device, &properties);
    return rank(properties.deviceType);
  });
  return found;
}

}  // namespace gradus::vulkan
