// Vulkan against the CPU: every op's samples and their gradients, the edges of float32, tensors
// laid out in every way, and which types are taken.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "compute/cpu/cpu_backend.h"
#include "compute/vulkan/vulkan_backend.h"
#include "core/autograd/backward_task.h"
#include "core/autograd/grad_mode.h"
#include "core/base/error.h"
#include "core/op/call.h"
#include "core/op/functions.h"
#include "core/tensor/runtime.h"
#include "tests/parity/op_parity.h"
#include "tests/support/ulps.h"
#include "tests/vulkan/guarded_backend.h"

namespace gradus {
namespace {

constexpr Device kGpu{DeviceType::vulkan, 0};

Tensor on_gpu(const Tensor& t) { return parity::on_device({t}, kGpu)[0]; }

// Returns the largest difference, in parts of the reference plus scale.
double expect_near(const Tensor& cpu, const Tensor& gpu, double tolerance,
                   const std::string& what) {
  EXPECT_EQ(cpu.meta(), gpu.meta()) << what;
  if (cpu.meta() != gpu.meta()) return INFINITY;
  double worst = 0;
  const std::vector<double> want = cpu.to_vector<double>();
  const std::vector<double> got = gpu.to_vector<double>();
  double scale = 0;
  for (double x : want) {
    if (std::isfinite(x)) scale = std::max(scale, std::fabs(x));
  }
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i])) {
      EXPECT_TRUE(std::isnan(got[i])) << what << " at " << i << ": " << got[i];
    } else if (std::isinf(want[i])) {
      EXPECT_EQ(got[i], want[i]) << what << " at " << i;
    } else {
      const double size = std::fabs(want[i]) + scale;
      EXPECT_NEAR(got[i], want[i], tolerance * size) << what << " at " << i;
      if (size > 0) worst = std::max(worst, std::fabs(got[i] - want[i]) / size);
    }
  }
  return worst;
}

class VulkanParity : public testing::TestWithParam<const OpDef*> {};

TEST_P(VulkanParity, ValuesAndGradientsArePyTorchs) { parity::expect_pytorchs(*GetParam(), kGpu); }

INSTANTIATE_TEST_SUITE_P(EveryOp, VulkanParity,
                         testing::ValuesIn(all_ops().begin(), all_ops().end()),
                         [](const auto& each) { return std::string(each.param->name()); });

// --- the edges ---

std::vector<float> edges() {
  std::vector<float> all{0.0f,           -0.0f,    1.0f,      -1.0f, 0.5f,   -0.5f,  2.0f,
                         -2.0f,          3.0f,     -3.0f,     1e-7f, -1e-7f, 88.72f, 88.73f,
                         -87.3f,         -103.0f,  1e5f,      -1e5f, 1e30f,  -1e30f, 3.4028235e38f,
                         -3.4028235e38f, INFINITY, -INFINITY, NAN};
  return all;
}

// nan is nan, infinities and zeros agree to the bit, numbers are close; where the true result is
// subnormal, devices may give zero.
void expect_same_edge(float want, float got, double most_ulps, const std::string& what) {
  if (std::isnan(want)) {
    EXPECT_TRUE(std::isnan(got)) << what << " = " << got;
  } else if (want == 0 || std::isinf(want)) {
    EXPECT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(want))
        << what << " = " << got << ", not " << want;
  } else if (!is_subnormal(static_cast<double>(want))) {
    EXPECT_LE(ulps(got, static_cast<double>(want)), most_ulps)
        << what << " = " << got << ", not " << want;
  }
}

class VulkanAtTheEdges : public testing::TestWithParam<const OpDef*> {};

TEST_P(VulkanAtTheEdges, GivesWhatTheCpuGives) {
  const OpDef& op = *GetParam();
  const NoGradGuard no_grad;
  const std::vector<float> values = edges();
  const auto n = static_cast<int64_t>(values.size());
  const Tensor row = Tensor::from(std::span<const float>(values), Dims{n});
  const Tensor column = Tensor::from(std::span<const float>(values), Dims{n, 1});
  std::vector<Attrs> settings{Attrs{}};
  if (op.id == OpId::pow) {
    settings.clear();
    for (const double exponent : {-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 2.5}) {
      settings.push_back(Attrs{exponent});
    }
  }
  if (op.id == OpId::clamp) settings = {Attrs{-0.75, 2.5}};
  for (const Attrs& attrs : settings) {
    Tensors cpu{column};
    if (op.inputs.size() == 2) cpu.push_back(row);
    Tensors gpu;
    for (const Tensor& t : cpu) gpu.push_back(on_gpu(t));
    const std::vector<float> want = call_all(op, cpu, attrs)[0].to_vector<float>();
    const std::vector<float> got = call_all(op, gpu, attrs)[0].to_vector<float>();
    ASSERT_EQ(want.size(), got.size());
    for (size_t i = 0; i < want.size(); ++i) {
      const size_t second = static_cast<size_t>(n);
      const std::string what =
          cpu.size() == 2
              ? fmt::format("{}({}, {})", op.name(), values[i / second], values[i % second])
              : fmt::format("{}({}{})", op.name(), values[i],
                            attrs.empty() ? "" : fmt::format(", {}", std::get<double>(attrs[0])));
      expect_same_edge(want[i], got[i], op.id == OpId::pow || op.id == OpId::pow_tensor ? 20 : 8,
                       what);
    }
  }
}

