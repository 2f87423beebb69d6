// A loop of multiply-adds that never leaves the registers, with enough independent sums to hide the
// latency of each. Every function is compiled for an instruction set of its own, and the best one
// that the processor has is chosen when the program runs.
#include "tests/bench/fp32_peak.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gradus::bench {
namespace {

// One thread's share. The factor is just below 1 and the addend small: no sum overflows or becomes
// denormal. Returns a number that depends on all sums, so that none can be left out.
struct Loop {
  float (*run)(int64_t rounds);
  int64_t flops_per_round;
  const char* isa;
};

constexpr float kFactor = 0.999f;
constexpr float kAddend = 0.001f;

#if defined(__x86_64__)

constexpr int kSums512 = 24;  // of 32 registers
constexpr int kSums256 = 12;  // of 16 registers

__attribute__((target("avx512f"))) float run_avx512(int64_t rounds) {
  const __m512 factor = _mm512_set1_ps(kFactor);
  const __m512 addend = _mm512_set1_ps(kAddend);
  __m512 sums[kSums512];
#pragma GCC unroll 24
  for (int i = 0; i < kSums512; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
    for (int i = 0; i < kSums512; ++i) sums[i] = _mm512_fmadd_ps(sums[i], factor, addend);
  }
  __m512 total = sums[0];
#pragma GCC unroll 24
  for (int i = 1; i < kSums512; ++i) total = _mm512_add_ps(total, sums[i]);
  float lanes[16];
  _mm512_storeu_ps(lanes, total);
  float result = 0;
  for (float lane : lanes) result += lane;
  return result;
}

__attribute__((target("avx2,fma"))) float run_avx2(int64_t rounds) {
  const __m256 factor = _mm256_set1_ps(kFactor);
  const __m256 addend = _mm256_set1_ps(kAddend);
  __m256 sums[kSums256];
#pragma GCC unroll 12
  for (int i = 0; i < kSums256; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums256; ++i) sums[i] = _mm256_fmadd_ps(sums[i], factor, addend);
  }
  __m256 total = sums[0];
#pragma GCC unroll 12
  for (int i = 1; i < kSums256; ++i) total = _mm256_add_ps(total, sums[i]);
  float lanes[8];
  _mm256_storeu_ps(lanes, total);
  float result = 0;
  for (float lane : lanes) result += lane;
  return result;
}

#endif

// Where nothing better is known: what the compiler makes of plain sums.
float run_baseline(int64_t rounds) {
  constexpr int kSums = 32;
  float sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = static_cast<float>(i);
  for (int64_t round = 0; round < rounds; ++round) {
    for (float& sum : sums) sum = sum * kFactor + kAddend;
  }
  float result = 0;
  for (float sum : sums) result += sum;
  return result;
}

Loop best_loop() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {run_avx512, 2 * 16 * kSums512, "avx512"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {run_avx2, 2 * 8 * kSums256, "avx2"};
  }
#endif
  return {run_baseline, 2 * 32, "baseline"};
}

// Seconds that `threads` threads take, from the moment all are there to the end of the last.
double seconds_for(const Loop& loop, int64_t rounds, int threads) {
  using Clock = std::chrono::steady_clock;
  volatile float sink = 0;
  Clock::time_point start;
#pragma omp parallel num_threads(threads)
  {
#pragma omp barrier
#pragma omp master
    start = Clock::now();
    const float result = loop.run(rounds);
#pragma omp critical
    sink = sink + result;
  }
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Fp32Peak measure_fp32_peak() {
  constexpr int kRepeats = 16;
  constexpr double kSeconds = 0.02;  // of each repeat
  const Loop loop = best_loop();
  const int threads = omp_get_max_threads();
  int64_t rounds = 1 << 12;  // doubled until a repeat is long enough; warms the processor up too
  while (seconds_for(loop, rounds, threads) < kSeconds) rounds *= 2;
  double best = 1e30;
  for (int i = 0; i < kRepeats; ++i) best = std::min(best, seconds_for(loop, rounds, threads));
  const double flops =
      static_cast<double>(loop.flops_per_round * rounds) * static_cast<double>(threads);
  return {flops / best / 1e9, threads, loop.isa};
}

}  // namespace gradus::bench
