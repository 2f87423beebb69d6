// Going back, restoring, forking: everything by which a session leaves the straight way.
// Note [Going back] is in journal.h.
#include <algorithm>
#include <cmath>

#include "core/session/session.h"

namespace gradus {

void Session::set_step_mode(bool on) {
  step_mode_ = on;
  batch_start_.reset();
  if (on) return;
  journal_.forget();
  state_.last_gradient = {};
}

bool Session::back(Grain grain, const std::function<bool()>& stop) {
  set_step_mode(true);
  to_come_.clear();
  bool moved = false;
  while (journal_.undo(state_)) {
    moved = true;
    settle();
    if (state_.last.ends(grain) || (stop && stop())) return true;
  }
  return run_to_before(grain, stop) || moved;
}

// Goes to the last step before this one that ends the grain, or to the oldest snapshot, by running.
bool Session::run_to_before(Grain grain, const std::function<bool()>& stop) {
  const SessionState here = state_;  // what runs below works on copies
  const auto give_up = [&] {
    state_ = here;
    journal_.forget();
    step_mode_ = true;
    return false;
  };
  std::vector<const SessionState*> starts;  // the oldest first
  for (const SessionState& kept : remembered_) {
    if (leads_to(kept, here) && kept.cursor.step < here.cursor.step) starts.push_back(&kept);
  }
  try {
    while (!starts.empty()) {
      const SessionState start = starts.back()->deep_copy();
      starts.pop_back();
      std::optional<int64_t> target;
      if (start.last.ends(grain) || starts.empty()) target = start.cursor.step;
      if (grain == Grain::op) {
        target = here.cursor.step - 1;
      } else {  // whether a step ends the grain is known when it is done
        step_mode_ = false;
        state_ = start.deep_copy();
        meet_changes(here.changes);
        while (state_.cursor.step < here.cursor.step - 1) {
          if (stop && stop()) return give_up();
          state_.cursor.done = false;  // it did go on
          step();
          meet_changes(here.changes);
          if (state_.last.ends(grain)) target = state_.cursor.step;
        }
      }
      if (!target) continue;
      step_mode_ = false;
      state_ = start;
      if (!run_to(*target, here.changes, stop)) return give_up();
      step_mode_ = true;
      return true;
    }
  } catch (...) {
    give_up();
    throw;
  }
  return false;
}

// Runs at full speed, and the last steps, from the start of a batch on, in step mode, so that they
// can be looked at and more of them be undone at once. False if stopped.
bool Session::run_to(int64_t step, const std::vector<HyperChange>& changes,
                     const std::function<bool()>& stop) {
  constexpr int64_t kJournalled = 512;
  const int64_t batch = 4 * static_cast<int64_t>(plan().calls.size() + plan().parameters.size());
  meet_changes(changes);
  while (state_.cursor.step < step) {
    if (stop && stop()) return false;
    if (at_batch_start()) step_mode_ = step - state_.cursor.step <= kJournalled + batch;
    state_.cursor.done = false;  // it did go on
    this->step();
    meet_changes(changes);
  }
  settle();
  return true;
}

void Session::meet_changes(const std::vector<HyperChange>& changes) {
  for (const HyperChange& change : changes) {
    if (change.step == state_.cursor.step) change_hyper(change.hyper);
  }
}

bool Session::at_batch_start() const {
  const Cursor& cursor = state_.cursor;
  return cursor.pc == 0 && (cursor.after_batches || cursor.item == 0);
}

void Session::set_hyper(const optim::Hyper& hyper) {
  optim::check(hyper);
  to_come_.clear();
  change_hyper(hyper);
}

void Session::change_hyper(const optim::Hyper& hyper) {
  std::erase_if(state_.changes,
                [&](const HyperChange& change) { return change.step >= state_.cursor.step; });
  state_.changes.push_back({state_.cursor.step, hyper});
  state_.hyper = hyper;
}

void Session::adopt(const NetGraph& graph) {
  if (!same_course(graph, graph_) || graph.training.seed != graph_.training.seed) {
    fail("session", "a run cannot take up another network, loop, batch size, data set or seed");
  }
  check(graph.training);
  const bool renamed = !same_names(graph, graph_);
  graph_ = graph;
  if (renamed) plans_.clear();
  settle();
}

// Whether the run is over depends on the epochs wanted, names in the plan on those of the nodes:
// both may be others than when this state was kept.
void Session::settle() {
  Cursor& cursor = state_.cursor;
  cursor.done = cursor.epoch >= graph_.training.epochs && cursor.batch == 0 && at_batch_start() &&
                !cursor.after_batches;
  if (state_.plan) state_.plan = plan_for(state_.plan->training, state_.plan->batch_size);
}

void Session::restore(const SessionState& snapshot) {
  if (!snapshot.origin || !same_course(*snapshot.origin, graph_)) {
    fail("restore", "the snapshot is of another network, loop, batch size or data set");
  }
  state_ = snapshot.deep_copy(options_.device);
  settle();
  batch_start_.reset();
  to_come_.clear();
  journal_.forget();
  std::erase_if(remembered_, [&](const SessionState& s) { return !leads_to(s, state_); });
  if (remembered_.empty()) remembered_.push_back(state_.deep_copy());
}

std::unique_ptr<Session> Session::resume_on(Device device, const SessionState* from) const {
  Options options = options_;
  options.device = device;
  auto other = std::make_unique<Session>(graph_, data_, options);
  // What it started with follows from the seed, so the way back reaches as far as it did here.
  SessionState& start = other->remembered_.front();
  start.origin = other->state_.origin = state_.origin;
  start.hyper = other->state_.hyper = state_.origin->training.optimizer;
  if (from && from->cursor.step > 0) {
    SessionState kept = std::move(start);
    other->restore(*from);
    other->remembered_.insert(other->remembered_.begin(), std::move(kept));
  }
  other->to_come_ = state_.changes;
  other->meet_changes(other->to_come_);
  other->step_mode_ = step_mode_;
  return other;
}

bool Session::catch_up(const SessionState& other, const std::function<bool()>& stop) {
  set_step_mode(false);
  step_mode_ = !at_batch_start();  // what is left of this batch may be looked at
  const bool there = run_to(other.cursor.step, other.changes, stop);
  step_mode_ = true;
  return there;
}

std::unique_ptr<Session> Session::fork() const {
  auto other = std::make_unique<Session>(graph_, data_, options_);
  other->restore(state_);
  other->step_mode_ = step_mode_;
  other->remembered_.clear();
  for (const SessionState& state : remembered_) {
    other->remembered_.push_back(state.deep_copy());
  }
  return other;
}

void Session::remember() {
  constexpr int64_t kMost = 8;
  std::erase_if(remembered_, [&](const SessionState& s) {
    return !leads_to(s, state_) || s.cursor.step == state_.cursor.step;
  });
  // Parameters, gradients and momentum of each; not more of them than the journal may hold.
  const auto bytes = static_cast<int64_t>(3 * plan().parameter_bytes()) + 1;
  const int64_t most = std::clamp(options_.journal_bytes / bytes, int64_t{1}, kMost);
  if (most == 1 && !remembered_.empty()) return;
  try {
    remembered_.push_back(state_.deep_copy());
  } catch (const std::exception&) {  // memory is short: the way back is longer then
    return;
  }
  if (static_cast<int64_t>(remembered_.size()) <= most) return;
  // The one goes whose neighbours are close, measured by how long ago it was.
  const auto step = [&](size_t i) { return static_cast<double>(remembered_[i].cursor.step); };
  size_t least = 1;
  double least_gap = INFINITY;
  for (size_t i = 1; i + 1 < remembered_.size(); ++i) {
    const double gap = (step(i + 1) - step(i - 1)) / (step(remembered_.size() - 1) - step(i) + 1);
    if (gap < least_gap) {
      least_gap = gap;
      least = i;
    }
  }
  remembered_.erase(remembered_.begin() + static_cast<std::ptrdiff_t>(least));
}

}  // namespace gradus
