#include "core/session/host_copy.h"

namespace gradus {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kApart = std::chrono::seconds(4);

}  // namespace

void HostCopy::keep(const Session& session) {
  if (session.device() == kCpu) return;
  const bool young = Clock::now() - taken_ < kApart;
  if (before(session) && (young || !session.at_batch_start())) return;
  take(session);
}

void HostCopy::take(const Session& session) {
  state_ = session.snapshot(kCpu);
  taken_ = Clock::now();
}

const SessionState* HostCopy::before(const Session& session) const {
  return state_ && leads_to(*state_, session.state()) ? &*state_ : nullptr;
}

int64_t batches_between(const Session& session, const Cursor& from, const Cursor& to) {
  const int64_t trained = session.batches_per_epoch();
  const int64_t evaluated = session.evaluates() ? session.test_batches() : 0;
  const auto place = [&](const Cursor& cursor) {
    const int64_t within = cursor.after_batches ? trained + cursor.eval_batch : cursor.batch;
    return cursor.epoch * (trained + evaluated) + within;
  };
  return place(to) - place(from);
}

}  // namespace gradus
