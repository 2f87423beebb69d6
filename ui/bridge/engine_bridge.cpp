#include "ui/bridge/engine_bridge.h"

namespace gradus::ui {
namespace {

constexpr int kFrame = 16;  // milliseconds

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
  emit stateChanged(state);
}

void EngineBridge::load(const NetGraph& graph) {
  invalidate();
  const std::string dataset = graph.training.dataset;
  engine_.send(
      command::Load{loads_, graph, [source = data_, dataset] { return source(dataset); }, {}});
}

void EngineBridge::unload() {
  invalidate();
  setState(State::empty);
}

void EngineBridge::invalidate() {
  engine_.stop();
  ++loads_;
  moves_ = 0;
  setState(State::loading);
}

void EngineBridge::run() {
  if (state_ != State::ready) return;
  ++moves_;
  engine_.send(command::Run{});
  setState(State::running);
}

void EngineBridge::step(Grain grain) {
  if (state_ != State::ready && state_ != State::stepping) return;
  ++moves_;
  engine_.send(command::Step{grain});
  setState(State::stepping);
}

void EngineBridge::back(Grain grain) {
  if (state_ != State::ready && state_ != State::stepping && state_ != State::finished) return;
  ++moves_;
  engine_.send(command::Back{grain});
  setState(State::stepping);
}

void EngineBridge::stop() { engine_.stop(); }

void EngineBridge::setHyper(const optim::Hyper& hyper) {
  if (hasSession()) engine_.send(command::SetHyper{hyper});
}

void EngineBridge::look(const std::vector<ValueRequest>& requests) {
  if (hasSession()) engine_.send(command::Look{requests});
}

void EngineBridge::predict(const command::Predict& what) {
  if (hasSession()) engine_.send(what);
}

void EngineBridge::mapBoundary(const command::MapBoundary& what) {
  if (hasSession()) engine_.send(what);
}

void EngineBridge::saveWeights(const QString& file) {
  if (!hasSession()) {
    emit failed(tr("There are no weights to save: no network is loaded."), false);
    return;
  }
  engine_.send(command::SaveWeights{file.toStdString()});
}

void EngineBridge::wake() {
  if (!woken_.exchange(true))
    QMetaObject::invokeMethod(this, &EngineBridge::drainSoon, Qt::QueuedConnection);
}

// Single steps are shown at once; while it runs, once a frame is enough.
void EngineBridge::drainSoon() {
  const qint64 since = drained_.isValid() ? drained_.elapsed() : kFrame;
  if (state_ != State::running || since >= kFrame) {
    drain();
  } else if (!timer_.isActive()) {
    timer_.start(static_cast<int>(kFrame - since));
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
    if (loadsDone_ != loads_) continue;
    std::visit([this](auto& e) { on(e); }, event);
  }
}

void EngineBridge::on(event::Loaded& event) {
  cursor_ = {};
  setState(State::ready);
  emit loaded(event);
}

void EngineBridge::on(event::Progress& event) { emit progressed(event); }

void EngineBridge::on(event::EpochDone& event) { emit epochDone(event); }

void EngineBridge::on(event::Stepped& event) {
  cursor_ = event.cursor;
  --moves_;
  emit stepped(event);
  if (moves_ == 0) setState(cursor_.done ? State::finished : State::ready);
}

void EngineBridge::on(event::Values& event) { emit valuesCame(event); }

void EngineBridge::on(event::Predictions& event) { emit predictionsCame(event); }

void EngineBridge::on(event::Boundary& event) { emit boundaryCame(event); }

void EngineBridge::on(event::Stopped& event) {
  cursor_ = event.cursor;
  --moves_;
  if (moves_ == 0) setState(event.finished ? State::finished : State::ready);
  emit stopped(event);
}

void EngineBridge::on(event::Saved& event) { emit saved(QString::fromStdString(event.file)); }

void EngineBridge::on(event::Failed& event) {
  if (event.load) {
    setState(State::failed);
  } else if (event.look) {
    emit lookFailed(QString::fromStdString(event.message));
    return;
  } else if (event.move && moves_ > 0) {
    --moves_;
    if (moves_ == 0) setState(State::ready);
  }
  emit failed(QString::fromStdString(event.message), event.diverged);
}

}  // namespace gradus::ui
