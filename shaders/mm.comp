// Matrix products out = a b, or out = bias + a b, of matrices with any strides.
//   TYPE   of the elements; of whole numbers it is exact
//   TILED  1: a workgroup computes a tile of 64 × 64, its parts of a and b in shared memory: for
//          GPUs. 0: a lane computes 8 × 8 by itself, which suits devices whose lanes share a core
//          and whose barriers are dear.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "elements.glsl"
#if TYPE == INT64
#include "int64.glsl"
#endif

layout(local_size_x = 64) in;

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };
layout(binding = 2, std430) readonly buffer B { uint b_words[]; };
layout(binding = 3, std430) readonly buffer Bias { uint bias_words[]; };  // or anything

layout(push_constant, std430) uniform Params {
  uint rows, inner, columns;
  uint offsets[4];  // result, a, b, bias
  uint a_strides[2];
  uint b_strides[2];
  uint bias_strides[2];
  uint has_bias;
};

#if TYPE == FLOAT32
#define ZERO 0.0
#define FMA(a, b, c) ((c) + (a) * (b))
#define PLUS(a, b) ((a) + (b))
#elif TYPE == INT64
#define ZERO uvec2(0u)
#define FMA(a, b, c) i64_add(c, i64_mul(a, b))
#define PLUS(a, b) i64_add(a, b)
#else
#define ZERO element(0)
#define FMA(a, b, c) ((c) + (a) * (b))
#define PLUS(a, b) ((a) + (b))
#endif

element a_at(uint r, uint k) {
  return READ(a_words, offsets[1] + r * a_strides[0] + k * a_strides[1]);
}
element b_at(uint k, uint c) {
  return READ(b_words, offsets[2] + k * b_strides[0] + c * b_strides[1]);
}

void store(uint r, uint c, element value) {
  if (has_bias != 0u) {
    value = PLUS(value, READ(bias_words, offsets[3] + r * bias_strides[0] + c * bias_strides[1]));
  }
  WRITE(result, offsets[0] + r * columns + c, value);
}

#if !TILED
// Lanes walk over 8 × 8 blocks of the result.
void main() {
  uint across = (columns + 7u) / 8u;
  uint blocks = (rows + 7u) / 8u * across;
  for (uint block = gl_GlobalInvocationID.x; block < blocks;
       block += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
    uint r0 = block / across * 8u;
    uint c0 = block % across * 8u;
    element sums[8][8];
    for (uint i = 0u; i < 8u; ++i) {
      for (uint j = 0u; j < 8u; ++j) sums[i][j] = ZERO;
    }
    for (uint k = 0u; k < inner; ++k) {
      element left[8], right[8];
      for (uint i = 0u; i < 8u; ++i) left[i] = a_at(min(r0 + i, rows - 1u), k);
      for (uint j = 0u; j < 8u; ++j) right[j] = b_at(k, min(c0 + j, columns - 1u));
      for (uint i = 0u; i < 8u; ++i) {
        for (uint j = 0u; j < 8u; ++j) sums[i][j] = FMA(left[i], right[j], sums[i][j]);
      }
    }
    for (uint i = 0u; i < 8u && r0 + i < rows; ++i) {
      for (uint j = 0u; j < 8u && c0 + j < columns; ++j) store(r0 + i, c0 + j, sums[i][j]);
    }
  }
}
#else
// 64 lanes, each 8 × 8 of a tile of 64 × 64; K of the inner dimension at a time, so that both parts
// fit into 16 KiB, which every device shares. There may be fewer workgroups than tiles.
#if TYPE == FLOAT32
const uint K = 16u;
#else
const uint K = 8u;
#endif
shared element a_tile[K][65];
shared element b_tile[K][65];

void multiply_tile(uint r0, uint c0) {
  uint lane = gl_LocalInvocationID.x;
  uint my_row = lane / 8u * 8u;
  uint my_column = lane % 8u;  // columns my_column + 8 j: neighbours read neighbours
  element sums[8][8];
  for (uint i = 0u; i < 8u; ++i) {
    for (uint j = 0u; j < 8u; ++j) sums[i][j] = ZERO;
  }
  bool a_along = a_strides[1] == 1u;  // neighbouring lanes should read neighbouring numbers
  bool b_along = b_strides[1] == 1u;
  for (uint k0 = 0u; k0 < inner; k0 += K) {
    for (uint t = lane; t < K * 64u; t += 64u) {
      uint k = a_along ? t % K : t / 64u;
      uint r = a_along ? t / K : t % 64u;
      bool inside = r0 + r < rows && k0 + k < inner;
      a_tile[k][r] = inside ? a_at(r0 + r, k0 + k) : ZERO;
      k = b_along ? t / 64u : t % K;
      uint c = b_along ? t % 64u : t / K;
      inside = c0 + c < columns && k0 + k < inner;
      b_tile[k][c] = inside ? b_at(k0 + k, c0 + c) : ZERO;
    }
    barrier();
    for (uint k = 0u; k < K; ++k) {
      element left[8], right[8];
      for (uint i = 0u; i < 8u; ++i) left[i] = a_tile[k][my_row + i];
      for (uint j = 0u; j < 8u; ++j) right[j] = b_tile[k][my_column + 8u * j];
      for (uint i = 0u; i < 8u; ++i) {
        for (uint j = 0u; j < 8u; ++j) sums[i][j] = FMA(left[i], right[j], sums[i][j]);
      }
    }
    barrier();
  }
  for (uint i = 0u; i < 8u; ++i) {
    for (uint j = 0u; j < 8u; ++j) {
      uint r = r0 + my_row + i;
      uint c = c0 + my_column + 8u * j;
      if (r < rows && c < columns) store(r, c, sums[i][j]);
    }
  }
}

void main() {
  uint across = (columns + 63u) / 64u;
  uint tiles = (rows + 63u) / 64u * across;
  for (uint tile = gl_WorkGroupID.x; tile < tiles; tile += gl_NumWorkGroups.x) {
    multiply_tile(tile / across * 64u, tile % across * 64u);
  }
}
#endif
