// Elements looked up where `where_` says (places.comp): out[…] = x[… + where_[…]], and the other way
// round. TYPE by the size of an element alone, as in copy.comp.
//   TAKES  TAKE; PUT, which writes `result` to x's places; or KEYS, which writes the places
#version 450
#extension GL_GOOGLE_include_directive : require
#define TAKE 0
#define PUT 1
#define KEYS 2
#include "elements.glsl"
#include "grid.glsl"

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) buffer X { uint x_words[]; };
layout(binding = 2, std430) readonly buffer Where { uint where_[]; };

layout(push_constant, std430) uniform Params {
  Shape shape;
  uint offsets[4];  // result, x, where
  uint strides[4][RANK];
  uvec2 attrs[2];
};

void main() {
  for (uint i = first(); i < shape.count; i += lanes()) {
    uint index[RANK] = place_of(shape, i);
    uint at = offsets[0] + dot_strides(index, strides[0]);
    uint where_to = where_[offsets[2] + dot_strides(index, strides[2])];
    uint there = offsets[1] + dot_strides(index, strides[1]) + where_to;
#if TAKES == KEYS
    result[at] = where_to == 0xffffffffu ? where_to : there;
#else
    if (where_to == 0xffffffffu) continue;  // out of range, see places.comp
#if TAKES == TAKE
    element value = READ(x_words, there);
    WRITE(result, at, value);
#else
    element value = READ(result, at);
    WRITE(x_words, there, value);
#endif
#endif
  }
}