std::vector<const OpDef*> elementwise_ops() {
  std::vector<const OpDef*> all;
// Those of whole numbers alone take no float32.
#define GRADUS_UNARY(name, types) \
  if (std::string_view(#types) != "WHOLE") all.push_back(&op_def(OpId::name));
#define GRADUS_BINARY(name, types) GRADUS_UNARY(name, types)
#define GRADUS_ELEMENTWISE(name) all.push_back(&op_def(OpId::name));
#define GRADUS_OP(name)
#include "core/op/all_ops.inc"
  return all;
}
INSTANTIATE_TEST_SUITE_P(EveryElementwiseOp, VulkanAtTheEdges, testing::ValuesIn(elementwise_ops()),
                         [](const auto& each) { return std::string(each.param->name()); });

TEST(VulkanAtTheEdges, InReductionsAndRows) {
  const NoGradGuard no_grad;
  const std::vector<std::vector<float>> rows{{1, 2, 3},
                                             {NAN, 1, 2},
                                             {1, NAN, NAN},
                                             {INFINITY, 1, 2},
                                             {-INFINITY, 1, 2},
                                             {INFINITY, 1, -INFINITY},
                                             {INFINITY, INFINITY, 0},
                                             {-INFINITY, -INFINITY, -INFINITY},
                                             {0, -0.0f, 0},
                                             {-0.0f, -0.0f, -0.0f},
                                             {7, 7, 7}};
  for (const std::vector<float>& values : rows) {
    const Tensor cpu = Tensor::from(std::span<const float>(values), Dims{1, 3});
    const Tensor gpu = on_gpu(cpu);
    const std::string what = fmt::format("{}", fmt::join(values, " "));
    const auto compare = [&](const char* name, const Tensor& want, const Tensor& got) {
      const std::vector<float> w = want.to_vector<float>();
      const std::vector<float> g = got.to_vector<float>();
      for (size_t i = 0; i < w.size(); ++i) {
        expect_same_edge(w[i], g[i], 64, fmt::format("{}({})", name, what));
      }
    };
    compare("sum", sum(cpu), sum(gpu));
    compare("mean", mean(cpu), mean(gpu));
    compare("log_softmax", log_softmax(cpu, 1), log_softmax(gpu, 1));
    EXPECT_EQ(argmax(cpu, 1).to_vector<int64_t>(), argmax(gpu, 1).to_vector<int64_t>()) << what;
  }
}

// --- layouts ---

Tensor numbered(const Dims& sizes, Device device) {
  std::vector<float> values(static_cast<size_t>(numel(sizes)));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i % 97) * 0.25f - static_cast<float>(i % 13);
  }
  return Tensor::from(std::span<const float>(values), sizes, device);
}

// Six dimensions of which no two can be merged.
Tensor scattered(Device device) {
  const Tensor whole = numbered({3, 2, 4, 3, 5, 2, 3, 2}, device);
  // Every other dimension reversed in order, and two left out.
  return whole.as_strided(Dims{2, 3, 2, 3, 3, 5}, Dims{1, 2, 6, 60, 1440 / 2, 12}, 7);
}

TEST(VulkanLayouts, TensorsOfManyDimensions) {
  const NoGradGuard no_grad;
  const Tensor cpu = scattered(kCpu);
  const Tensor gpu = scattered(kGpu);
  const auto compare = [](const char* what, const Tensor& want, const Tensor& got) {
    expect_near(want, got, 1e-5, what);
  };
  compare("exp", exp(cpu * 0.01), exp(gpu * 0.01));
  compare("add", add(cpu, cpu), add(gpu, gpu));
  compare("eq", eq(cpu, expand(sum(cpu), cpu.sizes())), eq(gpu, expand(sum(gpu), gpu.sizes())));
  compare("eq of itself", eq(cpu, cpu), eq(gpu, gpu));
  compare("clone", clone(cpu), clone(gpu));
  compare("sum", sum(cpu), sum(gpu));
  for (const std::vector<int64_t>& dims : std::vector<std::vector<int64_t>>{
           {0}, {1}, {5}, {0, 2}, {1, 3, 5}, {0, 2, 4}, {0, 1, 2, 3, 4}, {5, 3, 1, 0}}) {
    compare("sum over some", sum(cpu, dims), sum(gpu, dims));
    compare("mean over some", mean(cpu, dims, true), mean(gpu, dims, true));
  }
  compare("log_softmax", log_softmax(cpu, 2), log_softmax(gpu, 2));
  EXPECT_EQ(argmax(cpu, 3).to_vector<int64_t>(), argmax(gpu, 3).to_vector<int64_t>());
}

