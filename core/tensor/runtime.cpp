#include "core/tensor/runtime.h"

#include <cassert>

#include "core/tensor/pools.h"

namespace gradus {
namespace {

// Tensors with a shape and no data. Running on it is call()'s business: it never does.
class MetaBackend final : public Backend {
 public:
  Device device() const override { return kMeta; }
  DeviceInfo info() const override { return {"meta", "meta", 0, {}}; }
  Block allocate(size_t bytes) override { return {nullptr, 0, bytes}; }
  void free(Block) noexcept override {}
  int64_t available_bytes() const override { return INT64_MAX; }
  MemoryStats memory_stats() const override { return {}; }
  void upload(const void*, Block, size_t, size_t) override {}
  void download(Block, size_t, void*, size_t) override { fail("meta", "has no values to read"); }
  void copy(Block, Block, size_t) override {}
  void run(const KernelCall&) override {}
  void synchronize() override {}
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
  for (const auto& other : backends_) {
    if (other->device() == backend->device()) {
      fail("runtime", "device {} is there already", to_string(backend->device()));
    }
  }
  backends_.push_back(std::move(backend));
  if (backends_.back()->device() == kCpu) cpu_ = backends_.back().get();
}

Backend& Runtime::find_backend(Device device) const {
  for (const auto& backend : backends_) {
    if (backend->device() == device) return *backend;
  }
  std::string have;
  for (Backend* backend : backends()) {
    have += (have.empty() ? "" : ", ") + to_string(backend->device());
  }
  fail("device", "{} is not available; there is: {}", to_string(device), have);
}

std::vector<Backend*> Runtime::backends() const {
  std::vector<Backend*> result;
  for (const auto& backend : backends_) {
    if (backend->device() != kMeta) result.push_back(backend.get());
  }
  return result;
}

RuntimeGuard::RuntimeGuard(Runtime& runtime) : previous_(context().runtime) {
  context().runtime = &runtime;
}
RuntimeGuard::~RuntimeGuard() { context().runtime = previous_; }

}  // namespace gradus
