// An op on each element, of one tensor or of two that are broadcast. Compiled once for each such op
// of core/op/all_ops.inc and each type it works on:
//   FUNCTION  op_exp, … in scalar_ops.glsl or int64.glsl
//   INPUTS    1 or 2
//   ATTRS     how many attributes the function takes, up to 2
//   COMPARES  1 where the result is bool
//   TYPE      of the inputs, see elements.glsl
#version 450
#extension GL_GOOGLE_include_directive : require
#include "elements.glsl"
#if TYPE == INT64
#include "int64.glsl"
#else
#include "functions.glsl"
#endif
#include "grid.glsl"

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };
#if INPUTS == 2
layout(binding = 2, std430) readonly buffer B { uint b_words[]; };
#endif

layout(push_constant, std430) uniform Params {
  Shape shape;
  uint offsets[4];  // of the first element, in elements: result, a, b
  uint strides[4][RANK];
  uvec2 attrs[2];
};

#if COMPARES
#define TYPE_OF_RESULT bool
#else
#define TYPE_OF_RESULT element
#endif

TYPE_OF_RESULT value_at(uint index[RANK]) {
  element a = READ(a_words, offsets[1] + dot_strides(index, strides[1]));
#if INPUTS == 2
  element b = READ(b_words, offsets[2] + dot_strides(index, strides[2]));
#endif
#if INPUTS == 1 && ATTRS == 0
  return FUNCTION(a);
#elif INPUTS == 1
#if ATTRS == 2
  return FUNCTION(a, NUMBER(attrs[0].x, attrs[0].y), NUMBER(attrs[1].x, attrs[1].y));
#else
  return FUNCTION(a, NUMBER(attrs[0].x, attrs[0].y));
#endif
#elif ATTRS == 0
  return FUNCTION(a, b);
#else
  return FUNCTION(a, b, NUMBER(attrs[0].x, attrs[0].y));
#endif
}

void main() {
#if COMPARES  // four results to a word; they lie side by side
  for (uint word = first(); 4u * word < shape.count; word += lanes()) {
    uint bytes = 0u;
    for (uint k = 0u; k < 4u && 4u * word + k < shape.count; ++k) {
      if (value_at(place_of(shape, 4u * word + k))) bytes |= 1u << (8u * k);
    }
    result[(offsets[0] >> 2) + word] = bytes;
  }
#else
  for (uint i = first(); i < shape.count; i += lanes()) {
    uint index[RANK] = place_of(shape, i);
    TYPE_OF_RESULT value = value_at(index);
    uint at = offsets[0] + dot_strides(index, strides[0]);
    WRITE(result, at, value);
  }
#endif
}
