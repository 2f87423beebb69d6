// The compiled shaders, by name, as pipelines of a device: made when they are first used, with the
// driver's cache kept on disk.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "compute/vulkan/gpu.h"

namespace gradus::vulkan {

// Made by the build of the files in shaders/.
struct Shader {
  const char* name;  // "exp_float32"
  std::span<const uint32_t> words;
};
extern const std::span<const Shader> kShaders;

struct Pipeline {
  VkPipeline handle = VK_NULL_HANDLE;
  VkPipelineLayout layout = VK_NULL_HANDLE;
};

class Pipelines {
 public:
  // The cache's file may be missing, foreign or broken: then it is made anew. An empty name keeps
  // none.
  Pipelines(const Gpu& gpu, std::filesystem::path cache_file);
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  // Throws Error for a name that no shader has. `bindings`: buffers it uses.
  const Pipeline& get(const std::string& shader, size_t bindings);
  int64_t made() const { return static_cast<int64_t>(pipelines_.size()); }

 private:
  VkPipelineLayout layout(size_t bindings);

  const Gpu& gpu_;
  std::filesystem::path cache_file_;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  struct Layout {
    VkDescriptorSetLayout set = VK_NULL_HANDLE;
    VkPipelineLayout pipeline = VK_NULL_HANDLE;
  };
  std::map<size_t, Layout> layouts_;
  std::map<std::string, Pipeline> pipelines_;
};

}  // namespace gradus::vulkan
