// Vulkan against the CPU: every op's samples and their gradients, training, going back, and what
// only the data can tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compute/vulkan/vulkan_backend.h"
#include "core/autograd/backward_task.h"
#include "core/autograd/grad_mode.h"
#include "core/base/error.h"
#include "core/net/examples.h"
#include "core/op/call.h"
#include "core/op/functions.h"
#include "core/session/session.h"
#include "core/tensor/runtime.h"
#include "tests/support/synthetic.h"

namespace gradus {
namespace {

constexpr Device kGpu{DeviceType::vulkan, 0};

// A copy on the device, laid out in the same way.
Tensor on_gpu(const Tensor& t) {
  if (!t.defined()) return {};
  Tensor copy;
  if (t.dtype() == DType::int64) {
    const std::vector<int64_t> values = t.to_vector<int64_t>();
    copy = Tensor::from(std::span<const int64_t>(values), t.sizes(), kGpu);
  } else {
    const std::vector<float> values = t.to_vector<float>();
    copy = Tensor::from(std::span<const float>(values), t.sizes(), kGpu);
  }
  // A transposed sample stays transposed.
  if (t.dim() == 2 && !t.is_contiguous() && t.strides()[0] == 1) {
    const NoGradGuard no_grad;
    return gradus::t(clone(gradus::t(copy)));
  }
  return copy;
}

void expect_near(const Tensor& cpu, const Tensor& gpu, double tolerance, const std::string& what) {
  ASSERT_EQ(cpu.meta(), gpu.meta()) << what;
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
      EXPECT_NEAR(got[i], want[i], tolerance * (std::fabs(want[i]) + scale)) << what << " at " << i;
    }
  }
}

double tolerance_of(const OpDef& op) {
  const bool sums = op.category == Category::product || op.category == Category::reduction ||
                    op.category == Category::loss;
  return sums ? 1e-4 : 1e-5;
}

class VulkanMatchesCpu : public testing::TestWithParam<const OpDef*> {
 protected:
  static bool here(const Sample& sample) {
    return std::ranges::none_of(sample.inputs, [](const Tensor& input) {
      return input.defined() && input.dtype() == DType::float64;  // the CPU's alone
    });
  }
};

TEST_P(VulkanMatchesCpu, OnItsSamples) {
  const OpDef& op = *GetParam();
  const NoGradGuard no_grad;
  Samples samples;
  op.samples(samples);
  int tried = 0;
  for (const Sample& sample : samples.all) {
    if (!here(sample)) continue;
    Tensors cpu, gpu;
    for (const Tensor& input : sample.inputs) {
      gpu.push_back(on_gpu(input));
      cpu.push_back(input.defined() && op.writes ? clone(input) : input);
    }
    const Tensors want = call_all(op, cpu, sample.attrs);
    const Tensors got = call_all(op, gpu, sample.attrs);
    ASSERT_EQ(want.size(), got.size());
    for (size_t i = 0; i < want.size(); ++i) {
      expect_near(want[i], got[i], tolerance_of(op), op.name());
    }
    ++tried;
  }
  EXPECT_GT(tried, 0);
}