TEST(VulkanLayouts, EmptyTensorsAndSingleNumbers) {
  const NoGradGuard no_grad;
  for (const Dims& sizes : {Dims{0}, Dims{3, 0, 2}, Dims{}, Dims{1, 1, 1}}) {
    const Tensor cpu = numbered(sizes, kCpu);
    const Tensor gpu = numbered(sizes, kGpu);
    expect_near(exp(cpu), exp(gpu), 1e-5, "exp");
    expect_near(cpu * 2.0 + cpu, gpu * 2.0 + gpu, 1e-5, "mul, add");
    expect_near(sum(cpu), sum(gpu), 1e-5, "sum");
    expect_near(eq(cpu, cpu), eq(gpu, gpu), 1e-5, "eq");
  }
}

// Every op on every dtype: taken, or refused in the same words as on the CPU.
Tensor of_type(DType dtype, Device device) {
  const std::vector<int64_t> values{1, 2, 3, 4};
  const Tensor whole = Tensor::from(std::span<const int64_t>(values), Dims{2, 2}, device);
  return to(whole, dtype);
}

// --- products as GPUs make them ---

TEST(VulkanTiledProducts, MatchTheCpu) {
  Runtime runtime;
  runtime.add_backend(cpu::make_cpu_backend());
  runtime.add_backend(std::make_unique<GuardedBackend>(
      vulkan::make_vulkan_backend(0, {.cache_folder = {}, .as_hardware = true})));
  auto& guarded = dynamic_cast<GuardedBackend&>(runtime.backend(kGpu));
  const RuntimeGuard guard(runtime);
  const NoGradGuard no_grad;
  struct Case {
    int64_t rows, inner, columns;
  };
  for (const auto& [rows, inner, columns] :
       {Case{1, 1, 1}, Case{3, 5, 2}, Case{64, 16, 64}, Case{65, 17, 63}, Case{200, 33, 130},
        Case{10, 784, 64}, Case{4, 0, 5}, Case{0, 3, 4}, Case{64 * 5000, 1, 3}}) {
    for (const bool transposed : {false, true}) {
      const auto matrix = [&](int64_t r, int64_t c, Device device) {
        return transposed ? t(numbered({c, r}, device)) : numbered({r, c}, device);
      };
      const auto results = [&](Device device) {
        const Tensor a = matrix(rows, inner, device);
        const Tensor b = matrix(inner, columns, device);
        return std::vector<Tensor>{mm(a, b), addmm(numbered({columns}, device), a, b)};
      };
      const std::vector<Tensor> want = results(kCpu);
      const std::vector<Tensor> got = results(kGpu);
      for (size_t i = 0; i < want.size(); ++i) {
        expect_near(want[i], got[i], 1e-4, fmt::format("{}×{}×{}", rows, inner, columns));
      }
    }
  }
  const Tensor whole = of_type(DType::int64, kCpu);
  EXPECT_EQ(mm(whole, whole).to_vector<int64_t>(),
            mm(on_gpu(whole), on_gpu(whole)).to_vector<int64_t>());
  guarded.look();
}

// --- types ---

TEST(VulkanTypes, AreTakenOrRefusedAsOnTheCpu) {
  const NoGradGuard no_grad;
  int taken = 0, refused = 0;
  for (const OpDef* op : all_ops()) {
    Samples samples;
    op->samples(samples);
    const Attrs attrs = samples.all[0].attrs;
    for (const DType dtype :
         {DType::float32, DType::int64, DType::int32, DType::uint8, DType::boolean}) {
      const auto run = [&](Device device, Tensor& out) -> std::string {
        Tensors inputs;
        for (size_t i = 0; i < samples.all[0].inputs.size(); ++i) {
          inputs.push_back(of_type(dtype, device));
        }
        try {
          out = call_all(*op, inputs, attrs)[0];
          if (out.defined()) out.to_vector<float>();  // what only the data can tell comes late
          return "taken";
        } catch (const Error& error) {
          out = {};
          return error.what();
        }
      };
      Tensor want, got;
      const std::string says = run(kCpu, want);
      says == "taken" ? ++taken : ++refused;
      const std::string what = fmt::format("{} of {}", op->name(), to_string(dtype));
      ASSERT_EQ(run(kGpu, got), says) << what;
      if (want.defined()) expect_near(want, got, 1e-4, what);
    }
  }
  EXPECT_GT(taken, 150);
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace gradus
