// Copies elements from one layout to another, or sets them all to one value (FILLS). TYPE by the
// size of an element alone: INT32 for four bytes, INT64 for eight, UINT8 for one.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "elements.glsl"
#include "grid.glsl"

layout(binding = 0, std430) buffer Out { uint result[]; };
#if !FILLS
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };
#endif

layout(push_constant, std430) uniform Params {
  Shape shape;
  uint offsets[4];
  uint strides[4][RANK];
  uvec2 attrs[2];
};

void main() {
  for (uint i = first(); i < shape.count; i += lanes()) {
    uint index[RANK] = place_of(shape, i);
#if FILLS
    element value = NUMBER(attrs[0].x, attrs[0].y);
#else
    element value = READ(a_words, offsets[1] + dot_strides(index, strides[1]));
#endif
    uint at = offsets[0] + dot_strides(index, strides[0]);
    WRITE(result, at, value);
  }
}
