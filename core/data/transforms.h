// Transforms of samples, under torchvision's names.
#pragma once

#include <cstdint>
#include <span>

namespace gradus {

// uint8 pixels to float32 in [0, 1]: x / 255, exactly as torchvision's ToTensor rounds it.
class ToTensor {
 public:
  void operator()(std::span<const uint8_t> pixels, float* __restrict out) const {
    const uint8_t* __restrict in = pixels.data();
    for (size_t i = 0; i < pixels.size(); ++i) out[i] = static_cast<float>(in[i]) / 255.0f;
  }
};

}  // namespace gradus
