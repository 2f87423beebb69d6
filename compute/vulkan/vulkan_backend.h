// GPUs of any vendor as devices, through Vulkan compute shaders. Works with float32, int64 and
// bool tensors. Calls are recorded and submitted together; values look eager to everybody above.
//
// In the environment, GRADUS_VULKAN_VALIDATION=1 turns the validation layers on, with
// synchronisation validation, and GRADUS_VULKAN_LOSE_AFTER=N loses the device after N submits, as
// if its driver had been reset: to try what happens then.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/tensor/backend.h"

namespace gradus::vulkan {

// All devices, the fastest kinds first; their index is their place. Empty where there is no Vulkan;
// `why` then says what is missing.
std::vector<DeviceInfo> list_devices(std::string* why);

struct Options {
  std::filesystem::path
      cache_folder;  // for compiled pipelines, a file for each device; none if empty
  int64_t memory_limit = INT64_MAX;  // bytes to hold at most
  bool as_hardware = false;  // a software driver, too, runs the kernels that are made for GPUs
};
// Throws Error where there is no such device, or it cannot be used.
std::unique_ptr<Backend> make_vulkan_backend(int index, const Options& options);

// Of all that ran in this process so far.
int64_t validation_messages();

// What tests ask of a backend that make_vulkan_backend made.
struct Counters {
  int64_t pipelines = 0;
  int64_t submits = 0;
  int64_t dispatches = 0;
};
Counters counters(const Backend& backend);
// Loses the device: after so many more submits, every call throws DeviceLost.
void lose(Backend& backend, int64_t after_submits = 0);

}  // namespace gradus::vulkan
