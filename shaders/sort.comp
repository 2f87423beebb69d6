// One pass of a stable merge sort of places: runs of `width` places that are in order become runs of
// twice that. Each element finds by itself where it goes: after those of its own run before it, and
// after those of the neighbouring run that come before it.
//   TYPE  of the keys, see elements.glsl
#version 450
#extension GL_GOOGLE_include_directive : require
#include "elements.glsl"
#include "grid.glsl"
#if TYPE == INT64
#include "int64.glsl"
#else
#include "functions.glsl"
#endif

layout(binding = 0, std430) buffer Out { uint sorted[]; };  // places within a row
layout(binding = 1, std430) readonly buffer In { uint places[]; };
layout(binding = 2, std430) readonly buffer Keys { uint keys[]; };

layout(push_constant, std430) uniform Params {
  uint rows;
  uint n;  // in a row
  uint width;
  uint descending;
  uint offsets[3];
};

// nan is the largest.
bool less(element a, element b) {
#if TYPE == FLOAT32
  return !m_isnan(a) && (m_isnan(b) || a < b);
#else
  return op_lt(a, b);
#endif
}
bool before(element a, element b) { return descending != 0u ? less(b, a) : less(a, b); }

uint place_at(uint row, uint i) { return width == 1u ? i : places[offsets[1] + row * n + i]; }
element key_at(uint row, uint i) { return READ(keys, offsets[2] + row * n + place_at(row, i)); }

void main() {
  for (uint each = first(); each < rows * n; each += lanes()) {
    uint row = each / n;
    uint i = each % n;
    uint base = i / (2u * width) * 2u * width;
    uint middle = min(base + width, n);
    uint end = min(base + 2u * width, n);
    bool is_left = i < middle;
    element key = key_at(row, i);
    // How many of the other run come before it; of equal ones, those of the left run.
    uint low = is_left ? middle : base;
    uint high = is_left ? end : middle;
    uint begin = low;
    while (low < high) {
      uint probe = (low + high) / 2u;
      element other = key_at(row, probe);
      bool comes_first = is_left ? before(other, key) : !before(key, other);
      if (comes_first) {
        low = probe + 1u;
      } else {
        high = probe;
      }
    }
    uint own = is_left ? i - base : i - middle;
    sorted[offsets[0] + row * n + base + own + (low - begin)] = place_at(row, i);
  }
}
