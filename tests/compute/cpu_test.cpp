// The CPU device: memory that is reused, a steady step that allocates nothing, threads that agree.
#include <gtest/gtest.h>
#include <omp.h>
#include <cstring>

#include <atomic>
#include <cstdlib>
#include <new>

#include "compute/cpu/allocator.h"
#include "compute/cpu/cpu_backend.h"
#include "compute/cpu/kernels/table.h"
#include "core/base/error.h"
#include "core/io/examples.h"
#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/session/session.h"
#include "core/tensor/runtime.h"
#include "tests/support/synthetic.h"

namespace {
std::atomic<int64_t> news{0};
}  // namespace

// Counts every allocation of this program.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
  news.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace gradus {
namespace {

TEST(Allocator, ReusesAndCounts) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "under AddressSanitizer memory is not reused, so that it can see uses after free";
#endif
  cpu::Allocator allocator;
  void* a = allocator.allocate(1000);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a) % 64, 0u);
  allocator.free(a, 1000);
  EXPECT_EQ(allocator.allocate(1010), a) << "the same size class";
  EXPECT_EQ(allocator.stats().system_allocations, 1);
  allocator.free(a, 1010);
  EXPECT_EQ(allocator.stats().bytes_used, 0);
  EXPECT_EQ(allocator.allocate(0), nullptr);
}

TEST(Allocator, EverySizeFitsItsClass) {
  cpu::Allocator allocator;
  for (size_t bytes = 1; bytes < (size_t{1} << 22); bytes = bytes * 5 / 4 + 1) {
    char* memory = static_cast<char*>(allocator.allocate(bytes));
    memory[0] = memory[bytes - 1] = 1;
    allocator.free(memory, bytes);
  }
}

TEST(Allocator, RefusesWhatCannotBeHad) {
  cpu::Allocator allocator;
  EXPECT_THROW(allocator.allocate(size_t{1} << 50), Error);
}

TEST(SteadyStep, AllocatesNothingButTheGraphsNodes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers allocate on their own";
#endif
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 8;
  graph.training.optimizer = {.lr = 0.01, .momentum = 0.9};
  Session session(graph, synthetic_images(8 * 40, 8), {.loader_workers = 0});
  for (int i = 0; i < 10; ++i) session.run(Grain::batch);
  const Backend& backend = Runtime::current().backend(kCpu);
  const int64_t system = backend.memory_stats().system_allocations;
  const int64_t held = backend.memory_stats().bytes_held;
  const int64_t before = news;
  for (int i = 0; i < 20; ++i) session.run(Grain::batch);
  const int64_t per_step = (news - before) / 20;
  EXPECT_EQ(backend.memory_stats().system_allocations, system);
  EXPECT_EQ(backend.memory_stats().bytes_held, held);
  // 10 recorded ops (3 t, 3 addmm, 2 relu, log_softmax, nll_loss) and 6 leaves; flatten's input
  // wants no gradient, so it records none.
  EXPECT_LE(per_step, 16) << "allocations in a step";
}

TEST(Threads, GiveTheSameBits) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer does not see how libgomp's threads wait for each other";
#endif
  const int threads = omp_get_max_threads();
  const Tensor x = sample::uniform(Dims{300, 700}, -1, 1, 1);
  const auto results = [&] {
    return std::vector<Tensor>{sum(x, Dims{0}),   sum(x, Dims{1}), exp(x),
                               log_softmax(x, 1), mean(x),         x * sum(x, Dims{0}, true)};
  };
  omp_set_num_threads(1);
  const std::vector<Tensor> one = results();
  omp_set_num_threads(2);
  const std::vector<Tensor> two = results();
  omp_set_num_threads(threads);
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].to_vector<float>(), two[i].to_vector<float>()) << "result " << i;
  }
}

// OpenMP may give fewer threads than were asked for; within another parallel region, one.
TEST(Threads, FewerThanAskedForDoAllTheWork) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer does not see how libgomp's threads wait for each other";
#endif
  const int threads = omp_get_max_threads();
  omp_set_num_threads(3);
  const Tensor x = sample::uniform(Dims{300, 700}, -1, 1, 1);
  const Tensor w = sample::uniform(Dims{700, 200}, -1, 1, 2);
  const auto results = [&] { return std::vector<Tensor>{sum(x, Dims{0}), exp(x), mm(x, w)}; };
  Runtime* const test_runtime = &Runtime::current();
  const std::vector<Tensor> outside = results();
  std::vector<Tensor> inside;
