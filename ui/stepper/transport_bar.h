// Run, pause, step and back, and the settings of the training. What makes no sense in the engine's
// state is greyed; what the next press does is named.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QToolBar>

#include "core/session/engine_thread.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/document/document.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class TransportBar final : public QToolBar {
  Q_OBJECT

 public:
  TransportBar(EngineBridge& bridge, QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  QAction* runAction() const { return run_; }
  // All it can do, in groups, for a menu.
  QList<QList<QAction*>> groups() const {
    return {
        {run_, pause_, stop_}, {step_, stepLayer_, stepBatch_}, {back_, backLayer_, backBatch_}};
  }

 signals:
  void runWanted();
  void pauseWanted();
  void stopWanted();  // and from the start again
  void stepWanted(gradus::Grain grain);
  void backWanted(gradus::Grain grain);

 private:
  void showState();
  void showStep(const event::Stepped& stepped);
  QAction* make(const QString& name, const QString& tip, const QKeySequence& key);

  EngineBridge& bridge_;
  Theme theme_;
  QAction* run_;
  QAction* pause_;
  QAction* stop_;
  QAction* back_;
  QAction* backLayer_;
  QAction* backBatch_;
  QAction* step_;
  QAction* stepLayer_;
  QAction* stepBatch_;
  QLabel* mode_;
  ElidedLabel* spot_;
  QString where_;  // the training is
};

// Epochs, batch size, learning rate, momentum and seed, as the document has them.
class TrainingForm final : public QWidget {
  Q_OBJECT

 public:
  explicit TrainingForm(Document& document, QWidget* parent = nullptr);
  void setLocked(bool locked);  // while it runs only the learning rate and momentum may change

 signals:
  void refused(const QString& reason);

 private:
  void show();
  void commit(const QString& what, const std::function<void(Training&)>& change);

  Document& document_;
  QFormLayout* rows_;
  QSpinBox* epochs_;
  QSpinBox* batch_;
  QLineEdit* lr_;
  QLineEdit* momentum_;
  QLineEdit* seed_;
  bool showing_ = false;
};

}  // namespace gradus::ui
