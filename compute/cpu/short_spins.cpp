#include "compute/cpu/short_spins.h"

#include <unistd.h>

#include <cstdlib>

namespace gradus::cpu {

void use_short_spins(char** argv) {
  // About as long as the gaps between the parallel parts of a small network's step.
  constexpr const char* kSpins = "1000";
  if (std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY")) return;
  setenv("GOMP_SPINCOUNT", kSpins, 1);
  execv("/proc/self/exe", argv);
}

}  // namespace gradus::cpu
