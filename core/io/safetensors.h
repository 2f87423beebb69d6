// Weights as safetensors: a JSON header, then the raw numbers; PyTorch and others read it.
// Source: https://github.com/huggingface/safetensors#format
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/tensor/tensor.h"

namespace gradus {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

// Atomic. Names must be unique.
void save_safetensors(const NamedTensors& tensors, const std::filesystem::path& file);

}  // namespace gradus
