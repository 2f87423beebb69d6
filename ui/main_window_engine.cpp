// The window's dealings with the engine: what follows when the drawing changes, when a button of
// the transport is pressed, and when the engine tells of its work.
#include <QActionGroup>
#include <QLabel>
#include <QMenu>
#include <QPointer>
#include <QScreen>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <cmath>

#include "ui/charts/training_charts.h"
#include "ui/dag/dag_view.h"
#include "ui/data/boundary_view.h"
#include "ui/data/sample_sheet.h"
#include "ui/document/core_text.h"
#include "ui/editor/network_scene.h"
#include "ui/inspector/inspector.h"
#include "ui/main_window.h"
#include "ui/stepper/transport_bar.h"

namespace gradus::ui {
namespace {

constexpr int kLookEvery = 250;  // milliseconds, while it runs

}  // namespace

void MainWindow::connectEngine() {
  using State = EngineBridge::State;
  connect(&bridge_, &EngineBridge::stateChanged, this, [this](State state) {
    const bool running = state == State::running;
    const bool news = state == State::running || state == State::stepping ||
                      state == State::changed || state == State::diverged;
    if (news) statusBar()->clearMessage();  // what it said is over
    inspector_->setFullSpeed(bridge_.wasAtFullSpeed() && bridge_.hasData());
    dag_->setRunning(running);
    form_->setLocked(bridge_.busy() && state != State::changed);
    charts_->setRunning(running);
    running ? lookTimer_.start() : lookTimer_.stop();
    if (running) scene_->setActiveNode(0);
    if (state != State::diverged) markTrouble(0, {});
    if (state == State::changed) {
      inspector_->forgetValues();
      scene_->setActiveNode(0);
    }
  });
  connect(&bridge_, &EngineBridge::loaded, this, &MainWindow::showLoaded);
  connect(&bridge_, &EngineBridge::progressed, this, [this](const event::Progress& progress) {
    charts_->addProgress(progress);
    if (!bridge_.hasData()) return;
    rate_->setText(tr("%L1 samples/s").arg(std::llround(charts_->samplesPerSecond())));
  });
  connect(&bridge_, &EngineBridge::epochDone, this, [this](const event::EpochDone& epoch) {
    charts_->addEpoch(epoch);
    askForSamples();
  });
  connect(&bridge_, &EngineBridge::stepped, this, &MainWindow::showStep);
  connect(&bridge_, &EngineBridge::hyperCame, this, [this](const optim::Hyper& hyper) {
    Training training = document_.graph().training;
    training.optimizer = hyper;
    document_.setTraining(training, tr("learning rate"));
  });
  connect(&bridge_, &EngineBridge::valuesCame, this, [this](const event::Values& values) {
    lookPending_ = false;
    inspector_->setValues(values);
  });
  connect(&bridge_, &EngineBridge::predictionsCame, this, [this](const event::Predictions& came) {
    samplesPending_ = false;
    sheet_->setPredictions(came);
  });
  connect(&bridge_, &EngineBridge::boundaryCame, this, [this](const event::Boundary& came) {
    samplesPending_ = false;
    boundary_->setBoundary(came);
  });
  connect(&bridge_, &EngineBridge::stopped, this, [this](const event::Stopped& stopped) {
    charts_->flush();
    dag_->setProgress(bridge_.graphProgress());
    askForValues();
    askForSamples();
    if (stopped.finished) say(bridge_.hasData() ? tr("Training is done.") : tr("Done."));
  });
  connect(&bridge_, &EngineBridge::saved, this, [this](const QString& file) {
    say(tr("Saved the weights to %1").arg(file));
    if (const auto then = std::exchange(whenSaved_, {})) then();
  });
  connect(&bridge_, &EngineBridge::moved, this, &MainWindow::showMove);
  connect(&bridge_, &EngineBridge::devicesCame, this, &MainWindow::showDevices);
  connect(&bridge_, &EngineBridge::failed, this, [this](const QString& message, NodeId node) {
    charts_->flush();
    whenSaved_ = whenLoaded_ = {};
    lookPending_ = samplesPending_ = false;
    showDevice();
    if (node) {  // its badge says it
      markTrouble(node, message);
      select(node);
    } else {
      if (bridge_.state() == State::failed) showProblem(message);
      showError(message);
    }
  });
  connect(&bridge_, &EngineBridge::diverged, this, [this](const QString& message, NodeId node) {
    charts_->flush();
    lookPending_ = samplesPending_ = false;
    dag_->setProgress(bridge_.graphProgress());
    markTrouble(node, message);
    if (node) select(node);
    askForValues();
    askForSamples();
    showError(tr("Training has diverged and was stopped.\n\n%1").arg(message));
  });
  connect(&bridge_, &EngineBridge::lookFailed, this, [this](const QString& message) {
    lookPending_ = samplesPending_ = false;
    say(message);
  });
  connect(transport_, &TransportBar::runWanted, this, [this] { move([this] { bridge_.run(); }); });
  connect(transport_, &TransportBar::stepWanted, this,
          [this](Grain grain) { move([this, grain] { bridge_.step(grain); }); });
  connect(transport_, &TransportBar::backWanted, this,
          [this](Grain grain) { move([this, grain] { bridge_.back(grain); }); });
  connect(transport_, &TransportBar::pauseWanted, &bridge_, &EngineBridge::stop);
  connect(transport_, &TransportBar::stopWanted, this, [this] {
    bridge_.stop();
    leave(tr("Stop and go back to the first weights?"), false, [this] {
      reload();
      say(tr("Back at the first weights."));
    });
  });
  lookTimer_.setInterval(kLookEvery);
  connect(&lookTimer_, &QTimer::timeout, this, [this] {
    askForValues();
    if (planar_) askForSamples();
  });
}

// Before anything moves, what was typed but not entered yet is taken up. A changed network has to
// be loaded first, and what the old one has learnt is not dropped unasked.
void MainWindow::move(const std::function<void()>& how) {
  using State = EngineBridge::State;
  if (const QPointer<QWidget> field = focusWidget()) {
    field->clearFocus();
    if (field) field->setFocus();
  }
  switch (bridge_.state()) {
    case State::changed:
      leave(tr("The network has changed, so training starts over with new weights."), false,
            [this, how] {
              reload();
              whenLoaded_ = how;
            });
      break;
    case State::failed:
      reload();
      whenLoaded_ = how;
      break;
    case State::loading:
      if (reloadTimer_.isActive()) reload();  // what was just taken up
      whenLoaded_ = how;
      break;
    default:
      how();
  }
}

void MainWindow::followDocument() {
  showProblem(document_.problem());
  charts_->setEpochs(document_.graph().training.epochs);
  if (!bridge_.follow(document_.graph(), document_.plan() != nullptr)) {
    reloadSoon();
  } else if (bridge_.state() != EngineBridge::State::changed) {  // it goes on
    reloadTimer_.stop();
    dag_->setProgress(bridge_.graphProgress());
    lookPending_ = samplesPending_ = false;
    askForValues();
  }
}

void MainWindow::reloadSoon() {
  whenLoaded_ = {};
  inspector_->forgetValues();
  bridge_.invalidate();
  reloadTimer_.start();
}

void MainWindow::reload() {
  reloadTimer_.stop();
  whenLoaded_ = {};
  if (document_.plan()) {
    bridge_.load(document_.graph());
  } else {
    bridge_.unload();
    sheet_->clear();
    boundary_->clear();
    dataset_->clear();
    rate_->clear();
  }
}

void MainWindow::showLoaded(const event::Loaded& loaded) {
  const Training& training = document_.graph().training;
  charts_->begin(training.epochs, loaded.batches_per_epoch, loaded.train_size);
  planar_ = numel(loaded.sample_shape) == 2;
  samples_->setCurrentIndex(planar_ ? 1 : 0);
  sheet_->setDataset(loaded);
  boundary_->clear();
  dag_->setProgress({});
  scene_->setActiveNode(0);
  dataset_->setText(training.has_data() ? QString::fromStdString(loaded.dataset) : tr("no data"));
  showDevice();
  rate_->clear();
  lookPending_ = samplesPending_ = false;
  askForSamples();
  askForValues();
  if (const auto then = std::exchange(whenLoaded_, {})) then();
}

void MainWindow::showDevices(const event::Devices& came) {
  const QRect before = devices_->geometry();
  devices_->clear();
  auto* one = devices_->findChild<QActionGroup*>();  // of them is in use
  if (!one) one = new QActionGroup(devices_);
  for (const DeviceInfo& info : came.all) {
    QString text = tr("%1: %2").arg(QString::fromStdString(to_string(info.device)),
                                    QString::fromStdString(info.name));
    if (info.software) text += tr(" – software driver, slow");
    if (!info.problem.empty()) text += tr(" – %1").arg(QString::fromStdString(info.problem));
    QAction* action = devices_->addAction(text);
    action->setEnabled(info.problem.empty());
    action->setCheckable(true);
    action->setChecked(info.device == bridge_.device());
    one->addAction(action);
    connect(action, &QAction::triggered, this, [this, device = info.device] {
      bridge_.useDevice(device);
      showDevice();
    });
  }
  if (came.all.size() == 1) {
    const QString why = QString::fromStdString(came.why_no_more);
    devices_->addAction(tr("No GPU: %1").arg(why))->setEnabled(false);
  }
  if (devices_->isVisible()) keepOnScreen(*devices_, before);
}

// A menu that has grown since it was opened keeps the edge that is next to what opened it.
void MainWindow::keepOnScreen(QMenu& menu, const QRect& before) {
  const QRect room = menu.screen()->availableGeometry();
  QRect now(before.topLeft(), menu.sizeHint());
  if (before.center().y() > room.center().y()) now.moveBottom(before.bottom());
  now.moveRight(std::min(now.right(), room.right()));
  menu.setGeometry(now);
}

void MainWindow::showDevice() {
  device_->setText(QString::fromStdString(to_string(bridge_.device())));
  device_->setToolTip(tr("The device that computes"));
}

void MainWindow::showMove(const event::Moved& moved) {
  showDevice();
  if (moved.lost.empty()) {
    say(tr("Now computing on %1.").arg(device_->text()));
    return;
  }
  charts_->rewind(moved.cursor);
  dag_->setProgress(bridge_.graphProgress());
  const QString what =
      tr("%1. Going on with %2; batches done again: %3.")
          .arg(errorText(moved.lost), device_->text(), QString::number(moved.batches_redone));
  say(what, 0);
  device_->setText(QStringLiteral("⚠ ") + device_->text());  // stays when the message has gone
  device_->setToolTip(what);
}

void MainWindow::showStep(const event::Stepped& stepped) {
  inspector_->setFullSpeed(false);
  const StepResult& result = stepped.step.result;
  dag_->setProgress(stepped.graph);
  scene_->setActiveNode(result.node);
  if (stepped.backwards) {
    charts_->rewind(stepped.cursor);
  } else if (result.ends_batch && result.phase != Phase::evaluate) {
    const int64_t batch = document_.graph().training.batch_size;
    charts_->addProgress({{{result.epoch, result.batch, batch, stepped.metrics.loss}}, 0, 0});
  }
  if (!stepped.backwards && result.ends_epoch) {
    charts_->addEpoch({result.epoch, stepped.metrics, 0, 0});
  }
  // What is predicted changes with the weights.
  if (stepped.backwards || result.phase == Phase::update || result.ends_batch) askForSamples();
  askForValues();
}

// The node at which training broke down, until something moves.
void MainWindow::markTrouble(NodeId node, const QString& text) {
  scene_->setTrouble(node, text);
  inspector_->setTrouble(node, text);
  showProblem(node ? text : document_.problem());
}

void MainWindow::askForValues() {
  const std::vector<ValueRequest> requests = inspector_->requests();
  if (requests.empty() || !bridge_.canBeAsked()) return;
  if (bridge_.state() == EngineBridge::State::running) {
    if (lookPending_) return;
    lookPending_ = true;
  }
  bridge_.look(requests);
}

void MainWindow::askForSamples() {
  if (samplesPending_ || !bridge_.canBeAsked()) return;
  samplesPending_ = true;
  planar_ ? bridge_.mapBoundary(boundary_->request()) : bridge_.predict(sheet_->request());
}

}  // namespace gradus::ui
