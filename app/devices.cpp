#include "app/devices.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "compute/cpu/cpu_backend.h"
#include "compute/vulkan/vulkan_backend.h"

namespace gradus {
namespace {

std::filesystem::path cache_folder() {
  for (const auto& [variable, below] : {std::pair{"XDG_CACHE_HOME", ""}, {"HOME", ".cache"}}) {
    const char* folder = std::getenv(variable);
    if (folder && *folder == '/') return std::filesystem::path(folder) / below / "gradus";
  }
  return {};
}

// As "vulkan:0 (llvmpipe), vulkan:1 (…)".
std::string names_of(const std::vector<DeviceInfo>& devices) {
  std::string names;
  for (const DeviceInfo& info : devices) {
    names += fmt::format("{}{} ({}{})", names.empty() ? "" : ", ", to_string(info.device),
                         info.name, info.problem.empty() ? "" : ", which " + info.problem);
  }
  return names;
}

}  // namespace

void add_devices(Runtime& runtime) {
  runtime.add_backend(cpu::make_cpu_backend());
  runtime.set_more_devices({.list = vulkan::list_devices, .open = [](Device device) {
                              return vulkan::make_vulkan_backend(device.index,
                                                                 {.cache_folder = cache_folder()});
                            }});
}

Device parse_device(const std::string& text) {
  if (text == "cpu") return kCpu;
  constexpr std::string_view kVulkan = "vulkan";
  if (!text.starts_with(kVulkan)) {
    fail("device", "{:?} is none: there are cpu, vulkan (the best GPU) and vulkan:N", text);
  }
  std::string why;
  const std::vector<DeviceInfo> gpus = vulkan::list_devices(&why);
  if (gpus.empty()) fail("device", "there is no GPU to use: {}", why);
  if (text == kVulkan) {
    for (const DeviceInfo& gpu : gpus) {
      if (!gpu.software && gpu.problem.empty()) return gpu.device;
    }
    fail("device",
         "there is no GPU to use, only {}; a software driver, which is slow, has to be "
         "asked for by its number",
         names_of(gpus));
  }
  const std::string number = text.substr(kVulkan.size());
  size_t index = gpus.size();
  const char* end = number.data() + number.size();
  const bool numbered = number.size() > 1 && number[0] == ':' &&
                        std::from_chars(number.data() + 1, end, index).ptr == end;
  if (!numbered || index >= gpus.size()) {
    fail("device", "{:?} is none: there is {}", text, names_of(gpus));
  }
  const DeviceInfo& gpu = gpus[index];
  if (!gpu.problem.empty()) fail("device", "{} cannot be used: {}", gpu.name, gpu.problem);
  return gpu.device;
}

}  // namespace gradus
