// The recycled object kinds of a Runtime. Only the code that makes them includes this.
#pragma once

#include "core/tensor/runtime.h"

namespace gradus {

struct Runtime::Pools {
  ObjectPool<StorageImpl> storages;
  ObjectPool<TensorImpl> tensors;
  ObjectPool<GradSlot> grad_slots;
};

}  // namespace gradus
