// Nothing that was learnt is lost unasked: what changes on the way, what starts over, what is
// asked.
#include <QFile>
#include <QLineEdit>
#include <QMessageBox>
#include <QSpinBox>
#include <QTemporaryDir>
#include <set>

#include "tests/ui/lab.h"
#include "ui/charts/training_charts.h"
#include "ui/editor/network_scene.h"
#include "ui/inspector/inspector.h"
#include "ui/stepper/transport_bar.h"

namespace gradus::ui {
namespace {

using State = EngineBridge::State;

class Keeping : public testing::Test {
 protected:
  void train(Lab& lab) {
    ASSERT_TRUE(lab.waitFor(State::ready));
    lab.key(Qt::Key_F5);
    ASSERT_TRUE(lab.waitFor(State::finished, 30000));
  }
  static NetGraph toy(int64_t epochs) {
    NetGraph graph = toy_network();
    graph.training.epochs = epochs;
    return graph;
  }
  // Through the form, as a person would.
  void set(Lab& lab, const char* setting, const QString& value) {
    const QString name = QStringLiteral("setting_") + QString::fromUtf8(setting);
    auto* field = lab.window.findChild<QWidget*>(name);
    ASSERT_TRUE(field) << setting;
    lab.window.activateWindow();
    field->setFocus();
    if (auto* line = qobject_cast<QLineEdit*>(field)) line->selectAll();
    if (auto* spin = qobject_cast<QSpinBox*>(field)) spin->selectAll();
    QTest::keyClicks(field, value);
    QTest::keyClick(field, Qt::Key_Return);
  }
};

TEST_F(Keeping, MoreEpochsGoOnFromWhatWasLearnt) {
  Lab lab(Lab::made_up, toy(2));
  train(lab);
  const int64_t end = lab.bridge.cursor().step;
  const QString before = lab.window.charts().csv();
  set(lab, "epochs", QStringLiteral("4"));
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_EQ(lab.bridge.cursor().step, end);
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished, 30000));
  EXPECT_EQ(lab.bridge.cursor().epoch, 4);
  EXPECT_EQ(lab.bridge.cursor().step, 2 * end);
  EXPECT_TRUE(lab.window.charts().csv().startsWith(before)) << "the curves go on";
  EXPECT_TRUE(lab.questions.isEmpty()) << lab.questions.join('\n').toStdString();
}

TEST_F(Keeping, ANewNameGoesOn) {
  Lab lab(Lab::made_up, toy(2));
  train(lab);
  const int64_t end = lab.bridge.cursor().step;
  ASSERT_TRUE(lab.document.rename(lab.node("hidden"), QStringLiteral("first")).isEmpty());
  QTest::qWait(400);
  EXPECT_EQ(lab.bridge.state(), State::finished);
  EXPECT_EQ(lab.bridge.cursor().step, end);
}

TEST_F(Keeping, AChangeOfTheDrawingCanBeUndoneWithoutLoss) {
  Lab lab(Lab::made_up, toy(3));
  train(lab);
  const QString before = lab.window.charts().csv();
  const int64_t end = lab.bridge.cursor().step;
  lab.window.scene().select(lab.node("relu"));
  lab.window.scene().removeSelected();
  EXPECT_EQ(lab.bridge.state(), State::changed);
  QTest::qWait(400);
  EXPECT_EQ(lab.bridge.state(), State::changed) << "nothing is loaded by itself";
  EXPECT_FALSE(lab.window.transport().runAction()->isEnabled()) << "it is not complete";
  lab.key(Qt::Key_Z, Qt::ControlModifier);
  ASSERT_TRUE(lab.waitFor(State::finished));
  EXPECT_EQ(lab.bridge.cursor().step, end);
  EXPECT_EQ(lab.window.charts().csv(), before);
  lab.key(Qt::Key_F9);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == end - 1; }));
  EXPECT_TRUE(lab.questions.isEmpty()) << lab.questions.join('\n').toStdString();
}

TEST_F(Keeping, AChangedNetworkStartsOverWhenAskedTo) {
  Lab lab(Lab::made_up, toy(2));
  train(lab);
  set(lab, "seed", QStringLiteral("7"));
  EXPECT_EQ(lab.bridge.state(), State::changed);
  lab.answerWith = QMessageBox::Cancel;
  lab.key(Qt::Key_F5);
  EXPECT_EQ(lab.questions.size(), 1);
  EXPECT_EQ(lab.bridge.state(), State::changed) << "called off";
  lab.answerWith = QMessageBox::Discard;
  lab.key(Qt::Key_F10);
  EXPECT_EQ(lab.questions.size(), 2);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 1; })) << "loads, then steps";
}

