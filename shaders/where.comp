// Elements of a or b, as a condition says. TYPE by the size of an element alone, as in copy.comp.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "elements.glsl"
#include "grid.glsl"

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer Condition { uint condition[]; };
layout(binding = 2, std430) readonly buffer A { uint a_words[]; };
layout(binding = 3, std430) readonly buffer B { uint b_words[]; };

layout(push_constant, std430) uniform Params {
  Shape shape;
  uint offsets[4];
  uint strides[4][RANK];
  uvec2 attrs[2];
};

void main() {
  for (uint i = first(); i < shape.count; i += lanes()) {
    uint index[RANK] = place_of(shape, i);
    uint which = offsets[1] + dot_strides(index, strides[1]);
    uint at = offsets[0] + dot_strides(index, strides[0]);
    bool yes = (condition[which >> 2] >> (8u * (which & 3u)) & 0xffu) != 0u;
    element value;
    if (yes) {
      value = READ(a_words, offsets[2] + dot_strides(index, strides[2]));
    } else {
      value = READ(b_words, offsets[3] + dot_strides(index, strides[3]));
    }
    WRITE(result, at, value);
  }
}