TEST_P(VulkanMatchesCpu, InItsGradients) {
  const OpDef& op = *GetParam();
  if (!op.backward || op.writes) GTEST_SKIP() << op.name() << " has no gradient to compare";
  Samples samples;
  op.samples(samples);
  for (const Sample& sample : samples.all) {
    if (!here(sample)) continue;
    const auto run = [&](bool gpu) {
      Tensors inputs;
      std::vector<Tensor> leaves;
      for (const Tensor& input : sample.inputs) {
        Tensor own = gpu ? on_gpu(input) : input.defined() ? clone(input) : input;
        if (own.defined() && own.dtype() == DType::float32) {
          own.set_requires_grad(true);
          leaves.push_back(own);
        }
        inputs.push_back(own);
      }
      std::vector<Tensor> grads;
      const Tensor out = call_all(op, inputs, sample.attrs)[0];
      if (!out.requires_grad()) return grads;
      backward(sum(out * out));
      for (const Tensor& leaf : leaves) {
        grads.push_back(leaf.grad());
        leaf.set_grad({});
      }
      return grads;
    };
    const std::vector<Tensor> want = run(false);
    const std::vector<Tensor> got = run(true);
    ASSERT_EQ(want.size(), got.size());
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(want[i].defined(), got[i].defined());
      if (want[i].defined()) expect_near(want[i], got[i], 1e-4, op.name());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryOp, VulkanMatchesCpu,
                         testing::ValuesIn(all_ops().begin(), all_ops().end()),
                         [](const auto& each) { return std::string(each.param->name()); });

NetGraph small_quickstart() {
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 16;
  graph.training.epochs = 4;
  graph.training.optimizer = {.lr = 0.05, .momentum = 0.9};
  return graph;
}

TEST(VulkanTraining, FollowsTheCpu) {
  Session gpu(small_quickstart(), synthetic_images(208, 32), {.device = kGpu});
  Session cpu(small_quickstart(), synthetic_images(208, 32), {.device = kCpu});
  for (int batch = 0; batch < 50; ++batch) {
    gpu.run(Grain::batch);
    cpu.run(Grain::batch);
    if (!cpu.state().metrics.loss) continue;  // a batch of the evaluation
    EXPECT_NEAR(*gpu.state().metrics.loss, *cpu.state().metrics.loss, 1e-3) << batch;
  }
}

TEST(VulkanTraining, BackRestoresEverything) {
  Session session(small_quickstart(), synthetic_images(64, 32), {.device = kGpu});
  session.set_step_mode(true);
  for (int i = 0; i < 30; ++i) session.step();
  const SessionState kept = session.snapshot();
  const std::unique_ptr<Session> fork = session.fork();
  for (int i = 0; i < 25; ++i) session.step();
  const SessionState later = session.snapshot();
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(session.back());
  EXPECT_TRUE(same_bits(session.state(), kept));
  for (int i = 0; i < 25; ++i) fork->step();
  EXPECT_TRUE(same_bits(fork->state(), later));
}

TEST(VulkanTraining, ASteadyStepAllocatesNothing) {
  Session session(small_quickstart(), synthetic_images(160, 32), {.device = kGpu});
  const Backend& backend = Runtime::current().backend(kGpu);
  session.run(Grain::epoch);
  for (int i = 0; i < 2; ++i) session.run(Grain::batch);
  const int64_t allocations = backend.memory_stats().system_allocations;
  const int64_t used = backend.memory_stats().bytes_used;
  const int64_t pipelines = vulkan::counters(backend).pipelines;
  for (int i = 0; i < 8; ++i) session.run(Grain::batch);
  EXPECT_EQ(backend.memory_stats().system_allocations, allocations);
  EXPECT_LE(backend.memory_stats().bytes_used, used) << "memory does not grow";
  EXPECT_EQ(vulkan::counters(backend).pipelines, pipelines);
}

TEST(VulkanErrors, ALabelOutOfRangeIsNamedAtTheNextWait) {
  const std::vector<float> zeros(8);
  const std::vector<int64_t> labels{1, 9};
  const Tensor scores = Tensor::from(std::span<const float>(zeros), Dims{2, 4}, kGpu);
  const Tensor target = Tensor::from(std::span<const int64_t>(labels), Dims{2}, kGpu);
  const Tensor loss = nll_loss(scores, target);
  try {
    loss.item();
    ADD_FAILURE() << "nobody said anything";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "[nll_loss] label 9 of sample 1 is out of range: there are 4 classes, 0 to 3");
  }
  EXPECT_NO_THROW(scores.to_vector<float>()) << "it is said once";
}

TEST(VulkanErrors, WhatIsTooLargeAndWhatIsOfAnotherTypeIsRefused) {
  EXPECT_THROW(Tensor::empty(Dims{int64_t{1} << 40}, DType::float32, kGpu), Error);
  const Tensor x = Tensor::empty(Dims{2}, DType::float64, kGpu);
  EXPECT_THROW(exp(x), Error);
  EXPECT_THROW(vulkan::make_vulkan_backend(99, {}), Error);
}

}  // namespace
}  // namespace gradus