#pragma omp parallel num_threads(2)
  {
#pragma omp single
    {
      const RuntimeGuard guard(*test_runtime);
      omp_set_num_threads(3);
      inside = results();
    }
  }
  omp_set_num_threads(threads);
  for (size_t i = 0; i < outside.size(); ++i) {
    EXPECT_EQ(outside[i].to_vector<float>(), inside[i].to_vector<float>()) << "result " << i;
  }
}

// Large enough to be cut into tiles; sizes that no tile divides evenly, every layout and bias.
TEST(Products, OfEveryLayoutAndThreadCountAreRight) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer does not see how libgomp's threads wait for each other";
#endif
  const int threads = omp_get_max_threads();
  constexpr int64_t n = 70, m = 333, p = 131;
  const Tensor a = sample::uniform(Dims{n, m}, -1, 1, 1);
  const Tensor b = sample::uniform(Dims{m, p}, -1, 1, 2);
  const std::vector<float> va = a.to_vector<float>();
  const std::vector<float> vb = b.to_vector<float>();
  std::vector<double> expected(n * p, 0.0);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t k = 0; k < m; ++k) {
      for (int64_t j = 0; j < p; ++j) {
        expected[static_cast<size_t>(i * p + j)] +=
            static_cast<double>(va[static_cast<size_t>(i * m + k)]) *
            vb[static_cast<size_t>(k * p + j)];
      }
    }
  }
  const Tensor a_turned = t(clone(t(a)));
  const Tensor b_turned = t(clone(t(b)));
  const std::vector<Tensor> biases = {sample::uniform(Dims{p}, -1, 1, 3),
                                      sample::uniform(Dims{n, 1}, -1, 1, 4),
                                      sample::uniform(Dims{n, p}, -1, 1, 5), Tensor()};
  for (int count : {1, 2, 3, 4, 5}) {
    omp_set_num_threads(count);
    for (const Tensor& left : {a, a_turned}) {
      for (const Tensor& right : {b, b_turned}) {
        for (const Tensor& bias : biases) {
          const Tensor result = bias.defined() ? addmm(bias, left, right) : mm(left, right);
          const std::vector<float> values = result.to_vector<float>();
          const std::vector<float> added = bias.defined()
                                               ? clone(expand(bias, Dims{n, p})).to_vector<float>()
                                               : std::vector<float>(n * p, 0.0f);
          for (size_t i = 0; i < values.size(); ++i) {
            ASSERT_NEAR(values[i], expected[i] + added[i], 1e-4) << i << " with " << count;
          }
        }
      }
    }
  }
  omp_set_num_threads(threads);
}

TEST(Kernels, OfEveryInstructionSetAgree) {
  const std::string best = cpu::kernel_table().isa;
  EXPECT_FALSE(best.empty());
  cpu::KernelTable baseline;
  cpu::baseline::fill_elementwise(baseline);
  cpu::baseline::fill_reductions(baseline);
  const cpu::KernelTable& chosen = cpu::kernel_table();
  const std::vector<float> x = sample::uniform(Dims{1003}, 0.1, 2, 3).to_vector<float>();
  const std::vector<float> y = sample::uniform(Dims{1003}, 0.1, 2, 4).to_vector<float>();
  const double params[4] = {1.5, 0, 0, 0};
  for (size_t op = 0; op < kOpCount; ++op) {
    if (!baseline.rows[op][cpu::kFloat32]) continue;
    std::vector<float> a(x.size()), b(x.size());
    baseline.rows[op][cpu::kFloat32](a.data(), x.data(), y.data(), 1003, 1, 1, 1, params);
    chosen.rows[op][cpu::kFloat32](b.data(), x.data(), y.data(), 1003, 1, 1, 1, params);
    // Byte by byte: results may be bools, or nan.
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0)
        << op_name(static_cast<OpId>(op));
  }
  EXPECT_NEAR(baseline.sum_float32(x.data(), 1003, 1), chosen.sum_float32(x.data(), 1003, 1), 1e-3);
}

}  // namespace
}  // namespace gradus
