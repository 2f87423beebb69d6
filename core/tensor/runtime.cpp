#include "core/tensor/runtime.h"

#include <algorithm>
#include <cassert>

#include "core/tensor/pools.h"

namespace gradus {
namespace {

// Tensors with a shape and no data. Running on it is call()'s business: it never does.
class MetaBackend final : public Backend {
 public:
  Device device() const override { return kMeta; }
  DeviceInfo info() const override { return {.device = kMeta, .name = "meta", .type = "meta"}; }
  Block allocate(size_t bytes) override { return {nullptr, 0, bytes}; }
  void free(Block) noexcept override {}
  int64_t available_bytes() const override { return INT64_MAX; }
  MemoryStats memory_stats() const override { return {}; }
  void upload(const void*, Block, size_t, size_t) override {}
  void download(Block, size_t, void*, size_t) override { fail("meta", "has no values to read"); }
  void copy(Block, Block, size_t) override {}
  void run(const KernelCall&) override {}
  void synchronize() override {}
  void set_timing(bool) override {}
  std::vector<OpTime> take_times() override { return {}; }
  void* host_pointer(Block) const override { return nullptr; }
};

}  // namespace

Context& context() {
  thread_local Context context;
  return context;
}

Runtime::Runtime() : pools_(std::make_unique<Pools>()) {
  add_backend(std::make_unique<MetaBackend>());
}

Runtime::~Runtime() {
  // Tensors hold pointers into the runtime, so none may be left.
  assert(pools_->tensors.live() == 0 && pools_->storages.live() == 0);
}

Runtime& Runtime::current() {
  Runtime* runtime = context().runtime;
  if (!runtime) fail("runtime", "this thread has none: make a Runtime and a RuntimeGuard first");
  return *runtime;
}

void Runtime::add_backend(std::unique_ptr<Backend> backend) {
  const std::lock_guard lock(mutex_);
  for (const auto& other : backends_) {
    if (other->device() == backend->device()) {
      fail("runtime", "device {} is there already", to_string(backend->device()));
    }
  }
  backends_.push_back(std::move(backend));
  if (backends_.back()->device() == kCpu) cpu_ = backends_.back().get();
  if (backends_.back()->device() == kMeta) meta_ = backends_.back().get();
}

Backend& Runtime::find_backend(Device device) {
  const std::lock_guard lock(mutex_);
  std::string have;
  for (const auto& backend : backends_) {
    if (backend->device() == device) return *backend;
    if (backend.get() != meta_) have += (have.empty() ? "" : ", ") + to_string(backend->device());
  }
  if (more_.open) {
    backends_.push_back(more_.open(device));
    return *backends_.back();
  }
  fail("device", "{} is not available; there is: {}", to_string(device), have);
}

std::vector<DeviceInfo> Runtime::devices(std::string* why_no_more) const {
  std::vector<DeviceInfo> all;
  if (cpu_) all.push_back(cpu_->info());
  if (more_.list) {
    for (DeviceInfo& info : more_.list(why_no_more)) all.push_back(std::move(info));
  }
  const std::lock_guard lock(mutex_);
  for (const auto& backend : backends_) {
    const bool listed = std::ranges::find(all, backend->device(), &DeviceInfo::device) != all.end();
    if (!listed && backend.get() != meta_) all.push_back(backend->info());
  }
  return all;
}

RuntimeGuard::RuntimeGuard(Runtime& runtime) : previous_(context().runtime) {
  context().runtime = &runtime;
}
RuntimeGuard::~RuntimeGuard() { context().runtime = previous_; }

}  // namespace gradus
