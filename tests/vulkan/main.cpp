// Runs the tests with the CPU and the first Vulkan device, which on test machines is a software
// driver. With GRADUS_VULKAN_VALIDATION=1, a message of the validation layers is a failure.
#include <gtest/gtest.h>

#include <cstdio>

#include "compute/cpu/cpu_backend.h"
#include "compute/vulkan/vulkan_backend.h"
#include "core/tensor/runtime.h"

int main(int argc, char** argv) try {
  testing::InitGoogleTest(&argc, argv);
  gradus::Runtime runtime;
  runtime.add_backend(gradus::cpu::make_cpu_backend());
  std::unique_ptr<gradus::Backend> made = gradus::vulkan::make_vulkan_backend(0, {});
  const gradus::Backend& vulkan = *made;
  runtime.add_backend(std::move(made));
  const gradus::RuntimeGuard guard(runtime);
  const int result = RUN_ALL_TESTS();
  const int64_t messages = gradus::vulkan::counters(vulkan).validation_messages;
  if (messages > 0) std::fprintf(stderr, "%ld validation messages\n", static_cast<long>(messages));
  return messages > 0 ? 1 : result;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
