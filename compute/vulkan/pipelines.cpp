#include "compute/vulkan/pipelines.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/base/file.h"

namespace gradus::vulkan {
namespace {

constexpr uint32_t kPushBytes = 128;  // every device has so many

// What stands before the driver's bytes in a file, so that broken ones are told apart.
struct FileHeader {
  char magic[8] = {'g', 'r', 'a', 'd', 'u', 's', 'p', '1'};
  uint64_t bytes = 0;
  uint64_t sum = 0;
  friend bool operator==(const FileHeader&, const FileHeader&) = default;
};

// FNV-1a.
FileHeader header_of(std::string_view bytes) {
  FileHeader header;
  header.bytes = bytes.size();
  header.sum = 0xcbf29ce484222325u;
  for (const char c : bytes) {
    header.sum = (header.sum ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return header;
}

// Whether a cache was written by this very device and driver: its header says so. Drivers should
// find that out themselves; not all do.
bool belongs_to(std::string_view cache, const VkPhysicalDeviceProperties& device) {
  VkPipelineCacheHeaderVersionOne header;
  if (cache.size() < sizeof header) return false;
  std::memcpy(&header, cache.data(), sizeof header);
  return header.headerVersion == VK_PIPELINE_CACHE_HEADER_VERSION_ONE &&
         header.vendorID == device.vendorID && header.deviceID == device.deviceID &&
         std::equal(std::begin(header.pipelineCacheUUID), std::end(header.pipelineCacheUUID),
                    std::begin(device.pipelineCacheUUID));
}

// What a file holds; empty if it is missing, broken, or another device's.
std::string read_cache(const std::filesystem::path& file,
                       const VkPhysicalDeviceProperties& device) {
  std::string all;
  try {
    all = read_file(file);
  } catch (const Error&) {
    return {};
  }
  if (all.size() < sizeof(FileHeader)) return {};
  FileHeader header;
  std::memcpy(&header, all.data(), sizeof header);
  const std::string bytes = all.substr(sizeof header);
  return header == header_of(bytes) && belongs_to(bytes, device) ? bytes : std::string();
}

void write_cache(const std::filesystem::path& file, std::string_view bytes) {
  const FileHeader header = header_of(bytes);
  std::string all(reinterpret_cast<const char*>(&header), sizeof header);
  all += bytes;
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  try {
    write_file_atomically(file, all);
  } catch (const Error&) {  // it is only a cache
  }
}

}  // namespace

Pipelines::Pipelines(const Gpu& gpu, const std::filesystem::path& cache_folder,
                     std::span<const Shader> shaders)
    : gpu_(gpu), shaders_(shaders) {
  if (!cache_folder.empty()) {
    const VkPhysicalDeviceProperties& device = gpu.properties();
    cache_file_ =
        cache_folder / fmt::format("{:04x}-{:04x}.pipelines", device.vendorID, device.deviceID);
  }
  std::string kept;
  if (!cache_file_.empty()) kept = read_cache(cache_file_, gpu.properties());
  const VkPipelineCacheCreateInfo info{.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO,
                                       .initialDataSize = kept.size(),
                                       .pInitialData = kept.data()};
  check(gpu.f().vkCreatePipelineCache(gpu.handle(), &info, nullptr, &cache_),
        "making the pipeline cache");
}

Pipelines::~Pipelines() {
  if (gpu_.abandoned()) return;
  const VolkDeviceTable& f = gpu_.f();
  size_t bytes = 0;
  if (!cache_file_.empty() &&
      f.vkGetPipelineCacheData(gpu_.handle(), cache_, &bytes, nullptr) == VK_SUCCESS) {
    std::string data(bytes, '\0');
    if (f.vkGetPipelineCacheData(gpu_.handle(), cache_, &bytes, data.data()) == VK_SUCCESS) {
      write_cache(cache_file_, data);
    }
  }
  for (const auto& [name, pipeline] : pipelines_) {
    f.vkDestroyPipeline(gpu_.handle(), pipeline.handle, nullptr);
  }
  for (const auto& [bindings, layout] : layouts_) {
    f.vkDestroyPipelineLayout(gpu_.handle(), layout.pipeline, nullptr);
    f.vkDestroyDescriptorSetLayout(gpu_.handle(), layout.set, nullptr);
  }
  f.vkDestroyPipelineCache(gpu_.handle(), cache_, nullptr);
}

VkPipelineLayout Pipelines::layout(size_t bindings) {
  Layout& made = layouts_[bindings];
  if (made.pipeline) return made.pipeline;
  std::vector<VkDescriptorSetLayoutBinding> buffers(bindings);
  for (size_t i = 0; i < bindings; ++i) {
    buffers[i] = {.binding = static_cast<uint32_t>(i),
                  .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                  .descriptorCount = 1,
                  .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
  }
  const VkDescriptorSetLayoutCreateInfo set{
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
      .flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT_KHR,
      .bindingCount = static_cast<uint32_t>(bindings),
      .pBindings = buffers.data()};
  check(gpu_.f().vkCreateDescriptorSetLayout(gpu_.handle(), &set, nullptr, &made.set),
        "making a descriptor layout");
  const VkPushConstantRange push{VK_SHADER_STAGE_COMPUTE_BIT, 0, kPushBytes};
  const VkPipelineLayoutCreateInfo pipeline{.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                            .setLayoutCount = 1,
                                            .pSetLayouts = &made.set,
                                            .pushConstantRangeCount = 1,
                                            .pPushConstantRanges = &push};
  check(gpu_.f().vkCreatePipelineLayout(gpu_.handle(), &pipeline, nullptr, &made.pipeline),
        "making a pipeline layout");
  return made.pipeline;
}

const Pipeline& Pipelines::make(const ShaderName& shader, size_t bindings) {
  std::string name = shader.family;
  for (const std::string_view part : {shader.type, shader.variant}) {
    if (!part.empty()) name.append("_").append(part);
  }
  const auto found = std::ranges::find(shaders_, std::string_view(name), &Shader::name);
  if (found == shaders_.end()) fail(shader.family, "does not work on {} tensors", shader.type);
  if (const auto made = pipelines_.find(name); made != pipelines_.end()) {
    return *(known_[shader] = &made->second);
  }
  const VkShaderModuleCreateInfo code{.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                      .codeSize = found->words.size_bytes(),
                                      .pCode = found->words.data()};
  Pipeline pipeline{.handle = VK_NULL_HANDLE, .layout = layout(bindings)};
  VkShaderModule module = VK_NULL_HANDLE;
  check(gpu_.f().vkCreateShaderModule(gpu_.handle(), &code, nullptr, &module), "loading a shader");
  const VkComputePipelineCreateInfo info{
      .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .module = module,
                .pName = "main"},
      .layout = pipeline.layout};
  const VkResult result =
      gpu_.f().vkCreateComputePipelines(gpu_.handle(), cache_, 1, &info, nullptr, &pipeline.handle);
  gpu_.f().vkDestroyShaderModule(gpu_.handle(), module, nullptr);
  check(result, "making a pipeline");
  return *(known_[shader] = &(pipelines_[name] = pipeline));
}

}  // namespace gradus::vulkan
