// Transforms of samples, under torchvision's names.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace gradus {

// uint8 pixels to float32 in [0, 1]: x / 255, exactly as torchvision's ToTensor rounds it.
class ToTensor {
 public:
  ToTensor() {
    for (size_t i = 0; i < table_.size(); ++i) table_[i] = static_cast<float>(i) / 255.0f;
  }
  void operator()(std::span<const uint8_t> pixels, float* out) const {
    for (size_t i = 0; i < pixels.size(); ++i) out[i] = table_[pixels[i]];
  }

 private:
  std::array<float, 256> table_;
};

}  // namespace gradus
