// How far a float is from the true value.
#pragma once

#include <algorithm>
#include <cmath>

namespace gradus {

inline bool is_subnormal(double x) { return x != 0 && std::fabs(x) < 1.17549435e-38; }

// The distance in units of the last place of the true value; infinite where one is nan or infinite
// and the other is not (the largest finite float and infinity are neighbours).
inline double ulps(float got, double want) {
  const auto rounded = static_cast<float>(want);
  if (std::isnan(want) || std::isnan(got)) {
    return std::isnan(want) && std::isnan(got) ? 0 : INFINITY;
  }
  if (std::isinf(rounded) || std::isinf(got)) {
    if (rounded == got) return 0;
    const double other = std::isinf(got) ? std::fabs(want) : std::fabs(static_cast<double>(got));
    return other > 3.4028230e38 ? 1 : static_cast<double>(INFINITY);
  }
  int exponent = 0;
  std::frexp(want, &exponent);
  return std::fabs(static_cast<double>(got) - want) /
         std::ldexp(1.0, std::max(exponent - 24, -149));
}

}  // namespace gradus