TEST_F(Keeping, AChangeWhileItRunsStopsItAndKeepsIt) {
  Lab lab(Lab::made_up, toy(100000));
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor([&] { return !lab.window.charts().isEmpty(); }));
  lab.document.addNode(QStringLiteral("ReLU"), {});
  EXPECT_EQ(lab.bridge.state(), State::changed);
  QTest::qWait(300);
  lab.document.undoStack().undo();
  ASSERT_TRUE(lab.waitFor(State::ready)) << "at rest, where it was";
  EXPECT_GT(lab.bridge.cursor().step, 0);
}

TEST_F(Keeping, EpochsMayChangeWhileItRuns) {
  Lab lab(Lab::made_up, toy(100000));
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor([&] { return !lab.window.charts().isEmpty(); }));
  set(lab, "epochs", QStringLiteral("1"));
  ASSERT_TRUE(lab.waitFor(State::finished, 30000)) << "at the end of the epoch under way";
  EXPECT_GE(lab.bridge.cursor().epoch, 1);
}

// Undo means the network as soon as a field has been entered, even while it has the keyboard.
TEST_F(Keeping, UndoReachesTheNetworkFromAField) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  for (const auto& [name, value] : {std::pair("seed", "7"), std::pair("batch size", "16")}) {
    const NetGraph before = lab.document.graph();
    set(lab, name, QString::fromUtf8(value));
    ASSERT_NE(lab.document.graph(), before);
    ASSERT_TRUE(QApplication::focusWidget());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(lab.document.graph(), before) << name;
  }
}

TEST_F(Keeping, BeforeAnythingIsLearntChangesAreTakenUpAtOnce) {
  Lab lab(Lab::made_up, toy(2));
  ASSERT_TRUE(lab.waitFor(State::ready));
  set(lab, "batch size", QStringLiteral("16"));
  EXPECT_EQ(lab.bridge.state(), State::loading);
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_TRUE(lab.questions.isEmpty());
}

TEST_F(Keeping, GoingBackShowsTheLearningRateOfThatTime) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  const auto go = [&](int key, int64_t step) {
    lab.key(key);
    ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == step; }));
  };
  for (int64_t step = 1; step <= 3; ++step) go(Qt::Key_F10, step);
  set(lab, "learning rate", QStringLiteral("0.25"));
  go(Qt::Key_F10, 4);
  go(Qt::Key_F9, 3);
  go(Qt::Key_F9, 2);
  auto* field = lab.window.findChild<QLineEdit*>(QStringLiteral("setting_learning rate"));
  EXPECT_EQ(field->text(), QStringLiteral("0.1"));
  EXPECT_EQ(lab.document.graph().training.optimizer.lr, 0.1);
  // What is typed after the way back was asked for is not overwritten by its answer.
  lab.key(Qt::Key_F9);
  set(lab, "learning rate", QStringLiteral("0.5"));
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 1; }));
  QTest::qWait(50);
  EXPECT_EQ(field->text(), QStringLiteral("0.5"));
}

TEST_F(Keeping, ClosingAsksAboutWeightsAndSavesThem) {
  const QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("w.safetensors"));
  Lab lab(Lab::made_up, toy(2));
  train(lab);
  lab.answerWith = QMessageBox::Cancel;
  EXPECT_FALSE(lab.window.close());
  ASSERT_EQ(lab.questions.size(), 1);
  EXPECT_TRUE(lab.questions[0].contains(QStringLiteral("weights")));
  lab.answerWith = QMessageBox::Save;
  lab.window.fileToSave = [&](const QString&) { return file; };
  EXPECT_FALSE(lab.window.close()) << "not before they are written";
  ASSERT_TRUE(lab.waitFor([&] { return !lab.window.isVisible(); }));
  EXPECT_GT(QFile(file).size(), 0);
  EXPECT_EQ(lab.questions.size(), 2);
}

