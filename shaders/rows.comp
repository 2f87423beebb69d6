// Work on the elements along one dimension of a dense tensor, a lane for each row. The tensor is
// outer × count × inner.
//   ROWS  LOG_SOFTMAX, SOFTMAX, ARGMAX, ARGMIN, CUMSUM or CUMPROD
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOG_SOFTMAX 0
#define SOFTMAX 1
#define ARGMAX 2
#define ARGMIN 3
#define CUMSUM 4
#define CUMPROD 5
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

uint first_of(uint row) { return row / inner * count * inner + row % inner; }

#if ROWS == LOG_SOFTMAX || ROWS == SOFTMAX
void main() {
  for (uint row = first(); row < rows; row += lanes()) {
    uint base = first_of(row);
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
#if ROWS == LOG_SOFTMAX
    float log_total = m_log(total);
#endif
    for (uint k = 0u; k < count; ++k) {
      uint at = base + k * inner;
#if ROWS == LOG_SOFTMAX
      precise float y = (READ(a_words, offsets[1] + at) - most) - log_total;
#else
      precise float y = m_exp(READ(a_words, offsets[1] + at) - most) / total;
#endif
      result[offsets[0] + at] = floatBitsToUint(y);
    }
  }
}
#elif ROWS == ARGMAX || ROWS == ARGMIN

// The first of equal ones; a nan counts more than any number.
bool beats(element value, element held) {
#if ROWS == ARGMAX
#define BEFORE(a, b) op_gt(a, b)
#else
#define BEFORE(a, b) op_lt(a, b)
#endif
#if TYPE == FLOAT32
  return !m_isnan(held) && (m_isnan(value) || BEFORE(value, held));
#else
  return BEFORE(value, held);
#endif
}

void main() {
  for (uint row = first(); row < rows; row += lanes()) {
    uint base = offsets[1] + first_of(row);
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
#else
void main() {
  for (uint row = first(); row < rows; row += lanes()) {
    uint base = first_of(row);
    element total;
    for (uint k = 0u; k < count; ++k) {
      uint at = base + k * inner;
      element x = READ(a_words, offsets[1] + at);
      if (k == 0u) {
        total = x;
#if ROWS == CUMSUM && TYPE == INT64
      } else {
        total = i64_add(total, x);
#elif ROWS == CUMSUM
      } else {
        total += x;
#else
      } else {
        total = op_mul(total, x);
#endif
      }
      WRITE(result, offsets[0] + at, total);
    }
  }
}
#endif
