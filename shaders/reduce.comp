// Reductions over some dimensions. A workgroup for each element of the result; its lanes take what
// lies LANES apart, then their totals are joined in a tree, so the order never depends on the device.
// Where there is little to do, a lane does it alone (LANES 1).
//   REDUCE  SUM and PROD, of floats over a divisor, of whole numbers and bools to int64; MAX and MIN,
//           for which nan counts more than any number
//   TYPE    of the input, see elements.glsl
//   LANES   of a workgroup for one element; 1 or 64
#version 450
#extension GL_GOOGLE_include_directive : require
#define SUM 0
#define PROD 1
#define MAX 2
#define MIN 3
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
  float divisor;
};

#if REDUCE == SUM || REDUCE == PROD
#if TYPE == FLOAT32
#define total_t float
#define IDENTITY float(REDUCE)
#define TERM(i) READ(a_words, i)
#define STORE(i, value) result[i] = floatBitsToUint((value) / divisor)
#if REDUCE == SUM
#define COMBINE(a, b) ((a) + (b))
#else
#define COMBINE(a, b) ((a) * (b))
#endif
#else  // whole numbers in 64 bits
#define total_t uvec2
#define IDENTITY uvec2(uint(REDUCE), 0u)
#if TYPE == INT64
#define TERM(i) READ(a_words, i)
#elif TYPE == INT32
#define TERM(i) uvec2(a_words[i], uint(int(a_words[i]) >> 31))
#else
#define TERM(i) uvec2(READ(a_words, i), 0u)
#endif
#if REDUCE == SUM
#define COMBINE(a, b) i64_add(a, b)
#else
#define COMBINE(a, b) i64_mul(a, b)
#endif
#define STORE(i, value) result[2u * (i)] = (value).x; result[2u * (i) + 1u] = (value).y
#endif
#else
#define total_t element
#define TERM(i) READ(a_words, i)
#define STORE(i, value) WRITE(result, i, value)
#define COMBINE(a, b) chosen(a, b)
#define IS_MAX (REDUCE == MAX)
#if TYPE == FLOAT32
#define IDENTITY uintBitsToFloat(IS_MAX ? 0xff800000u : 0x7f800000u)
bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
float chosen(float a, float b) {
  return is_nan(a) ? a : is_nan(b) ? b : (IS_MAX ? a > b : a < b) ? a : b;
}
#elif TYPE == INT64
#define IDENTITY (IS_MAX ? uvec2(0u, 0x80000000u) : uvec2(0xffffffffu, 0x7fffffffu))
uvec2 chosen(uvec2 a, uvec2 b) { return i64_less(a, b) == IS_MAX ? b : a; }
#elif TYPE == INT32
#define IDENTITY (IS_MAX ? int(0x80000000u) : 0x7fffffff)
int chosen(int a, int b) { return IS_MAX ? max(a, b) : min(a, b); }
#else
#define IDENTITY (IS_MAX ? 0u : 0xffu)
uint chosen(uint a, uint b) { return IS_MAX ? max(a, b) : min(a, b); }
#endif
#endif

// Every `step`-th term from `begin` on, in blocks, so that rounding errors do not pile up.
total_t part(uint base, uint begin, uint step) {
  total_t total = IDENTITY;
  for (uint block = begin; block < reduced.count; block += 64u * step) {
    total_t inner = IDENTITY;
    uint end = min(reduced.count, block + 64u * step);
    for (uint i = block; i < end; i += step) {
      inner = COMBINE(inner, TERM(base + dot_strides(place_of(reduced, i), reduced_strides)));
    }
    total = COMBINE(total, inner);
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
      if (lane < half_count) sums[lane] = COMBINE(sums[lane], sums[lane + half_count]);
      barrier();
    }
    if (lane == 0u) {
      STORE(offsets[0] + o, sums[0]);
    }
    barrier();
  }
}
#endif
