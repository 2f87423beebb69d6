#include "core/random/generator.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>
#include <utility>

namespace gradus {
namespace {

// MT19937 (Matsumoto and Nishimura, 1998; seeding of 2002).
constexpr int kWords = GeneratorState::kWords;
constexpr int kShift = 397;

constexpr uint32_t twist(uint32_t high, uint32_t low) {
  const uint32_t mixed = (high & 0x80000000u) | (low & 0x7fffffffu);
  return (mixed >> 1) ^ ((0u - (low & 1u)) & 0x9908b0dfu);
}

constexpr uint32_t temper(uint32_t word) {
  word ^= word >> 11;
  word ^= (word << 7) & 0x9d2c5680u;
  word ^= (word << 15) & 0xefc60000u;
  word ^= word >> 18;
  return word;
}

// [0, 1) in steps of 2^-24; exact.
constexpr float unit_float(uint32_t bits) {
  return static_cast<float>(bits & 0xffffffu) * 0x1p-24f;
}

// [0, 1) in steps of 2^-53; exact.
constexpr double unit_double(uint64_t bits) {
  return static_cast<double>(bits & 0x1fffffffffffffu) * 0x1p-53;
}

// Natural logarithm of a positive normal float: the Cephes single-precision scheme. The argument is
// split into 2^exponent * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and
//   log(1 + f) = f - f^2 / 2 + f^3 * P(f),
// while exponent * log(2) is added in two parts. Which steps are fused, and the order of the sums,
// is what decides the last bit here: keep both.
float log_float(float x) {
  constexpr float kCoefficients[] = {7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
                                     -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
                                     2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
  constexpr float kLog2High = 0.693359375f;
  constexpr float kLog2Low = -2.12194440e-4f;
  constexpr float kSqrtHalf = 0.707106781186547524f;

  const uint32_t bits = std::bit_cast<uint32_t>(x);
  float exponent = static_cast<float>(static_cast<int32_t>(bits >> 23) - 126);
  float f = std::bit_cast<float>((bits & 0x007fffffu) | 0x3f000000u);  // in [1/2, 1)
  if (f < kSqrtHalf) {
    exponent -= 1.0f;
    f = f + (f - 1.0f);
  } else {
    f = f - 1.0f;
  }

  const float f2 = f * f;
  float p = kCoefficients[0];
  for (int i = 1; i < 9; ++i) p = std::fma(p, f, kCoefficients[i]);
  float correction = std::fma(p * f, f2, exponent * kLog2Low);
  correction = std::fma(-f2, 0.5f, correction);
  return std::fma(exponent, kLog2High, f + correction);
}

struct SinCos {
  float sin;
  float cos;
};

// Sine and cosine of an angle in [0, 2 * pi]: the Cephes single-precision scheme. The nearest even
// multiple of pi/4 is taken off in three parts, which leaves |r| <= pi/4, and the octant says which
// of the two polynomials in r is the sine and what the signs are.
SinCos sincos_float(float angle) {
  constexpr float kFourOverPi = 1.27323954473516f;
  constexpr float kQuarterPiHigh = 0.78515625f;
  constexpr float kQuarterPiMiddle = 2.4187564849853515625e-4f;
  constexpr float kQuarterPiLow = 3.77489497744594108e-8f;
  constexpr float kSin[] = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};
  constexpr float kCos[] = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};

  const int32_t octant = (static_cast<int32_t>(angle * kFourOverPi) + 1) & ~1;  // 0, 2, 4, 6 or 8
  const float turns = static_cast<float>(octant);
  float r = std::fma(-turns, kQuarterPiHigh, angle);
  r = std::fma(-turns, kQuarterPiMiddle, r);
  r = std::fma(-turns, kQuarterPiLow, r);

  const float r2 = r * r;
  const float c = std::fma(std::fma(kCos[0], r2, kCos[1]), r2, kCos[2]);
  const float cos_r = std::fma(c * r2, r2, -(0.5f * r2)) + 1.0f;
  const float s = std::fma(std::fma(kSin[0], r2, kSin[1]), r2, kSin[2]);
  const float sin_r = std::fma(s * r2, r, r);

  const bool swap = (octant & 2) != 0;
  const float sine = swap ? cos_r : sin_r;
  const float cosine = swap ? sin_r : cos_r;
  return {(octant & 4) != 0 ? -sine : sine, ((octant + 2) & 4) != 0 ? -cosine : cosine};
}

// Turns 16 uniform values into 16 normal ones: pair j is (values[j], values[j + 8]).
void box_muller_16(float* values, float mean, float std) {
  constexpr float kTwoPi = static_cast<float>(2.0 * std::numbers::pi);
  for (int j = 0; j < 8; ++j) {
    const float radius = std::sqrt(-2.0f * log_float(1.0f - values[j]));
    const auto [sine, cosine] = sincos_float(kTwoPi * values[j + 8]);
    values[j] = std::fma(radius * cosine, std, mean);
    values[j + 8] = std::fma(radius * sine, std, mean);
  }
}

void box_muller_16(double* values, double mean, double std) {
  for (int j = 0; j < 8; ++j) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - values[j]));
    const double angle = 2.0 * std::numbers::pi * values[j + 8];
    values[j] = std::fma(radius * std::cos(angle), std, mean);
    values[j + 8] = std::fma(radius * std::sin(angle), std, mean);
  }
}

