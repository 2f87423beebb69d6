// Work on the elements along one dimension of a dense tensor, a lane for each row: log_softmax and
// argmax. The tensor is outer × count × inner.
//   ROWS  LOG_SOFTMAX or ARGMAX
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOG_SOFTMAX 0
#define ARGMAX 1
#include "elements.glsl"
#include "grid.glsl"
#if TYPE == INT64
#include "int64.glsl"
#else
#include "functions.glsl"
#endif

layout(binding = 0, std430) buffer Out { uint result[]; };
layout(binding = 1, std430) readonly buffer A { uint a_words[]; };

layout(push_constant, std430) uniform Params {
  uint rows;  // outer × inner
  uint count;
  uint inner;
  uint offsets[2];
};

#if ROWS == LOG_SOFTMAX
void main() {
  for (uint row = first(); row < rows; row += lanes()) {
    uint base = row / inner * count * inner + row % inner;
    float most = -K_INFINITY;
    for (uint k = 0u; k < count; ++k) {
      float x = READ(a_words, offsets[1] + base + k * inner);
      if (m_isnan(x) || x > most) most = x;
      if (m_isnan(most)) break;
    }
    // -inf minus -inf is nan, as it should be of a row of nothing else.
    float total = 0.0;
    for (uint k = 0u; k < count; ++k) {
      total += m_exp(READ(a_words, offsets[1] + base + k * inner) - most);
    }
    float log_total = m_log(total);
    for (uint k = 0u; k < count; ++k) {
      uint at = base + k * inner;
      precise float y = (READ(a_words, offsets[1] + at) - most) - log_total;
      result[offsets[0] + at] = floatBitsToUint(y);
    }
  }
}
#else

// The first of equal ones; a nan counts as largest.
bool beats(element value, element held) {
#if TYPE == FLOAT32
  return !m_isnan(held) && (m_isnan(value) || value > held);
#elif TYPE == INT64
  return i64_less(held, value);
#else
  return value && !held;
#endif
}

void main() {
  for (uint row = first(); row < rows; row += lanes()) {
    uint base = offsets[1] + row / inner * count * inner + row % inner;
    uint best = 0u;
    element held = READ(a_words, base);
    for (uint k = 1u; k < count; ++k) {
      element value = READ(a_words, base + k * inner);
      if (beats(value, held)) {
        best = k;
        held = value;
      }
    }
    result[2u * (offsets[0] + row)] = best;
    result[2u * (offsets[0] + row) + 1u] = 0u;
  }
}
#endif
