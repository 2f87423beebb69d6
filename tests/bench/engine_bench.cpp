// gradus-bench: how long the engine takes for its smallest and its most usual pieces of work.
//
// Numbers that are to be compared want repeats, in turns:
//   gradus-bench --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
//                --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <exception>

#include "compute/cpu/cpu_backend.h"
#include "core/data/fashion_mnist.h"
#include "core/op/observer.h"
#include "core/tensor/runtime.h"
#include "tests/bench/fp32_peak.h"
#include "tests/bench/workloads.h"

namespace gradus::bench {
namespace {

void small_add(benchmark::State& state) {
  const SmallAdd add;
  for (auto _ : state) {
    Tensor sum = add.run();
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(small_add);

void a1(benchmark::State& state) {
  const A1 example;
  for (auto _ : state) example.run();
}
BENCHMARK(a1);

// Wants nothing, so watching costs one virtual call per op.
class IdleObserver final : public Observer {
 public:
  bool wants(const OpDef&) override { return false; }
  void on_call(const CallRecord&) override {}
};

const DataSplit& fashion_mnist() {
  static const DataSplit data = load_fashion_mnist();
  return data;
}

void train(benchmark::State& state, Observer* observer) {
  try {
    const std::unique_ptr<Session> session = make_endless_quickstart(fashion_mnist());
    const ScopedValue<Observer*> watch(context().observer, observer);
    int64_t samples = 0;
    for (auto _ : state) samples += session->samples_in(session->run(Grain::batch));
    state.SetItemsProcessed(samples);
    state.counters["flops"] = benchmark::Counter(quickstart_flops(1) * static_cast<double>(samples),
                                                 benchmark::Counter::kIsRate);
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

void quickstart_step(benchmark::State& state) { train(state, nullptr); }
BENCHMARK(quickstart_step)->Unit(benchmark::kMillisecond)->UseRealTime();

void quickstart_step_observed(benchmark::State& state) {
  IdleObserver observer;
  train(state, &observer);
}
BENCHMARK(quickstart_step_observed)->Unit(benchmark::kMillisecond)->UseRealTime();

void load_data(benchmark::State& state) {
  try {
    for (auto _ : state) {
      DataSplit data = load_fashion_mnist();
      benchmark::DoNotOptimize(data);
    }
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}
BENCHMARK(load_data)->Name("load_fashion_mnist")->Unit(benchmark::kMillisecond)->UseRealTime();

void fp32_peak(benchmark::State& state) {
  Fp32Peak peak;
  for (auto _ : state) {
    const Fp32Peak measured = measure_fp32_peak();
    if (measured.gflops > peak.gflops) peak = measured;
  }
  state.counters["flops"] = peak.gflops * 1e9;
  state.SetLabel(peak.isa);
}
BENCHMARK(fp32_peak)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace gradus::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  gradus::Runtime runtime;
  runtime.add_backend(gradus::cpu::make_cpu_backend());
  const gradus::RuntimeGuard guard(runtime);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
