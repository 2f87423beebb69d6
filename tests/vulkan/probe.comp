// FUNCTION of each element, of INPUTS buffers.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "functions.glsl"
#include "grid.glsl"

layout(binding = 0, std430) buffer Out { float result[]; };
layout(binding = 1, std430) readonly buffer A { float a[]; };
layout(binding = 2, std430) readonly buffer B { float b[]; };
layout(push_constant, std430) uniform Params { uint count; };

void main() {
  for (uint i = first(); i < count; i += lanes()) {
#if INPUTS == 1
    result[i] = FUNCTION(a[i]);
#else
    result[i] = FUNCTION(a[i], b[i]);
#endif
  }
}
