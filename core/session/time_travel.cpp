// Going back, restoring, forking: everything by which a session leaves the straight way.
// Note [Going back] is in journal.h.
#include <algorithm>

#include "core/session/session.h"

namespace gradus {

void Session::set_step_mode(bool on) {
  step_mode_ = on;
  if (on) return;
  journal_.forget();
  last_gradient_ = {};
}

bool Session::back() {
  set_step_mode(true);
  last_gradient_ = {};
  if (journal_.undo(state_)) return true;
  const int64_t target = state_.cursor.step - 1;
  const SessionState* nearest = nullptr;
  for (const SessionState& state : remembered_) {
    if (state.cursor.step <= target && (!nearest || state.cursor.step > nearest->cursor.step)) {
      nearest = &state;
    }
  }
  if (!nearest) return false;
  state_ = nearest->deep_copy();
  // The last steps are journalled again, so that more of them can be undone at once.
  constexpr int64_t kJournalled = 512;
  step_mode_ = target - state_.cursor.step <= kJournalled;
  while (state_.cursor.step < target) {
    if (target - state_.cursor.step <= kJournalled && state_.cursor.pc == 0) step_mode_ = true;
    step();
  }
  step_mode_ = true;
  last_gradient_ = {};
  return true;
}

bool Session::back(Grain grain) {
  if (!back()) return false;
  while (state_.cursor.step > 0 && !state_.last.ends(grain) && back()) {
  }
  return true;
}

void Session::set_hyper(const optim::Hyper& hyper) {
  optim::check(hyper);
  const int64_t step = state_.cursor.step;
  std::erase_if(hyper_log_, [&](const auto& entry) { return entry.first >= step; });
  hyper_log_.emplace_back(step, hyper);
  state_.hyper = hyper;
}

void Session::apply_hyper_log() {
  for (const auto& [step, hyper] : hyper_log_) {
    if (step == state_.cursor.step) state_.hyper = hyper;
  }
}

void Session::restore(const SessionState& snapshot) {
  state_ = snapshot.deep_copy();
  journal_.forget();
  last_gradient_ = {};
  const int64_t step = state_.cursor.step;
  std::erase_if(remembered_, [&](const SessionState& s) { return s.cursor.step > step; });
  // What was changed later belongs to the time line that was left.
  std::erase_if(hyper_log_, [&](const auto& entry) {
    return entry.first > step || (entry.first == step && !(entry.second == state_.hyper));
  });
}

std::unique_ptr<Session> Session::fork() const {
  auto other = std::make_unique<Session>(graph_, data_, options_);
  other->restore(state_);
  other->hyper_log_ = hyper_log_;
  other->step_mode_ = step_mode_;
  other->remembered_.clear();
  for (const SessionState& state : remembered_) {
    other->remembered_.push_back(state.deep_copy());
  }
  return other;
}

void Session::remember() {
  constexpr size_t kMost = 8;
  if (!remembered_.empty() && remembered_.back().cursor.step == state_.cursor.step) return;
  std::erase_if(remembered_,
                [&](const SessionState& s) { return s.cursor.step > state_.cursor.step; });
  remembered_.push_back(state_.deep_copy());
  if (remembered_.size() > kMost) remembered_.erase(remembered_.begin() + 1);
}

}  // namespace gradus
