// What a device must offer; compute/ implements it, core only declares it.
//
// Work is *enqueued*: run(), upload() and copy() may return before anything has happened, as long
// as everything enqueued takes effect in order. download() and synchronize() wait. So a backend may
// record calls and submit them together; values look eager to everybody above.
//
// What only the data can tell (a label out of range) may be found late: run() throws Error, or the
// next waiting call DataError, with the op's name in the message. Any call throws DeviceLost once
// the device is gone.
//
// Thread: the engine thread alone, except free(), which any thread may call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/tensor/device.h"
#include "core/tensor/dtype.h"

namespace gradus {

struct KernelCall;  // core/op/call.h

// A piece of device memory. Only its backend knows what `handle` means.
struct Block {
  void* handle = nullptr;
  size_t offset = 0;  // bytes
  size_t bytes = 0;
};

// The device is gone: its driver gave it up, or it was unplugged. What was in its memory is lost.
class DeviceLost : public Error {
 public:
  using Error::Error;
};

// A kernel found something wrong with the data, after the call that ran it had returned.
class DataError : public Error {
 public:
  DataError(const std::string& message, int64_t asked_by) : Error(message), origin(asked_by) {}
  int64_t origin;  // Context::origin at that call
};

struct DeviceInfo {
  Device device;
  std::string name = {};                                          // "Intel(R) Xeon(R) Processor"
  std::string type = {};                                          // "cpu", "discrete gpu", …
  int64_t memory_bytes = 0;                                       // what could be had at most
  std::vector<std::pair<std::string, std::string>> details = {};  // driver, limits
  bool software = false;     // a GPU's driver without a GPU: slow, never chosen unasked
  std::string problem = {};  // why it cannot be used; empty if it can
};

// What a device has spent on an op since it was last asked.
struct OpTime {
  const char* op = "";
  int64_t calls = 0;
  double seconds = 0;
};

// Counted since the backend was made.
struct MemoryStats {
  int64_t system_allocations = 0;  // requests that reached the driver or the C library
  int64_t bytes_held = 0;          // held from the system, in use or kept for reuse
  int64_t bytes_used = 0;          // in live storages
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual Device device() const = 0;
  virtual DeviceInfo info() const = 0;

  // Memory for `bytes` bytes, uninitialised. Throws Error when it cannot be had.
  virtual Block allocate(size_t bytes) = 0;
  // The block may still be used by enqueued work; the backend waits with reusing it.
  virtual void free(Block block) noexcept = 0;
  // Bytes that could be allocated now, and for one tensor at most.
  virtual int64_t available_bytes() const = 0;
  virtual int64_t most_bytes_of_a_tensor() const { return INT64_MAX; }
  virtual MemoryStats memory_stats() const = 0;
  // Whether it computes with such numbers.
  virtual bool works_with(DType) const { return true; }

  virtual void upload(const void* from, Block to, size_t to_offset, size_t bytes) = 0;
  virtual void download(Block from, size_t from_offset, void* to, size_t bytes) = 0;
  virtual void copy(Block from, Block to, size_t bytes) = 0;

  // Inputs are checked, of one dtype where the op says so, with any strides; outputs are allocated
  // with the inferred shapes, or are the inputs that the op overwrites.
  virtual void run(const KernelCall& call) = 0;
  // Hands on what has been enqueued; does not wait. Called where no more comes for a while.
  virtual void flush() {}
  virtual void synchronize() = 0;

  // Whether the time of each op is taken; take_times() waits, and starts afresh.
  virtual void set_timing(bool on) = 0;
  virtual std::vector<OpTime> take_times() = 0;

  // The bytes themselves where the host can address them, else null.
  virtual void* host_pointer(Block block) const = 0;
};

}  // namespace gradus
