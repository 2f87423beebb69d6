#include "core/session/engine_thread.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/io/safetensors.h"
#include "core/tensor/runtime.h"

namespace gradus {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Whether it changes nothing.
bool only_looks(const Command& command) {
  return std::holds_alternative<command::Look>(command) ||
         std::holds_alternative<command::Predict>(command) ||
         std::holds_alternative<command::MapBoundary>(command);
}

}  // namespace

EngineThread::EngineThread(Runtime& runtime, std::function<void()> wake)
    : runtime_(runtime), wake_(std::move(wake)), thread_([this] { work(); }) {}

EngineThread::~EngineThread() {
  quit_ = true;
  commands_.close();
  events_.close();
  thread_.join();
}

void EngineThread::send(Command command) { commands_.post({++sent_, std::move(command)}); }

void EngineThread::post(Event event) {
  events_.post(std::move(event));
  wake_();
}

void EngineThread::work() {
  const RuntimeGuard guard(runtime_);
  while (std::optional<Numbered> next = commands_.take()) {
    if (quit_) break;
    running_ = next->number;
    perform(next->command);
  }
  session_.reset();
}

void EngineThread::perform(Command& command) {
  const auto* load = std::get_if<command::Load>(&command);
  event::Failed failed{.message = {},
                       .diverged = false,
                       .node = 0,
                       .load = load ? load->id : 0,
                       .move = std::holds_alternative<command::Run>(command) ||
                               std::holds_alternative<command::Step>(command) ||
                               std::holds_alternative<command::Back>(command),
                       .cursor = {},
                       .graph = {},
                       .look = only_looks(command)};
  try {
    try {
      std::visit([this](auto& c) { handle(c); }, command);
    } catch (const DeviceLost& lost) {
      resume_without_device(lost, command);
    }
    return;
  } catch (const NodeError& error) {
    failed.diverged = dynamic_cast<const Diverged*>(&error) != nullptr;
    failed.node = error.node;
    failed.message = error.what();
  } catch (const std::bad_alloc&) {
    failed.message = "[memory] there is not enough: use a smaller batch or network";
  } catch (const std::exception& error) {
    failed.message = error.what();
  }
  flush_progress();
  if (std::holds_alternative<command::UseDevice>(command) && session_) {
    failed.stays_on = session_->device();
  }
  if (failed.move && session_) {
    failed.cursor = session_->state().cursor;
    failed.graph = session_->graph_progress();
  }
  post(std::move(failed));
}

void EngineThread::resume_without_device(const DeviceLost& lost, Command& command) {
  flush_progress();
  event::Moved moved{
      .from = {}, .to = kCpu, .lost = lost.what(), .cursor = {}, .batches_redone = 0};
  if (auto* load = std::get_if<command::Load>(&command)) {
    moved.from = std::exchange(load->options.device, kCpu);
    if (moved.from == kCpu) throw;
    handle(*load);
    post(std::move(moved));
    return;
  }
  if (!session_ || session_->device() == kCpu) throw;
  const SessionState* kept = host_copy_.before(*session_);
  std::unique_ptr<Session> old = session_->resume_on(kCpu, kept);
  std::swap(old, session_);
  moved.from = old->device();
  moved.batches_redone = batches_between(*old, session_->state().cursor, old->state().cursor);
  host_copy_.forget();
  // A run does again what was lost, and shows it, whoever looks on. At rest all stands where it
  // stood.
  if (!std::holds_alternative<command::Run>(command) && !(only_looks(command) && runs_)) {
    session_->catch_up(old->state(), [this] { return stopping(); });
    session_->set_step_mode(old->step_mode());
  }
  moved.cursor = session_->state().cursor;
  post(std::move(moved));
  std::visit([this](auto& c) { handle(c); }, command);
}

void EngineThread::handle(command::UseDevice& use) {
  const Device from = session().device();
  if (from == use.device) return;
  host_copy_.take(session());  // should the new one be lost at once
  try {
    auto moved = session().resume_on(use.device, host_copy_.before(session()));
    runtime_.backend(use.device).synchronize();
    session_ = std::move(moved);
  } catch (const DeviceLost& lost) {  // not the one that the run is on
    throw Error(lost.what());
  }
  if (use.device == kCpu) host_copy_.forget();
  post(event::Moved{from, use.device, {}, session_->state().cursor, 0});
}

