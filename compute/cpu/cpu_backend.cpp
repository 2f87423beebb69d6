#include "compute/cpu/cpu_backend.h"

#include <omp.h>

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>

#include "compute/cpu/allocator.h"
#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/kernels/table.h"
#include "compute/cpu/parallel.h"
#include "core/tensor/op_times.h"

namespace gradus::cpu {
namespace {

using Kernel = void (*)(const KernelCall&);

constexpr std::array<Kernel, kOpCount> kKernels = {
#define GRADUS_ELEMENTWISE(name) elementwise,
#define GRADUS_VIEW(name) nullptr,
#define GRADUS_OP(name) cpu::name,
#include "core/op/all_ops.inc"
};

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "CPU";
}

// Several threads fetch what another core has written (a batch, from the loader) sooner than one.
void copy_bytes(const void* from, void* to, size_t bytes) {
  constexpr int64_t kGrain = 64 << 10;
  parallel_ranges(static_cast<int64_t>(bytes), kGrain, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin,
                static_cast<size_t>(end - begin));
  });
}

class CpuBackend final : public Backend {
 public:
  Device device() const override { return kCpu; }

  DeviceInfo info() const override {
    return {
        .device = kCpu,
        .name = processor_name(),
        .type = "cpu",
        .memory_bytes = allocator_.available_bytes(),
        .details = {{"threads", std::to_string(thread_count())}, {"kernels", kernel_table().isa}}};
  }

  Block allocate(size_t bytes) override { return {allocator_.allocate(bytes), 0, bytes}; }
  void free(Block block) noexcept override { allocator_.free(block.handle, block.bytes); }
  int64_t available_bytes() const override { return allocator_.available_bytes(); }
  MemoryStats memory_stats() const override { return allocator_.stats(); }

  void upload(const void* from, Block to, size_t to_offset, size_t bytes) override {
    copy_bytes(from, static_cast<char*>(to.handle) + to_offset, bytes);
  }
  void download(Block from, size_t from_offset, void* to, size_t bytes) override {
    std::memcpy(to, static_cast<const char*>(from.handle) + from_offset, bytes);
  }
  void copy(Block from, Block to, size_t bytes) override {
    copy_bytes(from.handle, to.handle, bytes);
  }

  void run(const KernelCall& call) override {
    const Kernel kernel = kKernels[static_cast<size_t>(call.op.id)];
    if (!timing_) return kernel(call);
    const auto start = std::chrono::steady_clock::now();
    kernel(call);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    times_.add(call.op.name(), 1, spent.count());
  }

  void synchronize() override {}
  void set_timing(bool on) override { timing_ = on; }
  std::vector<OpTime> take_times() override { return times_.take(); }
  void* host_pointer(Block block) const override { return block.handle; }

 private:
  Allocator allocator_;
  bool timing_ = false;
  OpTimes times_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

int thread_count() { return omp_get_max_threads(); }

}  // namespace gradus::cpu
