// How shaders are told of tensors' layouts: the structs of shaders/grid.glsl.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/error.h"
#include "core/op/attrs.h"
#include "core/tensor/tensor.h"

namespace gradus::vulkan {

inline constexpr size_t kRank = 4;     // as in grid.glsl
inline constexpr size_t kTensors = 4;  // of one walk

inline uint32_t u32(int64_t x) { return static_cast<uint32_t>(x); }

// The name of a dtype in shaders'; throws Error for float64.
const char* type_name(const char* op, DType dtype);
// That of a dtype of the same size, for what only moves elements.
const char* size_name(const char* op, DType dtype);

// Sizes of up to kRank dimensions, and the strides of up to kTensors over them.
struct Walk {
  uint32_t count = 0;
  uint32_t sizes[kRank] = {1, 1, 1, 1};
  uint32_t offsets[kTensors] = {};
  uint32_t strides[kTensors][kRank] = {};
  uint32_t padding = 0;  // attributes start at a multiple of 8 bytes
  uint32_t attrs[2][2] = {};
};
static_assert(sizeof(Walk) == 120);

// An attribute as the two words that a shader of this type takes. What a whole number cannot hold
// becomes its farthest.
std::array<uint32_t, 2> words_of(const AttrValue& value, DType dtype);

// Calls `each` with walks over all elements of tensors of the sizes `sizes`, whose strides and
// offsets are given; dimensions beyond kRank are gone through here.
template <typename Each>
void for_each_walk(Dims sizes, std::vector<Dims> strides, const std::vector<int64_t>& offsets,
                   Each&& each) {
  merge_dims(sizes, strides);
  const size_t outer = sizes.size() > kRank ? sizes.size() - kRank : 0;
  int64_t rounds = 1;
  for (size_t d = 0; d < outer; ++d) rounds *= sizes[d];
  for (int64_t round = 0; round < rounds; ++round) {
    Walk walk;
    walk.count = 1;
    for (size_t t = 0; t < strides.size(); ++t) {
      int64_t offset = offsets[t];
      int64_t rest = round;
      for (size_t d = outer; d-- > 0;) {
        offset += rest % sizes[d] * strides[t][d];
        rest /= sizes[d];
      }
      walk.offsets[t] = u32(offset);
      for (size_t d = outer; d < sizes.size(); ++d) {
        walk.strides[t][kRank - sizes.size() + d] = u32(strides[t][d]);
      }
    }
    for (size_t d = outer; d < sizes.size(); ++d) {
      walk.sizes[kRank - sizes.size() + d] = u32(sizes[d]);
      walk.count *= u32(sizes[d]);
    }
    each(walk);
  }
}

}  // namespace gradus::vulkan
