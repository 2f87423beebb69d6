// One update of torch.optim.SGD on dense tensors.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "grid.glsl"

layout(binding = 0, std430) buffer Parameter { float parameter[]; };
layout(binding = 1, std430) readonly buffer Grad { float grad[]; };
layout(binding = 2, std430) buffer Momentum { float momentum_buffer[]; };  // or anything

layout(push_constant, std430) uniform Params {
  uint count;
  uint offsets[3];
  float lr;
  float momentum;
  uint has_buffer;
  uint first_time;
};

void main() {
  for (uint i = first(); i < count; i += lanes()) {
    precise float step = grad[offsets[1] + i];
    if (has_buffer != 0u) {
      if (first_time == 0u) step += momentum * momentum_buffer[offsets[2] + i];
      momentum_buffer[offsets[2] + i] = step;
    }
    precise float w = parameter[offsets[0] + i] - lr * step;
    parameter[offsets[0] + i] = w;
  }
}
