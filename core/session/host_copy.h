// What the host keeps of a run on another device, in case that device is lost.
#pragma once

#include <chrono>
#include <optional>

#include "core/session/session.h"

namespace gradus {

class HostCopy {
 public:
  // Takes a copy where the last one is of another course (one went back), or is old and this is the
  // start of a batch: so one is never much more than 4 s old. Of a run on the CPU none is needed.
  void keep(const Session& session);
  // Takes one at once, wherever the session is.
  void take(const Session& session);
  void forget() { state_.reset(); }
  // The last one, if the session's state followed from it; else null.
  const SessionState* before(const Session& session) const;

 private:
  std::optional<SessionState> state_;
  std::chrono::steady_clock::time_point taken_;
};

// Batches of training and evaluation, started and finished, from one spot of a run to a later one.
int64_t batches_between(const Session& session, const Cursor& from, const Cursor& to);

}  // namespace gradus
