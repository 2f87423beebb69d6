#include "ui/bridge/engine_bridge.h"

#include <algorithm>

#include "core/session/session_state.h"
#include "ui/document/core_text.h"

namespace gradus::ui {
namespace {

// Milliseconds between two looks at a run at full speed. Each wakes this thread, which takes one of
// the cores that train.
constexpr int kLookApart = 100;

}  // namespace

EngineBridge::EngineBridge(Runtime& runtime, DataSource data, QObject* parent)
    : QObject(parent), data_(std::move(data)), engine_(runtime, [this] { wake(); }) {
  timer_.setTimerType(Qt::PreciseTimer);
  timer_.setSingleShot(true);
  connect(&timer_, &QTimer::timeout, this, &EngineBridge::drain);
}

EngineBridge::~EngineBridge() { engine_.stop(); }

void EngineBridge::setState(State state) {
  if (state == state_) return;
  state_ = state;
  if (!changed_) emit stateChanged(state);
}

void EngineBridge::setChanged(bool changed) {
  changed_ = changed;
  emit stateChanged(state());
}

bool EngineBridge::hasSession() const {
  return state_ == State::ready || state_ == State::finished || state_ == State::diverged || busy();
}

bool EngineBridge::follow(const NetGraph& graph, bool trainable) {
  if (!course_ || (!hasSession() && state_ != State::loading)) return false;
  trainable_ = trainable;
  const NetGraph& before = *course_;
  const Training& was = before.training;
  const Training& now = graph.training;
  if (!same_course(before, graph) || was.seed != now.seed) {
    if (!hasSession() || (cursor_.step == 0 && !busy())) return false;
    engine_.stop();
    setChanged(true);
    return true;
  }
  if (!(was.optimizer == now.optimizer)) {
    engine_.send(command::SetHyper{now.optimizer});
    hyperAfter_ = movesSent_;
  }
  if (was.epochs != now.epochs || !same_names(before, graph)) {
    engine_.send(command::Adopt{graph});
  }
  course_ = graph;
  if (changed_) setChanged(false);
  return true;
}

void EngineBridge::load(const NetGraph& graph) {
  invalidate();
  course_ = graph;
  const std::string dataset = graph.training.dataset;
  engine_.send(command::Load{
      loads_, graph, [source = data_, dataset] { return source(dataset); }, {.device = device_}});
}

void EngineBridge::unload() {
  invalidate();
  setState(State::empty);
}

void EngineBridge::invalidate() {
  engine_.stop();
  ++loads_;
  moves_ = 0;
  unsaved_ = fullSpeed_ = false;
  course_.reset();
  cursor_ = {};
  graph_ = {};
  const State shown = state();
  changed_ = false;
  state_ = State::loading;
  if (shown != State::loading) emit stateChanged(State::loading);
}

void EngineBridge::move(Command command, State during) {
  ++moves_;
  ++movesSent_;
  engine_.send(std::move(command));
  setState(during);
}

void EngineBridge::run() {
  if (!atRest()) return;
  fullSpeed_ = true;
  move(command::Run{}, State::running);
}

void EngineBridge::step(Grain grain) {
  if (atRest() || state() == State::stepping) move(command::Step{grain}, State::stepping);
}

void EngineBridge::back(Grain grain) {
  const bool can = atRest() || state() == State::stepping || state() == State::finished;
  if (can && cursor_.step > 0) move(command::Back{grain}, State::stepping);
}

QString EngineBridge::nextPhase() const {
  if (!course_ || cursor_.done) return {};
  const Loop& loop = course_->training.loop;
  const auto& items = cursor_.after_batches ? loop.each_epoch : loop.each_batch;
  const auto item = static_cast<size_t>(cursor_.item);
  if (item >= items.size()) return {};
  if (items[item].of == 0) return coreText(to_string(items[item].phase));
  return QString::fromStdString(to_string(items[item], *course_));
}

void EngineBridge::stop() {
  engine_.stop();
  hurried_ = true;
  if (timer_.isActive()) timer_.start(0);
}

// What is asked of a network that is drawn no more would be shown as of another.
template <typename Command>
void EngineBridge::ask(const Command& command) {
  if (canBeAsked()) engine_.send(command);
}

void EngineBridge::look(const std::vector<ValueRequest>& requests) { ask(command::Look{requests}); }

void EngineBridge::predict(const command::Predict& what) { ask(what); }

void EngineBridge::mapBoundary(const command::MapBoundary& what) { ask(what); }

void EngineBridge::saveWeights(const QString& file) {
  if (!hasSession()) {
    emit failed(tr("There are no weights to save: no network is loaded."), 0);
    return;
  }
  engine_.send(command::SaveWeights{file.toStdString()});
}

void EngineBridge::useDevice(Device device) {
  device_ = device;
  if (hasSession()) {
    engine_.send(command::UseDevice{device});
  } else if (course_) {
    load(NetGraph(*course_));
  }
}

void EngineBridge::listDevices() { engine_.send(command::ListDevices{}); }

void EngineBridge::wake() {
  if (!woken_.exchange(true))
    QMetaObject::invokeMethod(this, &EngineBridge::drainSoon, Qt::QueuedConnection);
}

// Single steps are shown at once, and so is the end of a run that was stopped.
void EngineBridge::drainSoon() {
  const qint64 since = drained_.isValid() ? drained_.elapsed() : kLookApart;
  if (state_ != State::running || hurried_ || since >= kLookApart) {
    drain();
  } else if (!timer_.isActive()) {
    timer_.start(static_cast<int>(kLookApart - since));
  }
}

void EngineBridge::drain() {
  woken_ = false;
  drained_.start();
  for (Event& event : engine_.events().drain()) {
    // Of a network that is no longer open nothing is told.
    const auto* loaded = std::get_if<event::Loaded>(&event);
    const auto* failed = std::get_if<event::Failed>(&event);
    const int64_t answered = loaded ? loaded->id : failed ? failed->load : 0;
    if (answered) loadsDone_ = answered;
    if (loadsDone_ != loads_ && !std::holds_alternative<event::Devices>(event)) continue;
    std::visit([this](auto& e) { on(e); }, event);
  }
}

void EngineBridge::answer(bool done) {
  hurried_ = false;
  --moves_;
  if (moves_ == 0) setState(done ? State::finished : State::ready);
}

void EngineBridge::on(event::Loaded& event) {
  setState(State::ready);
  emit loaded(event);
}

void EngineBridge::on(event::Progress& event) {
  unsaved_ = hasData();
  emit progressed(event);
}

void EngineBridge::on(event::EpochDone& event) { emit epochDone(event); }

void EngineBridge::on(event::Stepped& event) {
  cursor_ = event.cursor;
  graph_ = event.graph;
  const StepResult& result = event.step.result;
  const bool learnt = result.phase == Phase::update && result.ends_batch;
  unsaved_ = (unsaved_ || learnt) && cursor_.step > 0 && hasData();
  fullSpeed_ = false;
  const int64_t number = movesSent_ - moves_ + 1;  // of the move that this answers
  if (event.backwards && hyperAfter_ < number && course_ &&
      !(course_->training.optimizer == event.hyper)) {
    course_->training.optimizer = event.hyper;
    emit hyperCame(event.hyper);
  }
  if (!changed_) emit stepped(event);
  answer(cursor_.done);
}

void EngineBridge::on(event::Values& event) {
  if (!changed_) emit valuesCame(event);
}

void EngineBridge::on(event::Predictions& event) {
  if (!changed_) emit predictionsCame(event);
}

void EngineBridge::on(event::Boundary& event) {
  if (!changed_) emit boundaryCame(event);
}

void EngineBridge::on(event::Stopped& event) {
  cursor_ = event.cursor;
  graph_ = event.graph;
  graph_.current = -1;  // nobody watched the last step
  answer(event.finished);
  if (!changed_) emit stopped(event);
}

void EngineBridge::on(event::Adopted& event) {
  cursor_ = event.cursor;
  if (busy() || state_ == State::diverged) return;
  setState(cursor_.done ? State::finished : State::ready);
}

void EngineBridge::on(event::Saved& event) {
  unsaved_ = false;
  emit saved(QString::fromStdString(event.file));
}

void EngineBridge::on(event::Moved& event) {
  cursor_ = event.cursor;
  if (!event.lost.empty()) {
    device_ = event.to;
    graph_ = {};
    if (!busy()) setState(cursor_.done ? State::finished : State::ready);
  }
  emit moved(event);
}

void EngineBridge::on(event::Devices& event) { emit devicesCame(event); }

void EngineBridge::on(event::Failed& event) {
  const QString message = errorText(event.message);
  if (event.look) {
    emit lookFailed(message);
    return;
  }
  if (event.stays_on) device_ = *event.stays_on;
  if (event.load) setState(State::failed);
  if (event.move && moves_ > 0) {
    --moves_;
    cursor_ = event.cursor;
    graph_ = event.graph;
    graph_.current = -1;
    if (moves_ == 0) setState(event.diverged ? State::diverged : State::ready);
  }
  event.diverged ? emit diverged(message, event.node) : emit failed(message, event.node);
}

}  // namespace gradus::ui
