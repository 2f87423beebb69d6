// Training on Vulkan as on the CPU: the same losses, back, snapshot and fork to the same bits, and
// nothing that grows.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "compute/vulkan/vulkan_backend.h"
#include "core/io/examples.h"
#include "core/op/functions.h"
#include "core/op/observer.h"
#include "core/session/session.h"
#include "core/tensor/runtime.h"
#include "tests/support/synthetic.h"
#include "tests/vulkan/guarded_backend.h"

namespace gradus {
namespace {

constexpr Device kGpu{DeviceType::vulkan, 0};

struct WithoutGuards {
  WithoutGuards() { device_under_test().set_guarding(false); }
  ~WithoutGuards() { device_under_test().set_guarding(true); }
};

NetGraph small_quickstart() {
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 16;
  graph.training.epochs = 4;
  graph.training.optimizer = {.lr = 0.05, .momentum = 0.9};
  return graph;
}

TEST(VulkanTraining, FollowsTheCpu) {
  NetGraph graph = quickstart_network();
  graph.training.epochs = 2;
  graph.training.optimizer = {.lr = 0.05, .momentum = 0.9};
  Session gpu(graph, synthetic_images(25 * 64, 64), {.device = kGpu});
  Session cpu(graph, synthetic_images(25 * 64, 64), {.device = kCpu});
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (int batch = 0; batch < 25; ++batch) {
      gpu.run(Grain::batch);
      cpu.run(Grain::batch);
      ASSERT_FALSE(cpu.state().cursor.eval_batch);
      EXPECT_NEAR(gpu.state().metrics.loss.value(), cpu.state().metrics.loss.value(), 1e-3)
          << batch;
    }
    gpu.run(Grain::epoch);
    cpu.run(Grain::epoch);
    EXPECT_NEAR(gpu.state().metrics.test_loss.value(), cpu.state().metrics.test_loss.value(), 1e-3);
    EXPECT_EQ(gpu.state().cursor, cpu.state().cursor);
  }
  EXPECT_TRUE(gpu.state().cursor.done);
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
  const WithoutGuards without;  // they allocate
  Session session(small_quickstart(), synthetic_images(160, 32), {.device = kGpu});
  const Backend& backend = device_under_test().inner();
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

int64_t resident_bytes() {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm").ignore(64, ' ') >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

TEST(VulkanTraining, TwoThousandStepsTakeNoMoreMemoryThanOneHundred) {
  const WithoutGuards without;
  NetGraph graph = toy_network();
  graph.training.epochs = 1'000'000;
  Session session(graph, make_two_moons(64), {.device = kGpu});
  const Backend& backend = device_under_test().inner();
  for (int i = 0; i < 100; ++i) session.run(Grain::batch);
  const MemoryStats before = backend.memory_stats();
  const int64_t pipelines = vulkan::counters(backend).pipelines;
  [[maybe_unused]] const int64_t resident = resident_bytes();
  for (int i = 0; i < 2000; ++i) session.run(Grain::batch);
  const MemoryStats after = backend.memory_stats();
  EXPECT_EQ(after.system_allocations, before.system_allocations);
  EXPECT_EQ(after.bytes_held, before.bytes_held);
  EXPECT_LE(after.bytes_used, before.bytes_used + 4096) << "a batch may stand elsewhere";
  EXPECT_EQ(vulkan::counters(backend).pipelines, pipelines);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep what was freed
  EXPECT_LT(resident_bytes() - resident, int64_t{16} << 20) << "of the whole process";
#endif
}

TEST(VulkanTraining, ABatchWaitsOnceAndIsSubmittedAtItsEnd) {
  const WithoutGuards without;
  Session session(small_quickstart(), synthetic_images(160, 32), {.device = kGpu});
  const Backend& backend = device_under_test().inner();
  session.run(Grain::batch);
  const int64_t before = vulkan::counters(backend).submits;
  session.run(Grain::batch);
  // One to read the loss, one for backward and updates.
  EXPECT_EQ(vulkan::counters(backend).submits - before, 2);
  const int64_t now = vulkan::counters(backend).submits;
  Runtime::current().backend(kGpu).flush();
  EXPECT_EQ(vulkan::counters(backend).submits, now) << "nothing was left to submit";
}

TEST(VulkanTraining, WatchingSubmitsEachOp) {
  class Watcher final : public Observer {
   public:
    bool wants(const OpDef&) override { return true; }
    void on_call(const CallRecord&) override { ++calls; }
    int64_t calls = 0;
  } watcher;
  const WithoutGuards without;
  const Tensor x = Tensor::from(std::span<const float>(std::vector<float>(16, 1)), Dims{16}, kGpu);
  const Backend& backend = device_under_test().inner();
  const int64_t before = vulkan::counters(backend).submits;
  const ScopedValue<Observer*> watch(context().observer, &watcher);
  exp(exp(x));
  EXPECT_EQ(watcher.calls, 2);
  EXPECT_EQ(vulkan::counters(backend).submits - before, 2);
}

TEST(VulkanTraining, TellsTheTimeOfEachOp) {
  Backend& backend = Runtime::current().backend(kGpu);
  Session session(small_quickstart(), synthetic_images(160, 32), {.device = kGpu});
  session.run(Grain::batch);
  backend.set_timing(true);
  for (int i = 0; i < 3; ++i) session.run(Grain::batch);
  const std::vector<OpTime> times = backend.take_times();
  backend.set_timing(false);
  const auto of = [&](std::string_view op) {
    const auto found = std::ranges::find(times, op, &OpTime::op);
    return found == times.end() ? OpTime{} : *found;
  };
  EXPECT_EQ(of("addmm").calls, 9);
  EXPECT_EQ(of("mm").calls, 15);
  EXPECT_EQ(of("sgd_step").calls, 18);
  for (const OpTime& time : times) {
    EXPECT_GT(time.seconds, 0) << time.op;
    EXPECT_LT(time.seconds, 60) << time.op;
  }
  EXPECT_TRUE(backend.take_times().empty()) << "it starts afresh, and does not go on";
  session.run(Grain::batch);
  EXPECT_TRUE(backend.take_times().empty());
}

}  // namespace
}  // namespace gradus
