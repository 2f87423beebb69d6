// Prints every op's declared samples as JSON, for make_golden.py to run through PyTorch.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "compute/cpu/cpu_backend.h"
#include "tests/parity/samples_json.h"

int main() {
  gradus::Runtime runtime;
  runtime.add_backend(gradus::cpu::make_cpu_backend());
  const gradus::RuntimeGuard guard(runtime);
  fmt::print("{}\n", gradus::samples_to_json().dump(1));
  return 0;
}
