#include "ui/stepper/transport_bar.h"

#include <QMenu>
#include <QToolButton>

#include "core/base/error.h"
#include "ui/document/core_text.h"
#include "ui/stepper/icons.h"
#include "ui/theme/field.h"

namespace gradus::ui {

TransportBar::TransportBar(EngineBridge& bridge, QWidget* parent)
    : QToolBar(tr("Transport"), parent), bridge_(bridge), theme_(Theme::light()) {
  setObjectName(QStringLiteral("transport"));
  setMovable(false);
  setIconSize(QSize(24, 24));
  setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  run_ = make(tr("Run"), tr("Train at full speed"), QKeySequence(Qt::Key_F5));
  pause_ = make(tr("Pause"), tr("Halt after the op under way; Run goes on from there"),
                QKeySequence(Qt::Key_F6));
  stop_ = make(tr("Stop"), tr("End the training and go back to the first weights"),
               QKeySequence(Qt::Key_F7));
  back_ = make(tr("Back"), tr("Undo one step"), QKeySequence(Qt::Key_F9));
  backLayer_ = make(tr("Back a layer"), tr("Undo to the layer before"),
                    QKeySequence(Qt::SHIFT | Qt::Key_F11));
  backBatch_ = make(tr("Back a batch"), tr("Undo to the end of the batch before"),
                    QKeySequence(Qt::SHIFT | Qt::Key_F12));
  step_ =
      make(tr("Step"), tr("One op, gradient node or parameter update"), QKeySequence(Qt::Key_F10));
  stepLayer_ = make(tr("Layer"), tr("On to the end of the layer"), QKeySequence(Qt::Key_F11));
  stepBatch_ = make(tr("Batch"), tr("On to the end of the batch"), QKeySequence(Qt::Key_F12));
  addActions({run_, pause_, stop_});
  addSeparator();
  auto* back = new QToolButton(this);
  back->setDefaultAction(back_);
  back->setPopupMode(QToolButton::MenuButtonPopup);
  back->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  auto* ways = new QMenu(back);
  ways->addActions({back_, backLayer_, backBatch_});
  back->setMenu(ways);
  addWidget(back);
  addActions({step_, stepLayer_, stepBatch_});
  mode_ = new QLabel(this);
  mode_->setAccessibleName(tr("Mode"));
  spot_ = new ElidedLabel(this);
  spot_->setObjectName(QStringLiteral("spot"));
  spot_->setAccessibleName(tr("Where the training is"));
  spot_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  addSeparator();
  addWidget(mode_);
  addWidget(spot_);

  connect(run_, &QAction::triggered, this, &TransportBar::runWanted);
  connect(pause_, &QAction::triggered, this, &TransportBar::pauseWanted);
  connect(stop_, &QAction::triggered, this, &TransportBar::stopWanted);
  const std::pair<QAction*, Grain> steps[] = {
      {step_, Grain::op}, {stepLayer_, Grain::layer}, {stepBatch_, Grain::batch}};
  for (const auto& [action, grain] : steps) {
    connect(action, &QAction::triggered, this, [this, g = grain] { emit stepWanted(g); });
  }
  const std::pair<QAction*, Grain> backs[] = {
      {back_, Grain::op}, {backLayer_, Grain::layer}, {backBatch_, Grain::batch}};
  for (const auto& [action, grain] : backs) {
    connect(action, &QAction::triggered, this, [this, g = grain] { emit backWanted(g); });
  }
  connect(&bridge_, &EngineBridge::stateChanged, this, &TransportBar::showState);
  connect(&bridge_, &EngineBridge::stepped, this, &TransportBar::showStep);
  connect(&bridge_, &EngineBridge::loaded, this, [this](const event::Loaded& loaded) {
    where_ = !bridge_.hasData() ? tr("ready: %1 comes first").arg(bridge_.nextPhase())
             : loaded.batches_per_epoch == 1
                 ? tr("ready: all %L1 samples in one batch").arg(loaded.train_size)
                 : tr("ready: %L1 samples, %L2 batches per epoch")
                       .arg(loaded.train_size)
                       .arg(loaded.batches_per_epoch);
    showState();
  });
  connect(&bridge_, &EngineBridge::stopped, this, [this](const event::Stopped& stopped) {
    where_ = tr("epoch %1 · batch %2 · %3 comes next")
                 .arg(stopped.cursor.epoch + 1)
                 .arg(stopped.cursor.batch + 1)
                 .arg(bridge_.nextPhase());
    showState();
  });
  connect(&bridge_, &EngineBridge::progressed, this, [this](const event::Progress& progress) {
    const event::BatchLoss& last = progress.batches.back();
    where_ = tr("epoch %1, batch %2").arg(last.epoch + 1).arg(last.batch + 1);
    showState();
  });
  setTheme(theme_);
  showState();
}

QAction* TransportBar::make(const QString& name, const QString& tip, const QKeySequence& key) {
  auto* action = new QAction(name, this);
  action->setObjectName(QStringLiteral("action_") + name);
  action->setShortcut(key);
  action->setShortcutContext(Qt::ApplicationShortcut);
  action->setToolTip(QStringLiteral("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText)));
  action->setStatusTip(tip);
  return action;
}

void TransportBar::setTheme(const Theme& theme) {
  theme_ = theme;
  QColor faint = theme.muted;
  faint.setAlpha(90);
  const auto set = [&](QAction* action, Symbol symbol, const QColor& colour) {
    action->setIcon(icon(symbol, colour, faint));
  };
  set(run_, Symbol::run, theme.accent);
  set(pause_, Symbol::pause, theme.text);
  set(stop_, Symbol::stop, theme.text);
  for (QAction* action : {back_, backLayer_, backBatch_}) set(action, Symbol::back, theme.text);
  set(step_, Symbol::step, theme.text);
  set(stepLayer_, Symbol::stepLayer, theme.text);
  set(stepBatch_, Symbol::stepBatch, theme.text);
  mode_->setFont(textFont(TextSize::normal, true));
  spot_->setFont(textFont(TextSize::normal));
  spot_->setStyleSheet(QStringLiteral("color: %1; padding-left: 8px;").arg(theme.muted.name()));
  mode_->setStyleSheet(QStringLiteral("padding: 0 8px;"));
}

void TransportBar::showState() {
  using State = EngineBridge::State;
  const State state = bridge_.state();
  const bool changed = state == State::changed;
  const bool still = bridge_.atRest() || (changed && bridge_.canStartOver());
  const bool begun = bridge_.cursor().step > 0;
  run_->setEnabled(still || state == State::failed);
  step_->setEnabled(still || state == State::stepping);
  stepLayer_->setEnabled(still);
  stepBatch_->setEnabled(still);
  for (QAction* action : {back_, backLayer_, backBatch_}) {
    action->setEnabled((bridge_.atRest() || state == State::stepping || state == State::finished) &&
                       begun);
  }
  pause_->setEnabled(bridge_.busy() && !changed);
  stop_->setEnabled(still ? begun : bridge_.busy() || state == State::finished);
  const auto show = [this](const QString& mode, const QString& spot) {
    mode_->setText(mode);
    spot_->setText(spot);
  };
  switch (state) {
    case State::empty:
      return show(tr("Nothing to run"), {});
    case State::loading:
      return show(tr("Loading"), {});
    case State::ready:
      return show(tr("At rest"), where_);
    case State::running:
      return show(tr("Full speed"), where_);
    case State::stepping:
      return show(tr("Stepping"), where_);
    case State::finished:
      return bridge_.hasData() ? show(tr("All epochs done"), tr("raise the epochs to train on"))
                               : show(tr("Done"), tr("go back, or stop to start again"));
    case State::diverged:
      return show(tr("Diverged"), tr("go back, or stop and try a smaller learning rate"));
    case State::failed:
      return show(tr("Not loaded"), {});
    case State::changed:
      if (!bridge_.hasData()) {
        return show(tr("Changed"), bridge_.canStartOver()
                                       ? tr("Run starts over; undo keeps what was computed")
                                       : tr("the drawing is not complete"));
      }
      return show(tr("Changed"),
                  bridge_.canStartOver()
                      ? tr("Run starts over with new weights; undo keeps those learnt")
                      : tr("the network is not complete; undo keeps what was learnt"));
  }
}

void TransportBar::showStep(const event::Stepped& stepped) {
  const StepResult& r = stepped.step.result;
  if (r.kind == StepResult::Kind::nothing || stepped.cursor.step == 0) {
    where_ = stepped.cursor.done ? tr("the run is over") : tr("the very start");
  } else {
    const QString layer = QString::fromStdString(stepped.step.where);
    const QString what =
        tr("%1 · %2").arg(coreText(to_string(r.phase)), QString::fromStdString(stepped.step.op));
    where_ = bridge_.hasData() ? tr("step %1 · epoch %2 · batch %3 · %4")
                                     .arg(r.step)
                                     .arg(r.epoch + 1)
                                     .arg(r.batch + 1)
                                     .arg(what)
                               : tr("step %1 · %2").arg(r.step).arg(what);
    if (!layer.isEmpty()) where_ += tr(" in %1").arg(layer);
  }
  showState();
}

TrainingForm::TrainingForm(Document& document, QWidget* parent)
    : QWidget(parent),
      document_(document),
      rows_(new QFormLayout(this)),
      epochs_(new NumberField(this)),
      batch_(new NumberField(this)),
      lr_(new Field(this)),
      momentum_(new Field(this)),
      seed_(new Field(this)) {
  setObjectName(QStringLiteral("trainingForm"));
  epochs_->setRange(0, 1'000'000);
  batch_->setRange(1, 10'000'000);
  rows_->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows_->setSpacing(kGrid);
  const auto add = [&](const QString& label, QWidget* field, const QString& help) {
    const QString name = QString(label).remove('&');
    field->setAccessibleName(name);
    field->setToolTip(help);
    field->setObjectName(QStringLiteral("setting_") + name);
    rows_->addRow(label, field);
  };
  add(tr("e&pochs"), epochs_, tr("Times to go through the training set"));
  add(tr("&batch size"), batch_, tr("Samples per step"));
  add(tr("&learning rate"), lr_, tr("How far each update goes; may be changed while it runs"));
  add(tr("m&omentum"), momentum_, tr("Share of the last direction that is kept"));
  setFocusProxy(epochs_);
  add(tr("&seed"), seed_, tr("Where the random numbers start, as torch.manual_seed"));

  connect(epochs_, &QSpinBox::valueChanged, this,
          [this](int value) { commit(tr("epochs"), [value](Training& t) { t.epochs = value; }); });
  connect(batch_, &QSpinBox::valueChanged, this, [this](int value) {
    commit(tr("batch size"), [value](Training& t) { t.batch_size = value; });
  });
  const auto number = [this](QLineEdit* field, const QString& what, auto set) {
    connect(field, &QLineEdit::editingFinished, this, [this, field, what, set] {
      if (!field->isModified()) return;
      field->setModified(false);
      bool good = false;
      const double value = QLocale::c().toDouble(field->text().trimmed(), &good);
      if (!good) {
        emit refused(tr("%1: “%2” is not a number").arg(what, field->text()));
        show();
        return;
      }
      commit(what, [set, value](Training& t) { set(t, value); });
    });
  };
  number(lr_, tr("learning rate"), [](Training& t, double x) { t.optimizer.lr = x; });
  number(momentum_, tr("momentum"), [](Training& t, double x) { t.optimizer.momentum = x; });
  connect(seed_, &QLineEdit::editingFinished, this, [this] {
    if (!seed_->isModified()) return;
    seed_->setModified(false);
    bool good = false;
    const qulonglong value = seed_->text().trimmed().toULongLong(&good);
    if (!good) {
      emit refused(tr("seed: “%1” is not a whole number from 0 on").arg(seed_->text()));
      show();
      return;
    }
    commit(tr("seed"), [value](Training& t) { t.seed = value; });
  });
  connect(&document_, &Document::trainingChanged, this, &TrainingForm::show);
  connect(&document_, &Document::structureChanged, this, &TrainingForm::show);
  show();
}

void TrainingForm::show() {
  showing_ = true;
  const Training& training = document_.graph().training;
  epochs_->setValue(static_cast<int>(training.epochs));
  batch_->setValue(static_cast<int>(training.batch_size));
  lr_->setText(QString::number(training.optimizer.lr, 'g', 10));
  momentum_->setText(QString::number(training.optimizer.momentum, 'g', 10));
  seed_->setText(QString::number(training.seed));
  // A drawing without data has neither batches nor, as yet, random numbers.
  for (QWidget* field : {static_cast<QWidget*>(batch_), static_cast<QWidget*>(seed_)}) {
    rows_->setRowVisible(field, training.has_data());
  }
  for (QWidget* field : {static_cast<QWidget*>(epochs_), static_cast<QWidget*>(lr_),
                         static_cast<QWidget*>(momentum_)}) {
    rows_->setRowVisible(field,
                         training.has_data() || training.loop.updates() || training.epochs != 1);
  }
  showing_ = false;
}

void TrainingForm::commit(const QString& what, const std::function<void(Training&)>& change) {
  if (showing_) return;
  Training training = document_.graph().training;
  change(training);
  const QString reason = document_.setTraining(training, what);
  if (!reason.isEmpty()) {
    emit refused(reason);
    show();
    return;
  }
}

void TrainingForm::setLocked(bool locked) {
  for (QWidget* field : {static_cast<QWidget*>(batch_), static_cast<QWidget*>(seed_)}) {
    field->setEnabled(!locked);
  }
}

}  // namespace gradus::ui