// The algorithm for arrays of 16 values or more.
template <typename T>
void normal_in_groups(Generator& generator, T* out, int64_t n, T mean, T std) {
  generator.uniform(out, n, 0.0, 1.0);
  for (int64_t i = 0; i + 16 <= n; i += 16) box_muller_16(out + i, mean, std);
  if (n % 16 != 0) {
    T* tail = out + n - 16;
    generator.uniform(tail, 16, 0.0, 1.0);
    box_muller_16(tail, mean, std);
  }
}

}  // namespace

void Generator::manual_seed(uint64_t seed) {
  state_.words[0] = static_cast<uint32_t>(seed);
  for (uint32_t i = 1; i < kWords; ++i) {
    const uint32_t previous = state_.words[i - 1];
    state_.words[i] = 1812433253u * (previous ^ (previous >> 30)) + i;
  }
  state_.index = kWords;
  state_.cached_normal.reset();
}

void Generator::set_state(const GeneratorState& state) {
  assert(state.index <= kWords);
  state_ = state;
}

void Generator::next_block() {
  uint32_t* words = state_.words.data();
  int i = 0;
  for (; i < kWords - kShift; ++i) words[i] = words[i + kShift] ^ twist(words[i], words[i + 1]);
  for (; i < kWords - 1; ++i) {
    words[i] = words[i + kShift - kWords] ^ twist(words[i], words[i + 1]);
  }
  words[i] = words[kShift - 1] ^ twist(words[i], words[0]);
  state_.index = 0;
}

uint32_t Generator::random() {
  if (state_.index == kWords) next_block();
  return temper(state_.words[state_.index++]);
}

uint64_t Generator::random64() {
  const uint64_t high = random();
  return (high << 32) | random();
}

void Generator::fill_random(uint32_t* out, int64_t n) {
  while (n > 0) {
    if (state_.index == kWords) next_block();
    const int64_t count = std::min<int64_t>(n, kWords - state_.index);
    const uint32_t* words = state_.words.data() + state_.index;
    for (int64_t i = 0; i < count; ++i) out[i] = temper(words[i]);
    state_.index += static_cast<uint32_t>(count);
    out += count;
    n -= count;
  }
}

void Generator::uniform(float* out, int64_t n, double from, double to) {
  assert(from <= to);
  const float low = static_cast<float>(from);
  const float range = static_cast<float>(to) - low;
  std::array<uint32_t, kWords> bits;
  while (n > 0) {
    const int64_t count = std::min<int64_t>(n, kWords);
    fill_random(bits.data(), count);
    for (int64_t i = 0; i < count; ++i) out[i] = std::fma(unit_float(bits[i]), range, low);
    out += count;
    n -= count;
  }
}

void Generator::uniform(double* out, int64_t n, double from, double to) {
  assert(from <= to);
  const double range = to - from;
  std::array<uint32_t, kWords> bits;
  while (n > 0) {
    const int64_t count = std::min<int64_t>(n, kWords / 2);
    fill_random(bits.data(), 2 * count);
    for (int64_t i = 0; i < count; ++i) {
      const uint64_t draw = (static_cast<uint64_t>(bits[2 * i]) << 32) | bits[2 * i + 1];
      out[i] = std::fma(unit_double(draw), range, from);
    }
    out += count;
    n -= count;
  }
}

double Generator::next_normal(double mean, double std) {
  double sample;
  if (state_.cached_normal) {
    sample = *state_.cached_normal;
    state_.cached_normal.reset();
  } else {
    // The first draw is the angle and the second the radius, unlike in the groups of 16.
    const double angle = 2.0 * std::numbers::pi * unit_double(random64());
    const double radius = std::sqrt(-2.0 * std::log(1.0 - unit_double(random64())));
    state_.cached_normal = radius * std::sin(angle);
    sample = radius * std::cos(angle);
  }
  return std::fma(sample, std, mean);
}

void Generator::normal(float* out, int64_t n, double mean, double std) {
  assert(std >= 0);
  if (n >= 16) {
    normal_in_groups(*this, out, n, static_cast<float>(mean), static_cast<float>(std));
    return;
  }
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(next_normal(mean, std));
}

void Generator::normal(double* out, int64_t n, double mean, double std) {
  assert(std >= 0);
  if (n >= 16) {
    normal_in_groups(*this, out, n, mean, std);
    return;
  }
  for (int64_t i = 0; i < n; ++i) out[i] = next_normal(mean, std);
}

void Generator::randint(int64_t* out, int64_t n, int64_t low, int64_t high) {
  assert(low < high);
  const uint64_t base = static_cast<uint64_t>(low);
  const uint64_t range = static_cast<uint64_t>(high) - base;
  const bool wide = range >= (uint64_t{1} << 32);
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t draw = wide ? random64() : random();
    out[i] = static_cast<int64_t>(draw % range + base);
  }
}

int64_t Generator::random_int64() { return static_cast<int64_t>(random64() & 0x7fffffffffffffffu); }

void Generator::randperm(int64_t* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = i;
  for (int64_t i = 0; i < n - 1; ++i) {
    const int64_t offset = static_cast<int64_t>(random() % static_cast<uint64_t>(n - i));
    std::swap(out[i], out[i + offset]);
  }
}

}  // namespace gradus
