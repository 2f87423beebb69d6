// Where a tensor lives. `meta` is PyTorch's term: a tensor with a shape and no data, on which the
// forward code runs to find shapes.
#pragma once

#include <cstdint>
#include <string>

namespace gradus {

enum class DeviceType : uint8_t { cpu, meta, vulkan };

struct Device {
  DeviceType type = DeviceType::cpu;
  int8_t index = 0;

  friend bool operator==(const Device&, const Device&) = default;
};

inline constexpr Device kCpu{DeviceType::cpu, 0};
inline constexpr Device kMeta{DeviceType::meta, 0};

inline std::string to_string(Device device) {
  switch (device.type) {
    case DeviceType::cpu:
      return "cpu";
    case DeviceType::meta:
      return "meta";
    case DeviceType::vulkan:
      return "vulkan:" + std::to_string(device.index);
  }
  return "?";
}

}  // namespace gradus
