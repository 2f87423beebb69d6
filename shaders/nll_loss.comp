// The losses that look up a class: nll_loss and, with BACKWARD, its gradient. A class that is none
// is not looked up: it is reported, and the host says so at its next wait.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "grid.glsl"
#define NONE 0u
#define MEAN 1u

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };  // log-probabilities, or grad
layout(binding = 2, std430) readonly buffer Target { uint target_words[]; };
layout(binding = 3, std430) buffer Report { uint report[]; };

layout(push_constant, std430) uniform Params {
  uint samples;
  uint classes;
  uint reduction;
  uint offsets[3];
  uint call;  // what a report is of
};

uvec2 label_of(uint i) {
  uint word = 2u * (offsets[2] + i);
  return uvec2(target_words[word], target_words[word + 1u]);
}

// The class of sample i; the number of classes if it is none.
uint class_of(uint i) {
  uvec2 label = label_of(i);
  return label.y == 0u && label.x < classes ? label.x : classes;
}

void report_label_of(uint i) {
  if (atomicCompSwap(report[0], 0u, call) != 0u) return;  // not the first call
  uvec2 label = label_of(i);
  report[1] = i;
  report[2] = label.x;
  report[3] = label.y;
  report[4] = classes;
}

float a_at(uint i) { return uintBitsToFloat(a_words[offsets[1] + i]); }

#if BACKWARD
void main() {
  for (uint i = first(); i < samples * classes; i += lanes()) {
    uint sample_ = i / classes;
    float upstream = a_at(reduction == NONE ? sample_ : 0u);
    float value = 0.0;
    uint which = class_of(sample_);
    if (which == classes) {
      report_label_of(sample_);
    } else if (which == i % classes) {
      value = reduction == MEAN ? -upstream / float(samples) : -upstream;
    }
    result[offsets[0] + i] = floatBitsToUint(value);
  }
}
#else
shared float sums[64];
shared uint first_bad;

void main() {
  uint lane = gl_LocalInvocationID.x;
  if (lane == 0u) first_bad = samples;
  barrier();
  float total = 0.0;
  for (uint i = lane; i < samples; i += 64u) {
    uint which = class_of(i);
    if (which == classes) atomicMin(first_bad, i);
    float value = which < classes ? -a_at(i * classes + which) : 0.0;
    if (reduction == NONE) {
      result[offsets[0] + i] = floatBitsToUint(value);
    }
    total += value;
  }
  sums[lane] = total;
  barrier();
  if (lane == 0u && first_bad < samples) report_label_of(first_bad);
  if (reduction == NONE) return;
  for (uint half_count = 32u; half_count > 0u; half_count >>= 1) {
    if (lane < half_count) sums[lane] += sums[lane + half_count];
    barrier();
  }
  if (lane == 0u) {
    result[offsets[0]] = floatBitsToUint(reduction == MEAN ? sums[0] / float(samples) : sums[0]);
  }
}
#endif
