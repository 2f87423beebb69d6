#include "compute/vulkan/vulkan_backend.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "compute/vulkan/executor.h"
#include "core/op/op_def.h"

namespace gradus::vulkan {
namespace {

const char* type_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return "discrete gpu";
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return "integrated gpu";
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return "virtual gpu";
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return "software driver";
    default:
      return "other";
  }
}

DeviceInfo info_of(VkPhysicalDevice device, int index) {
  VkPhysicalDeviceDriverProperties driver{.sType =
                                              VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
  VkPhysicalDeviceProperties2 all{.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
                                  .pNext = &driver};
  vkGetPhysicalDeviceProperties2(device, &all);
  const VkPhysicalDeviceProperties& p = all.properties;
  return {.device = {DeviceType::vulkan, static_cast<int8_t>(index)},
          .name = p.deviceName,
          .type = type_of(p.deviceType),
          .memory_bytes = memory_bytes(device),
          .details = {{"driver", fmt::format("{} {}", driver.driverName, driver.driverInfo)},
                      {"limits",
                       fmt::format("{:.0f} MiB a tensor, {} lanes and {} KiB shared "
                                   "memory a workgroup",
                                   static_cast<double>(p.limits.maxStorageBufferRange) / 0x1p20,
                                   p.limits.maxComputeWorkGroupInvocations,
                                   p.limits.maxComputeSharedMemorySize / 1024)}},
          .software = p.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU,
          .problem = problem_with(device)};
}

class VulkanBackend final : public Backend {
 public:
  VulkanBackend(std::shared_ptr<Instance> instance, VkPhysicalDevice physical, int index,
                const Options& options)
      : device_{DeviceType::vulkan, static_cast<int8_t>(index)},
        gpu_(std::move(instance), physical),
        pool_(gpu_, options.memory_limit),
        pipelines_(gpu_, options.cache_folder),
        stream_(gpu_),
        executor_(stream_, pipelines_, allocate(Executor::kReportBytes),
                  !gpu_.is_software() || options.as_hardware) {
    if (const char* text = std::getenv("GRADUS_VULKAN_LOSE_AFTER")) {
      int64_t after = 0;
      const char* end = text + std::strlen(text);
      if (std::from_chars(text, end, after).ptr != end || end == text) {
        fail("vulkan", "GRADUS_VULKAN_LOSE_AFTER takes a number of submits, not {:?}", text);
      }
      stream_.lose_after(after);
    }
  }
  ~VulkanBackend() override { pool_.free(executor_.report()); }

  Device device() const override { return device_; }
  DeviceInfo info() const override { return info_of(gpu_.physical(), device_.index); }
  Block allocate(size_t bytes) override {
    std::optional<Block> block = pool_.allocate(bytes);
    if (!block) {  // what is enqueued may hold the rest
      stream_.wait();
      if (pool_.give_back()) block = pool_.allocate(bytes);
    }
    if (!block) {
      fail("memory", "{} has no {:.1f} MiB left: use a smaller batch or network",
           gpu_.properties().deviceName, static_cast<double>(bytes) / 0x1p20);
    }
    return *block;
  }
  void free(Block block) noexcept override { pool_.free(block); }
  int64_t available_bytes() const override {
    const MemoryStats stats = pool_.stats();
    const int64_t more =
        std::min(gpu_.available_bytes(stats.bytes_held), pool_.limit() - stats.bytes_held);
    return more + stats.bytes_held - stats.bytes_used;
  }
  int64_t most_bytes_of_a_tensor() const override {
    return static_cast<int64_t>(gpu_.limits().maxStorageBufferRange);
  }
  MemoryStats memory_stats() const override { return pool_.stats(); }
  bool works_with(DType dtype) const override { return dtype != DType::float64; }

  void upload(const void* from, Block to, size_t to_offset, size_t bytes) override {
    if (bytes) stream_.upload(from, part(to, to_offset, bytes, true));
  }
  void download(Block from, size_t from_offset, void* to, size_t bytes) override {
    executor_.record_report();
    if (bytes) {
      stream_.download(part(from, from_offset, bytes, false), to);
    } else {
      stream_.wait();
    }
    executor_.throw_report();
  }
  void copy(Block from, Block to, size_t bytes) override {
    if (bytes) stream_.copy(part(from, 0, bytes, false), part(to, 0, bytes, true));
  }
  void run(const KernelCall& call) override {
    stream_.begin_op(call.op.name());
    executor_.run(call);
  }
  void flush() override { stream_.flush(); }
  void synchronize() override {
    executor_.record_report();
    stream_.wait();
    executor_.throw_report();
  }
  void set_timing(bool on) override { stream_.set_timing(on); }
  std::vector<OpTime> take_times() override { return stream_.take_times(); }
  void* host_pointer(Block) const override { return nullptr; }

  Counters counters() const { return {pipelines_.made(), stream_.submits(), stream_.dispatches()}; }
  void lose(int64_t after_submits) { stream_.lose_after(after_submits); }

 private:
  Device device_;
  Gpu gpu_;
  MemoryPool pool_;
  Pipelines pipelines_;
  Stream stream_;
  Executor executor_;
};

}  // namespace

std::vector<DeviceInfo> list_devices(std::string* why) {
  std::vector<DeviceInfo> all;
  const std::shared_ptr<Instance> instance = Instance::make(why);
  if (!instance) return all;
  for (VkPhysicalDevice device : instance->devices()) {
    all.push_back(info_of(device, static_cast<int>(all.size())));
  }
  if (all.empty()) *why = "no Vulkan driver is installed";
  return all;
}

std::unique_ptr<Backend> make_vulkan_backend(int index, const Options& options) {
  std::string why;
  std::shared_ptr<Instance> instance = Instance::make(&why);
  if (!instance) fail("vulkan", "there is no Vulkan here: {}", why);
  const std::vector<VkPhysicalDevice> devices = instance->devices();
  if (index < 0 || static_cast<size_t>(index) >= devices.size()) {
    fail("vulkan", "there is no device {}: {} found", index, devices.size());
  }
  return std::make_unique<VulkanBackend>(std::move(instance), devices[static_cast<size_t>(index)],
                                         index, options);
}

int64_t validation_messages() { return Instance::validation_messages(); }

Counters counters(const Backend& backend) {
  return dynamic_cast<const VulkanBackend&>(backend).counters();
}

void lose(Backend& backend, int64_t after_submits) {
  dynamic_cast<VulkanBackend&>(backend).lose(after_submits);
}

}  // namespace gradus::vulkan
