// What the host keeps of a run on another device, in case that device is lost.
#pragma once

#include <chrono>
#include <optional>

#include "core/session/session.h"

namespace gradus {

class HostCopy {
 public:
  // Takes a copy of the state where it stands at the start of a batch, if the last one is old (so
  // one is never much more than 4 s old). Of a run on the CPU none is needed.
  void keep(const Session& session);
  void forget() { state_.reset(); }
  // Null if there is none.
  const SessionState* state() const { return state_ ? &*state_ : nullptr; }

 private:
  std::optional<SessionState> state_;
  std::chrono::steady_clock::time_point taken_;
};

// Batches of training and evaluation, started and finished, from one spot of a run to a later one.
int64_t batches_between(const Session& session, const Cursor& from, const Cursor& to);

}  // namespace gradus
