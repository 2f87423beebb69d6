// The same numbers in another dtype: FROM and TO are types of elements.glsl. Whole numbers from
// floats are cut off towards zero; what int64 or int32 cannot hold is its smallest number, as on the
// CPU.
#version 450
#extension GL_GOOGLE_include_directive : require
#define FLOAT32 0
#define INT64 1
#define BOOL 2
#define INT32 3
#define UINT8 4
#include "grid.glsl"
#include "int64.glsl"

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };

layout(push_constant, std430) uniform Params {
  Shape shape;
  uint offsets[4];
  uint strides[4][RANK];
  uvec2 attrs[2];
};

uvec2 i64_from_float(float x) {
  const uvec2 smallest = uvec2(0u, 0x80000000u);
  uint bits = floatBitsToUint(x);
  int exponent = int(bits >> 23 & 0xffu) - 127;  // of the leading one
  if (exponent < 0) return uvec2(0u);
  if (exponent > 62) return smallest;  // nan and infinities as well
  uint mantissa = bits & 0x7fffffu | 0x800000u;
  uvec2 size;
  if (exponent <= 23) {
    size = uvec2(mantissa >> (23 - exponent), 0u);
  } else {
    int left = exponent - 23;  // 1 to 39
    size = left < 32 ? uvec2(mantissa << left, mantissa >> (32 - left))
                     : uvec2(0u, mantissa << (left - 32));
  }
  return (bits >> 31) != 0u ? i64_neg(size) : size;
}

// Rounded to nearest, ties to even.
float float_from_i64(uvec2 a) {
  bool negative = (a.y >> 31) != 0u;
  uvec2 size = negative ? i64_neg(a) : a;
  int top = size.y != 0u ? 32 + findMSB(size.y) : findMSB(size.x);
  if (top < 0) return 0.0;
  uint mantissa;  // 24 bits
  bool more_than_half = false;
  bool half_way = false;
  if (top <= 23) {
    mantissa = size.x << (23 - top);
  } else {
    int right = top - 23;  // 1 to 40
    uvec2 rest;  // what is cut off, below a half of 1 << right
    if (right < 32) {
      mantissa = size.x >> right | (size.y << (31 - right)) << 1;
      rest = uvec2(size.x & ((1u << right) - 1u), 0u);
    } else {
      mantissa = size.y >> (right - 32);
      rest = uvec2(size.x, size.y & ((1u << (right - 32)) - 1u));
    }
    uvec2 half_of = right - 1 < 32 ? uvec2(1u << (right - 1), 0u) : uvec2(0u, 1u << (right - 33));
    half_way = rest == half_of;
    more_than_half = rest.y == half_of.y ? rest.x > half_of.x : rest.y > half_of.y;
  }
  if (more_than_half || half_way && (mantissa & 1u) != 0u) ++mantissa;
  // A mantissa of 1 << 24 carries into the exponent, as it should.
  uint bits = (uint(top + 127) << 23) + (mantissa - 0x800000u);
  return uintBitsToFloat(negative ? bits | 0x80000000u : bits);
}

#if FROM != FLOAT32
uvec2 whole_at(uint i) {
#if FROM == INT64
  return uvec2(a_words[2u * i], a_words[2u * i + 1u]);
#elif FROM == INT32
  return uvec2(a_words[i], uint(int(a_words[i]) >> 31));
#else
  return uvec2(a_words[i >> 2] >> (8u * (i & 3u)) & 0xffu, 0u);
#endif
}
#endif

void write_byte(uint i, uint value) {
  atomicAnd(result[i >> 2], ~(0xffu << (8u * (i & 3u))));
  atomicOr(result[i >> 2], value << (8u * (i & 3u)));
}

void main() {
  for (uint i = first(); i < shape.count; i += lanes()) {
    uint index[RANK] = place_of(shape, i);
    uint from = offsets[1] + dot_strides(index, strides[1]);
    uint to = offsets[0] + dot_strides(index, strides[0]);
#if FROM == FLOAT32
    uint bits = a_words[from];
    bool is_true = (bits & 0x7fffffffu) != 0u;
    uvec2 whole = i64_from_float(uintBitsToFloat(bits));
#if TO == INT32
    if ((bits & 0x7fffffffu) >= 0x4f000000u) whole.x = 0x80000000u;  // 2^31 and more
#endif
#else
    uvec2 whole = whole_at(from);
    bool is_true = (whole.x | whole.y) != 0u;
#endif
#if TO == BOOL
    write_byte(to, is_true ? 1u : 0u);
#elif TO == UINT8
    write_byte(to, whole.x & 0xffu);
#elif TO == FLOAT32
    result[to] = floatBitsToUint(float_from_i64(whole));
#elif TO == INT32
    result[to] = whole.x;
#else
    result[2u * to] = whole.x;
    result[2u * to + 1u] = whole.y;
#endif
  }
}
