// The compiled shaders, by name, as pipelines of a device: made when they are first used, with the
// driver's cache kept on disk.
#pragma once

#include <compare>
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

// A shader as those who run it name it: {"sum", "float32", "64"} is sum_float32_64. The texts are
// literals, or live as long: they are told apart by their addresses.
struct ShaderName {
  const char* family = "";
  const char* type = "";
  const char* variant = "";
  friend auto operator<=>(const ShaderName&, const ShaderName&) = default;
};

struct Pipeline {
  VkPipeline handle = VK_NULL_HANDLE;
  VkPipelineLayout layout = VK_NULL_HANDLE;
};

class Pipelines {
 public:
  // The cache's file there may be missing, foreign or broken: then it is made anew. An empty name
  // keeps none.
  Pipelines(const Gpu& gpu, const std::filesystem::path& cache_folder,
            std::span<const Shader> shaders = kShaders);
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  // Throws Error where no shader has that name: the family is not made for the type. `bindings`:
  // buffers it uses.
  const Pipeline& get(const ShaderName& shader, size_t bindings) {
    const auto found = known_.find(shader);
    return found != known_.end() ? *found->second : make(shader, bindings);
  }
  int64_t made() const { return static_cast<int64_t>(pipelines_.size()); }

 private:
  const Pipeline& make(const ShaderName& shader, size_t bindings);
  VkPipelineLayout layout(size_t bindings);

  const Gpu& gpu_;
  std::span<const Shader> shaders_;
  std::filesystem::path cache_file_;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  struct Layout {
    VkDescriptorSetLayout set = VK_NULL_HANDLE;
    VkPipelineLayout pipeline = VK_NULL_HANDLE;
  };
  std::map<size_t, Layout> layouts_;
  std::map<std::string, Pipeline> pipelines_;
  std::map<ShaderName, const Pipeline*> known_;
};

}  // namespace gradus::vulkan
