// GPUs of any vendor as devices, through Vulkan compute shaders. Works with float32, int64 and
// bool tensors. Calls are recorded and submitted together; values look eager to everybody above.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/tensor/backend.h"

namespace gradus::vulkan {

struct Listed {
  int index = 0;  // in "vulkan:0"
  DeviceInfo info;
  bool software = false;  // runs on the processor: for tests, never chosen unasked
  std::string problem;    // why it cannot be used; empty if it can
};
// All devices, the fastest kinds first. Empty where there is no Vulkan; `why` then says what is
// missing.
std::vector<Listed> list_devices(std::string* why);

struct Options {
  std::filesystem::path cache_file;  // of compiled pipelines; none if empty
};
// Throws Error where there is no such device, or it cannot be used.
std::unique_ptr<Backend> make_vulkan_backend(int index, const Options& options);

// What tests ask of a backend that make_vulkan_backend made.
struct Counters {
  int64_t validation_messages = 0;
  int64_t pipelines = 0;
  int64_t submits = 0;
  int64_t dispatches = 0;
};
Counters counters(const Backend& backend);

}  // namespace gradus::vulkan
