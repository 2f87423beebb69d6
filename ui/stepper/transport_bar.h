// Run, pause, step and back, and the settings of the training. What makes no sense in the engine's
// state is greyed; what the next press does is named.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QToolBar>

#include "core/session/engine_thread.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/document/document.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class TransportBar final : public QToolBar {
  Q_OBJECT

 public:
  TransportBar(EngineBridge& bridge, QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  QAction* runAction() const { return run_; }
  QList<QAction*> moves() const { return {run_, stop_, back_, step_, stepLayer_, stepBatch_}; }

  // Called before anything moves: what was typed but not entered yet is taken up.
  std::function<void()> beforeMove = [] {};

 signals:
  void runWanted();
  void stopWanted();
  void resetWanted();  // from the start again

 private:
  void showState();
  void showStep(const event::Stepped& stepped);
  QAction* add(const QString& name, const QString& tip, const QKeySequence& key);

  EngineBridge& bridge_;
  Theme theme_;
  QAction* run_;
  QAction* stop_;
  QAction* back_;
  QAction* step_;
  QAction* stepLayer_;
  QAction* stepBatch_;
  QAction* reset_;
  QLabel* mode_;
  QLabel* spot_;
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
  QSpinBox* epochs_;
  QSpinBox* batch_;
  QLineEdit* lr_;
  QLineEdit* momentum_;
  QLineEdit* seed_;
  bool showing_ = false;
};

}  // namespace gradus::ui
