// Adds values to the places that keys say, where several may go to one: keys come sorted, and the
// lane at the first of equal ones adds them all, in their order, so that the bits never change.
//   TYPE  of the values, see elements.glsl
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "elements.glsl"
#include "grid.glsl"
#if TYPE == INT64
#include "int64.glsl"
#endif

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer Order { uint order[]; };
layout(binding = 2, std430) readonly buffer Keys { uint keys[]; };
layout(binding = 3, std430) readonly buffer Values { uint values[]; };

layout(push_constant, std430) uniform Params {
  uint n;
  uint offsets[3];  // order, keys, values
};

uint key_at(uint i) { return keys[offsets[1] + order[offsets[0] + i]]; }

void main() {
  for (uint i = first(); i < n; i += lanes()) {
    uint key = key_at(i);
    if (i > 0u && key_at(i - 1u) == key || key == 0xffffffffu) continue;
    element total = READ(result, key);
    // Sixteen at a time: some drivers' loops do not go round as often as one likes.
    bool same = true;
    for (uint k = i; same; k += 16u) {
      [[unroll]] for (uint u = 0u; u < 16u; ++u) {
        same = same && k + u < n && key_at(min(k + u, n - 1u)) == key;
        if (same) {
          element value = READ(values, offsets[2] + order[offsets[0] + k + u]);
#if TYPE == INT64
          total = i64_add(total, value);
#else
          total += value;
#endif
        }
      }
    }
    WRITE(result, key, total);
  }
}
