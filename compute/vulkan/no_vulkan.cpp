// What stands for the Vulkan device in a build without it.
#include "compute/vulkan/vulkan_backend.h"

namespace gradus::vulkan {
namespace {

constexpr const char* kWhy = "this build of Gradus is without Vulkan";

}  // namespace

std::vector<DeviceInfo> list_devices(std::string* why) {
  *why = kWhy;
  return {};
}

std::unique_ptr<Backend> make_vulkan_backend(int, const Options&) { fail("vulkan", "{}", kWhy); }

int64_t validation_messages() { return 0; }

Counters counters(const Backend&) { return {}; }

void lose(Backend&, int64_t) {}

}  // namespace gradus::vulkan
