#include "compute/cpu/allocator.h"

#include <bit>
#include <cstdlib>
#include <fstream>
#include <string>

#include "core/base/error.h"

namespace gradus::cpu {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kReuse = false;  // so that the sanitizer sees uses after free
#else
constexpr bool kReuse = true;
#endif

constexpr size_t kAlign = 64;
constexpr size_t kLarge = size_t{32} << 20;  // from here on the system is asked first

int64_t read_number(const char* file, const char* key) {
  std::ifstream in(file);
  std::string word;
  while (in >> word) {
    if (*key == '\0') return std::strtoll(word.c_str(), nullptr, 10);
    if (word == key) {
      int64_t kib = 0;
      in >> kib;
      return kib * 1024;
    }
  }
  return 0;
}

int64_t system_available() {
  int64_t available = read_number("/proc/meminfo", "MemAvailable:");
  const int64_t limit = read_number("/sys/fs/cgroup/memory.max", "");  // 0 for "max" or no file
  if (limit > 0) {
    const int64_t left = limit - read_number("/sys/fs/cgroup/memory.current", "");
    if (left < available || available == 0) available = left;
  }
  return available > 0 ? available : INT64_MAX;
}

}  // namespace

Allocator::~Allocator() { trim(); }

Allocator::SizeClass Allocator::size_class(size_t bytes) {
  if (bytes < kAlign * kSteps) {
    const size_t units = (bytes + kAlign - 1) / kAlign;
    return {static_cast<int>(units), units * kAlign};
  }
  const int power = std::bit_width(bytes - 1) - 1;  // 2^power < bytes <= 2^(power+1)
  const size_t step = (size_t{1} << power) / kSteps;
  const size_t rounded = (bytes + step - 1) / step * step;
  const size_t sub = (rounded - (size_t{1} << power)) / step;  // 1 .. kSteps
  return {power * kSteps + static_cast<int>(sub) - 1, rounded};
}

void* Allocator::allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  const SizeClass wanted = size_class(bytes);
  {
    SpinGuard guard(lock_);
    std::vector<void*>& list = free_[static_cast<size_t>(wanted.index)];
    if (!list.empty()) {
      void* memory = list.back();
      list.pop_back();
      stats_.bytes_used += static_cast<int64_t>(wanted.bytes);
      return memory;
    }
  }
  if (wanted.bytes >= kLarge && static_cast<int64_t>(wanted.bytes) > system_available()) trim();
  void* memory = nullptr;
  if (wanted.bytes < kLarge || static_cast<int64_t>(wanted.bytes) <= system_available()) {
    memory = std::aligned_alloc(kAlign, wanted.bytes);
  }
  if (!memory) {
    fail("cpu",
         "a tensor of {:.2f} GiB does not fit: {:.2f} GiB of memory are free. Use a smaller "
         "batch or network.",
         static_cast<double>(bytes) / 0x1p30, static_cast<double>(system_available()) / 0x1p30);
  }
  SpinGuard guard(lock_);
  ++stats_.system_allocations;
  stats_.bytes_held += static_cast<int64_t>(wanted.bytes);
  stats_.bytes_used += static_cast<int64_t>(wanted.bytes);
  return memory;
}

void Allocator::free(void* memory, size_t bytes) noexcept {
  if (!memory) return;
  const SizeClass freed = size_class(bytes);
  SpinGuard guard(lock_);
  stats_.bytes_used -= static_cast<int64_t>(freed.bytes);
  if (kReuse) {
    free_[static_cast<size_t>(freed.index)].push_back(memory);
  } else {
    stats_.bytes_held -= static_cast<int64_t>(freed.bytes);
    std::free(memory);
  }
}

void Allocator::trim() {
  SpinGuard guard(lock_);
  for (std::vector<void*>& list : free_) {
    for (void* memory : list) std::free(memory);
    list.clear();
  }
  stats_.bytes_held = stats_.bytes_used;
}

MemoryStats Allocator::stats() const {
  SpinGuard guard(lock_);
  return stats_;
}

int64_t Allocator::available_bytes() const {
  const int64_t system = system_available();
  SpinGuard guard(lock_);
  return system == INT64_MAX ? system : system + stats_.bytes_held - stats_.bytes_used;
}

}  // namespace gradus::cpu
