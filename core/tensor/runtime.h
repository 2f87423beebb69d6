// What one program run owns: its devices, its default generator, and the pools that small objects
// come from. `main` (or a test) makes one and sets it as the thread's current one. The Context is
// the only thread-local state: there are no other globals.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/random/generator.h"
#include "core/tensor/backend.h"
#include "core/tensor/tensor.h"

namespace gradus {

class Observer;     // core/op/observer.h
class MutationLog;  // core/tensor/mutation_log.h

class Runtime {
 public:
  Runtime();
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // The current thread's runtime. Throws if it has none.
  static Runtime& current();

  // Adds a device. Its Device must not be taken.
  void add_backend(std::unique_ptr<Backend> backend);
  // Further devices, which are opened when they are first asked for.
  struct DeviceSource {
    // Where there are none, the text says why.
    std::function<std::vector<DeviceInfo>(std::string*)> list;
    // Throws where there is no such.
    std::function<std::unique_ptr<Backend>(Device)> open;
  };
  void set_more_devices(DeviceSource more) { more_ = std::move(more); }
  // Throws an Error that lists what there is.
  Backend& backend(Device device) {
    if (device == kCpu && cpu_) return *cpu_;
    if (device == kMeta) return *meta_;
    return find_backend(device);
  }
  // All there are, opened or not, the CPU first. `why_no_more` says why it is alone, if it is.
  std::vector<DeviceInfo> devices(std::string* why_no_more) const;

  // PyTorch's default CPU generator. Sessions have a generator of their own.
  Generator& default_generator() { return generator_; }

  // Numbers autograd nodes in the order in which they are recorded, over all threads.
  uint64_t take_sequence_nr() { return sequence_nr_.fetch_add(1, std::memory_order_relaxed); }

  struct Pools;
  Pools& pools() { return *pools_; }

 private:
  Backend& find_backend(Device device);

  std::unique_ptr<Pools> pools_;  // outlives the backends' tensors
  mutable std::mutex mutex_;      // guards backends_
  std::vector<std::unique_ptr<Backend>> backends_;
  DeviceSource more_;
  // Found without a search: small ops and shapes ask for them each time.
  Backend* cpu_ = nullptr;
  Backend* meta_ = nullptr;
  Generator generator_;
  std::atomic<uint64_t> sequence_nr_{0};
};

// The thread's state. One pointer test per call is all that watching costs when nobody watches.
struct Context {
  Runtime* runtime = nullptr;
  Observer* observer = nullptr;
  MutationLog* mutation_log = nullptr;
  bool grad_enabled = true;
  bool detect_anomaly = false;
  int64_t origin = 0;  // who asks for calls: a number of the caller's own, see DataError
};
Context& context();

// Makes `runtime` current in this thread while it lives.
class RuntimeGuard {
 public:
  explicit RuntimeGuard(Runtime& runtime);
  ~RuntimeGuard();
  RuntimeGuard(const RuntimeGuard&) = delete;
  RuntimeGuard& operator=(const RuntimeGuard&) = delete;

 private:
  Runtime* previous_;
};

// Sets a field of the thread's context while it lives.
template <typename T>
class ScopedValue {
 public:
  ScopedValue(T& place, T value) : place_(place), previous_(place) { place_ = value; }
  ~ScopedValue() { place_ = previous_; }
  ScopedValue(const ScopedValue&) = delete;
  ScopedValue& operator=(const ScopedValue&) = delete;

 private:
  T& place_;
  T previous_;
};

}  // namespace gradus
