// The elementary functions that shaders use, compiled as C++: how far they are from the true value
// over the whole range of float32, and what they give at the edges, bit by bit. With
// -fsingle-precision-constant, so that literals are float as in GLSL.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

#include "tests/support/ulps.h"

namespace gradus {
namespace shader {

// GLSL's words in C++.
using uint = uint32_t;
#define OP static inline
#define OUT(type, name) type& name
#define precise
static float uintBitsToFloat(uint bits) { return std::bit_cast<float>(bits); }
static uint floatBitsToUint(float x) { return std::bit_cast<uint>(x); }
static int findMSB(uint bits) { return 31 - std::countl_zero(bits); }
static void umulExtended(uint a, uint b, uint& high, uint& low) {
  const uint64_t product = uint64_t{a} * b;
  high = static_cast<uint>(product >> 32);
  low = static_cast<uint>(product);
}
static float floor(float x) { return std::floor(x); }
static float abs(float x) { return std::fabs(x); }
static float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
#include "shaders/math.glsl"
#undef OP
#undef OUT
#undef precise

}  // namespace shader

namespace {

struct Function {
  const char* name;
  float (*ours)(float);
  double (*truth)(double);
};

class ShaderMath : public testing::TestWithParam<Function> {};

TEST_P(ShaderMath, IsWithinFourUlpEverywhere) {
  constexpr uint64_t kStep = 509;  // a prime: eight million floats of every size
  const auto [name, ours, truth] = GetParam();
  double worst = 0;
  float where = 0;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += kStep) {
    const auto x = std::bit_cast<float>(static_cast<uint32_t>(bits));
    const double want = truth(static_cast<double>(x));
    if (is_subnormal(static_cast<double>(x)) || is_subnormal(want)) continue;
    const double error = ulps(ours(x), want);
    if (error > worst) {
      worst = error;
      where = x;
    }
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LE(worst, 4) << name << "(" << where << ")";
}

TEST_P(ShaderMath, GivesTheSameBitsAtTheEdges) {
  const auto [name, ours, truth] = GetParam();
  for (float x : {0.0f, -0.0f, INFINITY, -INFINITY, 1.0f, -1.0f, 3.4028235e38f, -3.4028235e38f}) {
    const auto want = static_cast<float>(truth(static_cast<double>(x)));
    const float got = ours(x);
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(got)) << name << "(" << x << ") = " << got;
    } else if (want == 0 || std::isinf(want)) {
      EXPECT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(want))
          << name << "(" << x << ") = " << got;
    }
  }
  EXPECT_TRUE(std::isnan(ours(NAN))) << name;
}

INSTANTIATE_TEST_SUITE_P(
    All, ShaderMath,
    testing::Values(
        Function{"exp", shader::m_exp, std::exp}, Function{"expm1", shader::m_expm1, std::expm1},
        Function{"log", shader::m_log, std::log}, Function{"log1p", shader::m_log1p, std::log1p},
        Function{"tanh", shader::m_tanh, std::tanh}, Function{"sin", shader::m_sin, std::sin},
        Function{"cos", shader::m_cos, std::cos}, Function{"tan", shader::m_tan, std::tan},
        Function{"exp2", shader::m_exp2, std::exp2}, Function{"log2", shader::m_log2, std::log2},
        Function{"log10", shader::m_log10, std::log10}, Function{"sinh", shader::m_sinh, std::sinh},
        Function{"cosh", shader::m_cosh, std::cosh}, Function{"asin", shader::m_asin, std::asin},
        Function{"acos", shader::m_acos, std::acos}, Function{"atan", shader::m_atan, std::atan},
        Function{"erf", shader::m_erf, std::erf}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(ShaderFmod, IsExact) {
  std::mt19937 random(2);
  for (int i = 0; i < 2'000'000; ++i) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(random()));
    float y = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (i % 2 == 0) y = x / (1.0f + static_cast<float>(random() % 1000));
    const float want = std::fmod(x, y);
    const auto tiny = [](float v) { return is_subnormal(static_cast<double>(v)); };
    if (tiny(x) || tiny(y) || tiny(want)) continue;
    const float got = shader::m_fmod(x, y);
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(got)) << x << " % " << y;
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(want)) << x << " % " << y;
    }
  }
}

TEST(ShaderPow, IsWithinSixteenUlp) {
  std::mt19937 random(1);
  const auto unit = [&] { return static_cast<double>(random()) / 4294967296.0; };
  double worst = 0;
  float at[2] = {};
  for (int i = 0; i < 6'000'000; ++i) {
    float x = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (i % 5 == 0) x = static_cast<float>(1 + (unit() - 0.5) * 0.02);
    float y = std::bit_cast<float>(static_cast<uint32_t>(random()));  // mostly over- or underflows
    if (i % 3 == 1) {                                                 // results of every size
      y = static_cast<float>((unit() - 0.5) * 300 /
                             (std::fabs(std::log2(std::fabs(static_cast<double>(x)))) + 1e-6));
    } else if (i % 3 == 2) {
      y = static_cast<float>(static_cast<int>(random() % 41) - 20);
    }
    const double want = std::pow(static_cast<double>(x), static_cast<double>(y));
    if (is_subnormal(static_cast<double>(x)) || is_subnormal(want)) continue;
    const double error = ulps(shader::m_pow(x, y), want);
    if (error > worst) {
      worst = error;
      at[0] = x;
      at[1] = y;
    }
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LE(worst, 16) << at[0] << " ^ " << at[1];
}

TEST(ShaderPow, GivesTheSameBitsAtTheEdges) {
  const float edges[] = {0.0f,  -0.0f, 1.0f,  -1.0f,    0.5f,      -0.5f, 2.0f,
                         -2.0f, 3.0f,  -3.0f, INFINITY, -INFINITY, NAN,   16777217.0f};
  for (float x : edges) {
    for (float y : edges) {
      const float want = std::pow(x, y);
      const float got = shader::m_pow(x, y);
      if (std::isnan(want)) {
        EXPECT_TRUE(std::isnan(got)) << x << " ^ " << y << " = " << got;
      } else if (want == 0 || std::isinf(want) || std::fabs(want) == 1) {
        EXPECT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(want))
            << x << " ^ " << y << " = " << got << ", not " << want;
      }
    }
  }
}

}  // namespace
}  // namespace gradus
