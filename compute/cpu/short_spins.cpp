#include "compute/cpu/short_spins.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace gradus::cpu {

void use_short_spins(char** argv) {
  // About as long as the gaps between the parallel parts of a small network's step.
  constexpr const char* kSpins = "1000";
  if (std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY")) return;
  setenv("GOMP_SPINCOUNT", kSpins, 1);
  // By its own path, not that of the link: the process is named after it.
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) execv(self.c_str(), argv);
}

}  // namespace gradus::cpu
