// A dense matrix, or each of a batch, with 0 beyond a diagonal. TYPE by the size of an element alone.
//   LOWER  1 for tril, 0 for triu
#version 450
#extension GL_GOOGLE_include_directive : require
#include "elements.glsl"
#include "grid.glsl"

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };

layout(push_constant, std430) uniform Params {
  uint count;
  uint rows;
  uint columns;
  int diagonal;
  uint offsets[2];
};

void main() {
  for (uint i = first(); i < count; i += lanes()) {
    int off = int(i % columns) - int(i / columns % rows);
    bool keeps = LOWER != 0 ? off <= diagonal : off >= diagonal;
    element value = NUMBER(0u, 0u);
    if (keeps) value = READ(a_words, offsets[1] + i);
    WRITE(result, offsets[0] + i, value);
  }
}
