// Chooses the instruction set, once, at first use.
#include <cstdlib>
#include <cstring>

#include "compute/cpu/kernels/table.h"
#include "core/base/error.h"

namespace gradus::cpu {
namespace {

#define GRADUS_TABLE(set)         \
  KernelTable make_##set() {      \
    KernelTable table;            \
    table.isa = #set;             \
    set::fill_elementwise(table); \
    set::fill_reductions(table);  \
    return table;                 \
  }
GRADUS_TABLE(baseline)
#ifdef GRADUS_X86
GRADUS_TABLE(avx2)
GRADUS_TABLE(avx512)
#endif
#undef GRADUS_TABLE

KernelTable choose() {
#ifdef GRADUS_X86
  const char* asked = std::getenv("GRADUS_ISA");
  const bool any = !asked;
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi2");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                          __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512cd") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (has_avx512 && (any || std::strcmp(asked, "avx512") == 0)) return make_avx512();
  if (has_avx2 && (any || std::strcmp(asked, "avx2") == 0 || std::strcmp(asked, "avx512") == 0)) {
    return make_avx2();
  }
  if (!any && std::strcmp(asked, "baseline") != 0) {
    fail("GRADUS_ISA", "{:?} is not one that this processor has: baseline, avx2 or avx512", asked);
  }
#endif
  return make_baseline();
}

}  // namespace

const KernelTable& kernel_table() {
  static const KernelTable table = choose();
  return table;
}

}  // namespace gradus::cpu
