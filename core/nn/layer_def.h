// A layer, declared once, as data: what it takes, which parameters it has and how they start, and
// its forward written in ops. Shapes come from running that forward on meta tensors.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/op/op_def.h"
#include "core/random/generator.h"

namespace gradus::nn {

enum class LayerKind : uint8_t { data, layer, loss };

// What a parameter starts with, on the CPU.
using InitFn = Tensor (*)(DimsView sizes, const Attrs& attrs, Generator& generator);

struct ParamSpec {
  const char* name;  // "weight"; "" for what is called as its node
  Dims sizes;
  InitFn init;
  DType dtype = DType::float32;
  bool requires_grad = true;
};

struct LayerCall {
  std::span<const Tensor> inputs;
  std::span<const Tensor> parameters;  // in the order of LayerDef::parameters
  const Attrs& attrs;
  bool training;
};

struct LayerDef {
  const char* name;   // "Linear"
  const char* torch;  // "nn.Linear"
  LayerKind kind;
  std::vector<InputSpec> inputs;
  std::vector<AttrSpec> attrs = {};
  // Fills attributes that follow from the inputs (in_features); throws Error with the cure where
  // they do not fit. Null: nothing to infer.
  void (*complete)(Attrs& attrs, std::span<const Tensor> inputs) = nullptr;
  std::vector<ParamSpec> (*parameters)(const Attrs& attrs) = nullptr;
  Tensor (*forward)(const LayerCall& call) = nullptr;  // null for a batch's data
  const char* summary;
  const char* formula;
};

std::span<const LayerDef* const> all_layers();
const LayerDef* find_layer(std::string_view name);

namespace layers {
#define GRADUS_LAYER(name) extern const LayerDef name;
#include "core/nn/all_layers.inc"
#undef GRADUS_LAYER
}  // namespace layers

}  // namespace gradus::nn
