// The elementary functions of shaders/math.glsl as the device runs them: how far they are from the
// true value, and what they give at the edges. shader_math_test.cpp tries them as C++ at more
// places.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "compute/vulkan/executor.h"
#include "tests/support/ulps.h"

namespace gradus::vulkan {

extern const std::span<const Shader> kProbeShaders;

namespace {

class Probe {
 public:
  // FUNCTION of each; one or two arguments.
  std::vector<float> run(const char* function, const std::vector<std::vector<float>>& arguments) {
    const size_t count = arguments[0].size();
    const size_t bytes = count * sizeof(float);
    std::vector<Block> blocks;
    for (size_t i = 0; i < 3; ++i) blocks.push_back(pool_.allocate(bytes).value());
    for (size_t i = 0; i < arguments.size(); ++i) {
      stream_.upload(arguments[i].data(), part(blocks[i + 1], 0, bytes, true));
    }
    const Pipeline& pipeline = pipelines_.get({"probe", function}, 3);
    const Use uses[] = {part(blocks[0], 0, bytes, true), part(blocks[1], 0, bytes, false),
                        part(blocks[2], 0, bytes, false)};
    const auto params = static_cast<uint32_t>(count);
    stream_.dispatch(pipeline.handle, pipeline.layout, uses, std::as_bytes(std::span(&params, 1)),
                     1024);
    std::vector<float> result(count);
    stream_.download(uses[0], result.data());
    for (const Block& block : blocks) pool_.free(block);
    return result;
  }

 private:
  static std::shared_ptr<Instance> instance() {
    std::string why;
    return Instance::make(&why);
  }
  std::shared_ptr<Instance> instance_ = instance();
  Gpu gpu_{instance_, instance_->devices().at(0)};
  MemoryPool pool_{gpu_, INT64_MAX};
  Pipelines pipelines_{gpu_, {}, kProbeShaders};
  Stream stream_{gpu_};
};

struct Function {
  const char* name;
  double (*truth)(double);
};

class VulkanFunctions : public testing::TestWithParam<Function> {};

TEST_P(VulkanFunctions, AreWithinFourUlp) {
  const auto [name, truth] = GetParam();
  std::vector<float> x;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 4099) {
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  }
  const std::vector<float> got = Probe().run(name, {x});
  double worst = 0;
  float where = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = truth(static_cast<double>(x[i]));
    if (is_subnormal(static_cast<double>(x[i])) || is_subnormal(want)) continue;
    const double error = ulps(got[i], want);
    if (error > worst) {
      worst = error;
      where = x[i];
    }
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LE(worst, 4) << name << "(" << where << ")";
}

TEST_P(VulkanFunctions, GiveTheBitsOfTheCpuAtTheEdges) {
  const auto [name, truth] = GetParam();
  const std::vector<float> x{0.0f,  -0.0f,         INFINITY,       -INFINITY, 1.0f,
                             -1.0f, 3.4028235e38f, -3.4028235e38f, NAN,       -NAN};
  const std::vector<float> got = Probe().run(name, {x});
  for (size_t i = 0; i < x.size(); ++i) {
    const auto want = static_cast<float>(truth(static_cast<double>(x[i])));
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(got[i])) << name << "(" << x[i] << ") = " << got[i];
    } else if (want == 0 || std::isinf(want)) {
      EXPECT_EQ(std::bit_cast<uint32_t>(got[i]), std::bit_cast<uint32_t>(want))
          << name << "(" << x[i] << ") = " << got[i];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, VulkanFunctions,
                         testing::Values(Function{"exp", std::exp}, Function{"expm1", std::expm1},
                                         Function{"log", std::log}, Function{"log1p", std::log1p},
                                         Function{"tanh", std::tanh}, Function{"sin", std::sin},
                                         Function{"cos", std::cos}, Function{"tan", std::tan},
                                         Function{"exp2", std::exp2}, Function{"log2", std::log2},
                                         Function{"log10", std::log10}, Function{"sinh", std::sinh},
                                         Function{"cosh", std::cosh}, Function{"asin", std::asin},
                                         Function{"acos", std::acos}, Function{"atan", std::atan},
                                         Function{"erf", std::erf}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(VulkanPow, IsWithinSixteenUlpAndRightAtTheEdges) {
  std::vector<float> x, y;
  const std::vector<float> edges{0.0f,  -0.0f, 1.0f,  -1.0f,    0.5f,      -0.5f, 2.0f,
                                 -2.0f, 3.0f,  -3.0f, INFINITY, -INFINITY, NAN,   16777217.0f};
  for (float a : edges) {
    for (float b : edges) {
      x.push_back(a);
      y.push_back(b);
    }
  }
  const size_t edge_count = x.size();
  std::mt19937 random(1);
  const auto unit = [&] { return static_cast<double>(random()) / 4294967296.0; };
  for (int i = 0; i < 500'000; ++i) {
    const float a = std::bit_cast<float>(static_cast<uint32_t>(random()) & 0x7fffffffu);
    x.push_back(a);
    y.push_back(i % 2 ? static_cast<float>(static_cast<int>(random() % 41) - 20)
                      : static_cast<float>((unit() - 0.5) * 250 /
                                           (std::fabs(std::log2(static_cast<double>(a))) + 1e-6)));
  }
  const std::vector<float> got = Probe().run("pow", {x, y});
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = std::pow(static_cast<double>(x[i]), static_cast<double>(y[i]));
    const auto rounded = static_cast<float>(want);
    if (i < edge_count && (want == 0 || std::isinf(want) || std::fabs(want) == 1)) {
      EXPECT_EQ(std::bit_cast<uint32_t>(got[i]), std::bit_cast<uint32_t>(rounded))
          << x[i] << " ^ " << y[i] << " = " << got[i];
    }
    if (is_subnormal(static_cast<double>(x[i])) || is_subnormal(want)) continue;
    worst = std::max(worst, ulps(got[i], want));
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LE(worst, 16);
}

}  // namespace
}  // namespace gradus::vulkan