void EngineThread::handle(command::ListDevices&) {
  event::Devices devices;
  devices.all = runtime_.devices(&devices.why_no_more);
  post(std::move(devices));
}

// While a run goes on: what only looks, or changes a setting, is done between two steps; weights
// are saved and devices changed between two batches, since an update changes weights one by one.
void EngineThread::serve_lookers(bool between_batches) {
  const auto looks = [between_batches](const Numbered& next) {
    return (between_batches && (std::holds_alternative<command::SaveWeights>(next.command) ||
                                std::holds_alternative<command::UseDevice>(next.command))) ||
           std::holds_alternative<command::SetHyper>(next.command) ||
           std::holds_alternative<command::Adopt>(next.command) ||
           std::holds_alternative<command::ListDevices>(next.command) || only_looks(next.command);
  };
  while (std::optional<Numbered> next = commands_.take_if(looks)) perform(next->command);
}

Session& EngineThread::session() {
  if (!session_) fail("session", "no network is loaded yet");
  return *session_;
}

void EngineThread::handle(command::Load& load) {
  session_.reset();  // what is asked from now on is not asked of the old one
  host_copy_.forget();
  auto session = std::make_unique<Session>(load.graph, load.data(), load.options);
  session_ = std::move(session);
  host_copy_.keep(*session_);
  progress_ = {};
  event::Loaded loaded;
  loaded.id = load.id;
  const Plan& plan = session_->plan();
  loaded.plan = to_string(plan, session_->graph());
  for (const PlanParameter& parameter : plan.parameters) {
    loaded.parameters.push_back(parameter.name);
    loaded.parameter_sizes.push_back(parameter.sizes);
  }
  for (const auto& [node, value] : plan.results) {
    const NetNode& named = session_->graph().node(node);
    if (!nn::find_layer(named.type)) loaded.results.emplace_back(named.name, value);
  }
  loaded.batches_per_epoch = session_->batches_per_epoch();
  loaded.train_size = session_->train_size();
  const Dataset& test = *session_->data().test;
  loaded.test_size = session_->has_data() ? test.size() : 0;
  loaded.dataset = test.name();
  loaded.sample_shape = test.sample_shape();
  loaded.class_names = test.class_names();
  loaded.device = load.options.device;
  post(std::move(loaded));
}

void EngineThread::handle(command::Run& run) {
  session().set_step_mode(false);
  const ScopedValue<bool> running(runs_, true);
  constexpr double kRememberEvery = 0.25;  // seconds: so long may the way back take
  Clock::time_point remembered = Clock::now();
  Clock::time_point batch_start = Clock::now();
  StepResult last;
  while (!stopping() && !session().state().cursor.done) {
    serve_lookers(last.ends_batch);
    Session& s = session();  // perhaps another one, on another device
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
      flush_progress();
      post(event::EpochDone{last.epoch, s.state().metrics, progress_.training_seconds,
                            progress_.training_samples});
    }
    if (last.ends_batch) {
      host_copy_.keep(s);
      batch_start = Clock::now();
    }
    if (last.ends(run.until)) break;
  }
  flush_progress();
  const SessionState& state = session().state();
  post(event::Stopped{state.cursor, state.metrics, session().graph_progress(), state.cursor.done});
}

// Batches are merged into one event until it is taken; where there is no room for one, they wait
// here. Nothing is lost, and training waits only once very many are held.
void EngineThread::post_progress(event::BatchLoss batch) {
  constexpr size_t kMost = 1 << 16;
  progress_.batches.push_back(batch);
  const bool posted = events_.post_or_merge(progress_, [](Event& last, Event& next) {
    auto* held = std::get_if<event::Progress>(&last);
    if (!held || held->batches.size() >= kMost) return false;
    const auto& fresh = std::get<event::Progress>(next);
    held->batches.insert(held->batches.end(), fresh.batches.begin(), fresh.batches.end());
    held->training_seconds = fresh.training_seconds;
    held->training_samples = fresh.training_samples;
    return true;
  });
  if (posted) {
    progress_.batches.clear();
    wake_();
  } else if (progress_.batches.size() >= kMost) {
    flush_progress();
  }
}

void EngineThread::flush_progress() {
  if (progress_.batches.empty()) return;
  post(progress_);
  progress_.batches.clear();
}

