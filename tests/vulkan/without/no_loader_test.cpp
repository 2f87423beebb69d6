// A computer on which Vulkan's library cannot be found: this program's own dlopen() says so.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>

#include "app/devices.h"
#include "compute/vulkan/vulkan_backend.h"
#include "core/base/error.h"
#include "tests/support/message_of.h"

// As the C library declares it, but for its attributes.
void* dlopen(const char* file, int mode) noexcept;
void* dlopen(const char* file, int) noexcept {
  EXPECT_NE(std::strstr(file ? file : "", "libvulkan"), nullptr);
  return nullptr;
}

namespace gradus {
namespace {

TEST(WithoutVulkan, NothingIsListedAndTheReasonIsSaid) {
  std::string why;
  EXPECT_TRUE(vulkan::list_devices(&why).empty());
  EXPECT_EQ(why, "the Vulkan library (libvulkan.so.1) is not installed");
}

TEST(WithoutVulkan, AskingForAGpuIsAnError) {
  const std::string missing = "the Vulkan library (libvulkan.so.1) is not installed";
  EXPECT_EQ(message_of([] { vulkan::make_vulkan_backend(0, {}); }),
            "[vulkan] there is no Vulkan here: " + missing);
  for (const char* name : {"vulkan", "vulkan:0"}) {
    EXPECT_EQ(message_of([&] { parse_device(name); }),
              "[device] there is no GPU to use: " + missing);
  }
  EXPECT_EQ(parse_device("cpu"), kCpu);
}

}  // namespace
}  // namespace gradus
