// How many float32 operations per second the processor can do at all: what a training step's speed
// is held against.
#pragma once

namespace gradus::bench {

struct Fp32Peak {
  double gflops = 0;  // all threads together, best of several repeats
  int threads = 0;
  const char* isa = "";  // "avx512", "avx2" or "baseline"
};

// Takes about a third of a second. A fused multiply-add counts as two operations.
Fp32Peak measure_fp32_peak();

}  // namespace gradus::bench
