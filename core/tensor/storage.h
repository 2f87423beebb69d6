// Memory that tensors share. Its version counts in-place writes, so that a backward which would
// read an overwritten value can tell.
#pragma once

#include "core/base/object_pool.h"
#include "core/tensor/backend.h"

namespace gradus {

class StorageImpl : public Pooled<StorageImpl> {
 public:
  StorageImpl(Backend& backend, size_t bytes)
      : backend_(backend),
        device_(backend.device()),
        block_(backend.allocate(bytes)),
        bytes_(bytes) {}
  ~StorageImpl() { backend_.free(block_); }

  Backend& backend() const { return backend_; }
  Device device() const { return device_; }
  Block block() const { return block_; }
  size_t bytes() const { return bytes_; }

  uint32_t version() const { return version_; }

  // Name of the op that wrote last, "" before any in-place write.
  const char* last_writer() const { return last_writer_; }
  void bump_version(const char* writer) {
    ++version_;
    last_writer_ = writer;
  }
  void restore_version(uint32_t version, const char* writer) {
    version_ = version;
    last_writer_ = writer;
  }

 private:
  Backend& backend_;
  Device device_;
  Block block_;
  size_t bytes_;
  uint32_t version_ = 0;
  const char* last_writer_ = "";
};

using Storage = IntrusivePtr<StorageImpl>;

}  // namespace gradus
