// Memory that is kept for reuse: a training step asks for the same sizes again and again, and after
// the first one none of them reaches the C library. Blocks are aligned to 64 bytes.
//
// Thread: any; the lists are guarded by a spin lock.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/spin_lock.h"
#include "core/tensor/backend.h"

namespace gradus::cpu {

class Allocator {
 public:
  ~Allocator();
  void* allocate(size_t bytes);  // null for 0; throws Error when it cannot be had
  void free(void* memory, size_t bytes) noexcept;
  MemoryStats stats() const;
  // What the system and the free lists could give now.
  int64_t available_bytes() const;

 private:
  static constexpr int kSteps = 4;  // size classes per power of two
  struct SizeClass {
    int index;
    size_t bytes;
  };
  static SizeClass size_class(size_t bytes);
  void trim();

  mutable SpinLock lock_;
  std::array<std::vector<void*>, 64 * kSteps> free_;
  MemoryStats stats_;
};

}  // namespace gradus::cpu
