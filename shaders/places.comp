// What index tensors say, as offsets into the tensor that is looked into: see IndexWalk in
// core/op/index_rules.h. One dispatch for each dimension that is looked up. An index that is out of
// range becomes 0xffffffff, which nobody follows: it is reported, and the host says so at its next wait.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "grid.glsl"

layout(binding = 0, std430) buffer Where { uint where_[]; };
layout(binding = 1, std430) readonly buffer Index { uint index_words[]; };  // int64, dense
layout(binding = 2, std430) buffer Report { uint report[]; };

layout(push_constant, std430) uniform Params {
  uint count;
  uint offsets[2];
  uint size;    // of the dimension
  uint stride;  // of the dimension
  uint from_the_end;
  uint adds;  // not the first dimension
  uint dim;
  uint call;  // what a report is of
};

void main() {
  for (uint i = first(); i < count; i += lanes()) {
    uint low = index_words[2u * (offsets[1] + i)];
    uint high = index_words[2u * (offsets[1] + i) + 1u];
    bool negative = (high >> 31) != 0u;
    uint at = negative ? low + size : low;
    bool fits = size != 0u && (negative ? from_the_end != 0u && high == 0xffffffffu && low >= 0u - size
                         : high == 0u && low < size);
    if (!fits) {
      if (atomicCompSwap(report[0], 0u, call) == 0u) {
        report[1] = dim;
        report[2] = low;
        report[3] = high;
        report[4] = size;
      }
    }
    uint before = adds != 0u ? where_[offsets[0] + i] : 0u;
    where_[offsets[0] + i] =
        fits && before != 0xffffffffu ? before + at * stride : 0xffffffffu;
  }
}
