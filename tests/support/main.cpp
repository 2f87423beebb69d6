// Every test program runs with one Runtime, as the real programs do.
#include <gtest/gtest.h>

#include "compute/cpu/cpu_backend.h"
#include "core/tensor/runtime.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  gradus::Runtime runtime;
  runtime.add_backend(gradus::cpu::make_cpu_backend());
  const gradus::RuntimeGuard guard(runtime);
  return RUN_ALL_TESTS();
}
