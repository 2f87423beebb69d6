#include "core/nn/layer_def.h"

#include <array>

namespace gradus::nn {
namespace {

#define GRADUS_LAYER(name) &layers::name,
constexpr std::array kLayers = {
#include "core/nn/all_layers.inc"
};
#undef GRADUS_LAYER

}  // namespace

std::span<const LayerDef* const> all_layers() { return kLayers; }

const LayerDef* find_layer(std::string_view name) {
  for (const LayerDef* layer : kLayers) {
    if (name == layer->name) return layer;
  }
  return nullptr;
}

}  // namespace gradus::nn
