// Watching what happens. An observer is first *asked* whether it wants a call; only then are the
// values made ready for it. With no observer, a call costs one pointer test.
#pragma once

#include <span>

#include "core/op/op_def.h"

namespace gradus {

// One op that happened. The tensors are lent: keep copies of the handles, not of the spans.
struct CallRecord {
  const OpDef& op;
  std::span<const Tensor> inputs;
  std::span<const Tensor> outputs;
  const Attrs& attrs;
  bool inplace;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual bool wants(const OpDef& op) = 0;
  virtual void on_call(const CallRecord& record) = 0;
};

}  // namespace gradus