void EngineThread::handle(command::Step& step) {
  Session& s = session();
  s.set_step_mode(true);
  host_copy_.keep(s);
  const StepResult last = s.run(step.grain, [&](const StepResult&) {
    host_copy_.keep(s);
    return stopping();
  });
  post_stepped(last, step.values, false);
}

void EngineThread::post_stepped(const StepResult& last, size_t values, bool backwards) {
  const Session& s = session();
  post(event::Stepped{s.describe(last, values), s.state().cursor, s.graph_progress(),
                      s.state().hyper, s.state().metrics, backwards});
}

void EngineThread::handle(command::Back& back) {
  Session& s = session();
  if (!s.back(back.grain, [this] { return stopping(); }) && !stopping()) {
    fail("back", "this is the very start");
  }
  host_copy_.keep(s);
  post_stepped(s.state().last, back.values, true);
}

void EngineThread::handle(command::SetHyper& set) { session().set_hyper(set.hyper); }

void EngineThread::handle(command::Adopt& adopt) {
  session().adopt(adopt.graph);
  post(event::Adopted{session().state().cursor});
}

void EngineThread::handle(command::Look& look) {
  event::Values values;
  for (const ValueRequest& request : look.requests) {
    values.windows.push_back(session().window(request));
  }
  post(std::move(values));
}

namespace {

// The class with the highest score of each row, and its softmax.
void classify(const Tensor& scores, std::vector<int64_t>& predicted,
              std::vector<float>& confidence) {
  const std::vector<float> all = scores.to_vector<float>();
  const size_t classes = static_cast<size_t>(scores.size(-1));
  for (size_t row = 0; row + classes <= all.size(); row += classes) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(row);
    const auto best = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(classes));
    float sum = 0;
    for (size_t c = 0; c < classes; ++c) sum += std::exp(all[row + c] - *best);
    const bool number = std::isfinite(sum) && sum > 0;
    predicted.push_back(number ? best - begin : -1);
    confidence.push_back(number ? 1 / sum : 0);
  }
}

}  // namespace

void EngineThread::handle(command::Predict& predict) {
  const Dataset& test = *session().data().test;
  const size_t width = static_cast<size_t>(numel(test.sample_shape()));
  event::Predictions result;
  for (int64_t sample : predict.samples) {
    if (sample < 0 || sample >= test.size()) continue;
    result.samples.push_back(sample);
    result.pixels.resize(result.pixels.size() + width);
    result.labels.push_back(0);
    test.read(sample, result.pixels.data() + result.pixels.size() - width, &result.labels.back());
  }
  if (!result.samples.empty()) {
    const auto count = static_cast<int64_t>(result.samples.size());
    classify(session().predict(result.pixels, count), result.predicted, result.confidence);
  }
  post(std::move(result));
}

void EngineThread::handle(command::MapBoundary& map) {
  constexpr int64_t kMostPoints = 1000;
  const Dataset& train = *session().data().train;
  if (numel(train.sample_shape()) != 2) {
    fail("boundary", "{} has samples of shape {}, not of two numbers", train.name(),
         to_prose(train.sample_shape()));
  }
  event::Boundary result{
      .area = map, .predicted = {}, .confidence = {}, .points = {}, .labels = {}};
  std::vector<float> samples;
  for (int32_t row = 0; row < map.rows; ++row) {
    for (int32_t column = 0; column < map.columns; ++column) {
      const double x = (column + 0.5) / map.columns;
      const double y = (row + 0.5) / map.rows;
      samples.push_back(static_cast<float>(map.left + (map.right - map.left) * x));
      samples.push_back(static_cast<float>(map.top + (map.bottom - map.top) * y));
    }
  }
  if (!samples.empty()) {
    classify(session().predict(samples, static_cast<int64_t>(samples.size() / 2)), result.predicted,
             result.confidence);
  }
  for (int64_t i = 0; i < std::min(train.size(), kMostPoints); ++i) {
    float point[2];
    int64_t label = 0;
    train.read(i, point, &label);
    result.points.insert(result.points.end(), point, point + 2);
    result.labels.push_back(label);
  }
  post(std::move(result));
}

void EngineThread::handle(command::SaveWeights& save) {
  save_safetensors(session().state_dict(), save.file);
  post(event::Saved{save.file.string()});
}

}  // namespace gradus
