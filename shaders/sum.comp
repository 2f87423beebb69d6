// Sums over some dimensions, times a factor: sum and mean. A workgroup for each element of the
// result; its lanes add what lies LANES apart, then their sums in a tree, so the order never
// depends on the device. Where there is little to add, a lane does it alone (LANES 1).
//   TYPE   of the input: FLOAT32, INT64, or BOOL, whose sum is a count (int64)
//   LANES  of a workgroup for one element; 1 or 64
#version 450
#extension GL_GOOGLE_include_directive : require
#include "elements.glsl"
#include "grid.glsl"
#include "int64.glsl"

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };

layout(push_constant, std430) uniform Params {
  Shape kept;     // the result's
  Shape reduced;  // what is summed for each
  uint offsets[2];
  uint kept_strides[RANK];
  uint reduced_strides[RANK];
  float factor;
};

#if TYPE == FLOAT32
#define total_t float
#define ZERO 0.0
#define PLUS(a, b) ((a) + (b))
#define TERM(i) READ(a_words, i)
#define STORE(i, value) result[i] = floatBitsToUint((value) * factor)
#else
#define total_t uvec2
#define ZERO uvec2(0u)
#define PLUS(a, b) i64_add(a, b)
#if TYPE == BOOL
#define TERM(i) uvec2(READ(a_words, i) ? 1u : 0u, 0u)
#else
#define TERM(i) READ(a_words, i)
#endif
#define STORE(i, value) result[2u * (i)] = (value).x; result[2u * (i) + 1u] = (value).y
#endif

// Every `step`-th term from `begin` on, in blocks, so that rounding errors do not pile up.
total_t part(uint base, uint begin, uint step) {
  total_t total = ZERO;
  for (uint block = begin; block < reduced.count; block += 64u * step) {
    total_t inner = ZERO;
    uint end = min(reduced.count, block + 64u * step);
    for (uint i = block; i < end; i += step) {
      inner = PLUS(inner, TERM(base + dot_strides(place_of(reduced, i), reduced_strides)));
    }
    total = PLUS(total, inner);
  }
  return total;
}

#if LANES == 1
void main() {
  for (uint o = first(); o < kept.count; o += lanes()) {
    uint base = offsets[1] + dot_strides(place_of(kept, o), kept_strides);
    STORE(offsets[0] + o, part(base, 0u, 1u));
  }
}
#else
shared total_t sums[64];

void main() {
  uint lane = gl_LocalInvocationID.x;
  for (uint o = gl_WorkGroupID.x; o < kept.count; o += gl_NumWorkGroups.x) {
    uint base = offsets[1] + dot_strides(place_of(kept, o), kept_strides);
    sums[lane] = part(base, lane, 64u);
    barrier();
    for (uint half_count = 32u; half_count > 0u; half_count >>= 1) {
      if (lane < half_count) sums[lane] = PLUS(sums[lane], sums[lane + half_count]);
      barrier();
    }
    if (lane == 0u) {
      STORE(offsets[0] + o, sums[0]);
    }
    barrier();
  }
}
#endif