TEST_F(Keeping, WhatCannotBeSavedIsNotLost) {
  Lab lab(Lab::made_up, toy(2));
  train(lab);
  lab.answerWith = QMessageBox::Save;
  lab.window.fileToSave = [](const QString&) { return QStringLiteral("/proc/no/such/place"); };
  EXPECT_FALSE(lab.window.close());
  ASSERT_TRUE(lab.waitFor([&] { return lab.questions.size() == 2; })) << "says that it failed";
  EXPECT_TRUE(lab.window.isVisible());
  lab.window.fileToSave = [](const QString&) { return QString(); };  // called off
  lab.answerWith = QMessageBox::Save;
  EXPECT_FALSE(lab.window.close());
  QTest::qWait(100);
  EXPECT_TRUE(lab.window.isVisible());
}

TEST_F(Keeping, SavedWeightsAreNotAskedAbout) {
  const QTemporaryDir folder;
  Lab lab(Lab::made_up, toy(2));
  train(lab);
  lab.bridge.saveWeights(folder.filePath(QStringLiteral("w.safetensors")));
  ASSERT_TRUE(lab.waitFor([&] { return !lab.bridge.hasUnsavedWeights(); }));
  EXPECT_TRUE(lab.window.close());
  EXPECT_TRUE(lab.questions.isEmpty());
}

TEST_F(Keeping, StopGoesToTheFirstWeights) {
  Lab lab(Lab::made_up, toy(100000));
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor([&] { return !lab.window.charts().isEmpty(); }));
  lab.answerWith = QMessageBox::Cancel;
  lab.key(Qt::Key_F7);
  EXPECT_EQ(lab.questions.size(), 1);
  ASSERT_TRUE(lab.waitFor(State::ready)) << "it is paused at once";
  EXPECT_GT(lab.bridge.cursor().step, 0) << "and nothing is lost";
  lab.answerWith = QMessageBox::Discard;
  lab.key(Qt::Key_F7);
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_EQ(lab.bridge.cursor().step, 0);
  EXPECT_TRUE(lab.window.charts().isEmpty());
}

TEST_F(Keeping, DivergingMarksTheNodeUntilSomethingMoves) {
  NetGraph graph = toy(5);
  graph.training.optimizer.lr = 1e30;
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::diverged));
  ASSERT_TRUE(lab.waitFor([&] { return lab.questions.size() == 1; }));
  const NodeId node = lab.window.inspector().node();
  ASSERT_NE(node, 0) << "the guilty node is selected";
  EXPECT_FALSE(lab.window.scene().item(node)->look().error.isEmpty());
  EXPECT_GT(lab.bridge.cursor().step, 0);
  lab.key(Qt::Key_F9);
  ASSERT_TRUE(lab.waitFor(State::ready)) << "one can go back to see how it came";
  EXPECT_TRUE(lab.window.scene().item(node)->look().error.isEmpty());
}

TEST_F(Keeping, BackByBatch) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  for (int i = 0; i < 2; ++i) {
    lab.key(Qt::Key_F12);
    ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().batch == i + 1; }));
  }
  lab.key(Qt::Key_F10);
  lab.key(Qt::Key_F12, Qt::ShiftModifier);
  ASSERT_TRUE(lab.waitFor(
      [&] { return lab.bridge.state() == State::ready && lab.bridge.cursor().batch == 2; }));
  lab.key(Qt::Key_F12, Qt::ShiftModifier);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().batch == 1; }));
}

TEST_F(Keeping, WhatWasLearntByStepsIsAskedAboutToo) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F12);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().batch == 1; }));
  EXPECT_FALSE(lab.window.close());
  ASSERT_EQ(lab.questions.size(), 1);
  EXPECT_TRUE(lab.questions[0].contains(QStringLiteral("weights")));
  lab.key(Qt::Key_F12, Qt::ShiftModifier);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 0; }));
  EXPECT_TRUE(lab.window.close()) << "at the very start there is nothing to lose";
}

TEST_F(Keeping, ScoresThatAreNoNumbersHaveNoClass) {
  NetGraph graph = toy(5);
  graph.training.optimizer.lr = 1e30;
  Lab lab(Lab::made_up, graph);
  std::set<int64_t> seen;
  QObject::connect(&lab.bridge, &EngineBridge::boundaryCame, [&](const event::Boundary& came) {
    seen = {came.predicted.begin(), came.predicted.end()};
  });
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::diverged));
  EXPECT_TRUE(lab.waitFor([&] { return seen.contains(-1); })) << "it is shown as it is now";
}

}  // namespace
}  // namespace gradus::ui
