#include "core/session/engine_thread.h"

#include <chrono>

#include "core/io/safetensors.h"
#include "core/tensor/runtime.h"

namespace gradus {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

EngineThread::EngineThread(Runtime& runtime) : runtime_(runtime), thread_([this] { work(); }) {}

EngineThread::~EngineThread() {
  quit_ = true;
  commands_.close();
  events_.close();
  thread_.join();
}

void EngineThread::send(Command command) { commands_.post({++sent_, std::move(command)}); }

void EngineThread::work() {
  const RuntimeGuard guard(runtime_);
  while (std::optional<Numbered> next = commands_.take()) {
    if (quit_) break;
    running_ = next->number;
    try {
      std::visit([this](auto& c) { handle(c); }, next->command);
    } catch (const Diverged& error) {
      events_.post(event::Failed{error.what(), true});
    } catch (const std::bad_alloc&) {
      events_.post(
          event::Failed{"[memory] there is not enough: use a smaller batch or network", false});
    } catch (const std::exception& error) {
      events_.post(event::Failed{error.what(), false});
    }
  }
  session_.reset();
}

Session& EngineThread::session() {
  if (!session_) fail("session", "no network is loaded yet");
  return *session_;
}

void EngineThread::handle(command::Load& load) {
  auto session = std::make_unique<Session>(std::move(load.graph), load.data(), load.options);
  session_ = std::move(session);
  progress_ = {};
  event::Loaded loaded;
  const Plan& plan = session_->plan();
  loaded.plan = to_string(plan, session_->graph());
  for (const PlanParameter& parameter : plan.parameters) {
    loaded.parameters.push_back(parameter.name);
    loaded.parameter_sizes.push_back(parameter.sizes);
  }
  loaded.batches_per_epoch = session_->batches_per_epoch();
  loaded.train_size = session_->train_size();
  loaded.device = to_string(load.options.device);
  events_.post(std::move(loaded));
}

void EngineThread::handle(command::Run& run) {
  Session& s = session();
  s.set_step_mode(false);
  constexpr double kRememberEvery = 2.0;  // seconds
  Clock::time_point remembered = Clock::now();
  Clock::time_point batch_start = Clock::now();
  StepResult last;
  while (!stopping() && !s.state().cursor.done) {
    last = s.step();
    if (last.ends_batch && last.phase != Phase::evaluate) {
      progress_.training_seconds += seconds_since(batch_start);
      progress_.training_samples += s.samples_in(last);
      post_progress({last.epoch, last.batch, s.samples_in(last), s.state().metrics.loss});
      if (seconds_since(remembered) > kRememberEvery) {
        s.remember();
        remembered = Clock::now();
      }
    }
    if (last.ends_epoch) {
      events_.post(event::EpochDone{last.epoch, s.state().metrics, progress_.training_seconds,
                                    progress_.training_samples});
    }
    if (last.ends_batch) batch_start = Clock::now();
    if (last.ends(run.until)) break;
  }
  events_.post(event::Stopped{s.state().cursor, s.state().metrics, s.state().cursor.done});
}

// Batches are merged into one event until it is taken; the newest are kept if nobody takes it.
void EngineThread::post_progress(event::BatchLoss batch) {
  constexpr size_t kMost = 1 << 16;
  event::Progress event{{batch}, progress_.training_seconds, progress_.training_samples};
  events_.post_or_merge(std::move(event), [](Event& last, Event& next) {
    auto* held = std::get_if<event::Progress>(&last);
    if (!held || held->batches.size() >= kMost) return false;
    auto& fresh = std::get<event::Progress>(next);
    held->batches.push_back(fresh.batches[0]);
    held->training_seconds = fresh.training_seconds;
    held->training_samples = fresh.training_samples;
    return true;
  });
}

void EngineThread::handle(command::Step& step) {
  Session& s = session();
  s.set_step_mode(true);
  const StepResult last = s.run(step.grain, [this](const StepResult&) { return stopping(); });
  events_.post(event::Stepped{s.describe(last, step.values), s.state().cursor, false});
}

void EngineThread::handle(command::Back& back) {
  Session& s = session();
  if (!s.back(back.grain, [this] { return stopping(); }) && !stopping()) {
    fail("back", "this is the very start");
  }
  events_.post(event::Stepped{s.describe(s.state().last, back.values), s.state().cursor, true});
}

void EngineThread::handle(command::SetHyper& set) { session().set_hyper(set.hyper); }

void EngineThread::handle(command::Look& look) {
  event::Values values;
  for (const ValueRef& ref : look.refs)
    values.windows.push_back(session().window(ref, look.values));
  events_.post(std::move(values));
}

void EngineThread::handle(command::SaveWeights& save) {
  save_safetensors(session().state_dict(), save.file);
  events_.post(event::Saved{save.file.string()});
}

}  // namespace gradus
