// The one way in which kernels use several threads (the OpenMP pool of the engine thread).
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace gradus::cpu {

// Runs body(part) for each of `parts` parts, as a rule one per thread. OpenMP may give fewer
// threads than asked for, so a thread takes every so many-th part: how the work is split, and with
// it the bits, do not depend on that. body must not throw.
template <typename Body>
void parallel_parts(int parts, Body&& body) {
#pragma omp parallel num_threads(parts)
  {
    for (int part = omp_get_thread_num(); part < parts; part += omp_get_num_threads()) body(part);
  }
}

// Splits [0, n) into at most one range per thread and runs body(begin, end) on each; on the calling
// thread alone below `grain`. Ranges start at multiples of 64. body must not throw.
template <typename Body>
void parallel_ranges(int64_t n, int64_t grain, Body&& body) {
  const int threads = omp_get_max_threads();
  if (n < grain || threads == 1) {
    body(int64_t{0}, n);
    return;
  }
  const int64_t share = ((n + threads - 1) / threads + 63) / 64 * 64;
  parallel_parts(threads, [&](int part) {
    const int64_t begin = std::min(n, share * part);
    const int64_t end = std::min(n, begin + share);
    if (begin < end) body(begin, end);
  });
}

}  // namespace gradus::cpu
