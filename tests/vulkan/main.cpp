// Runs the tests with the CPU and the first Vulkan device, which on test machines is a software
// driver. With GRADUS_VULKAN_VALIDATION=1, a message of the validation layers is a failure.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>

#include <cstdio>

#include "compute/cpu/cpu_backend.h"
#include "compute/vulkan/vulkan_backend.h"
#include "core/tensor/runtime.h"
#include "tests/vulkan/guarded_backend.h"

namespace gradus {
namespace {

GuardedBackend* device = nullptr;

// After each test the bands are looked at, and the layers have had nothing to say.
class Watch final : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo&) override {
    device->look();
    const int64_t messages = vulkan::validation_messages();
    EXPECT_EQ(messages, seen_) << "the validation layers have said something";
    seen_ = messages;
  }
  int64_t seen_ = 0;
};

// Drivers stay loaded, so that the leak sanitizer knows whose memory it finds (tests/lsan.supp).
void keep_libraries_loaded() {
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void*) {
        dlopen(info->dlpi_name, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
        return 0;
      },
      nullptr);
}

}  // namespace

GuardedBackend& device_under_test() { return *device; }

}  // namespace gradus

int main(int argc, char** argv) try {
  testing::InitGoogleTest(&argc, argv);
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  gradus::Runtime runtime;
  runtime.add_backend(gradus::cpu::make_cpu_backend());
  auto guarded =
      std::make_unique<gradus::GuardedBackend>(gradus::vulkan::make_vulkan_backend(0, {}));
  gradus::device = guarded.get();
  runtime.add_backend(std::move(guarded));
  gradus::keep_libraries_loaded();
  const gradus::RuntimeGuard guard(runtime);
  testing::UnitTest::GetInstance()->listeners().Append(new gradus::Watch);
  return RUN_ALL_TESTS();
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
