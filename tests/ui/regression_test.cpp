// What once went wrong when things happened at the wrong moment.
#include <QElapsedTimer>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QTemporaryDir>

#include "tests/ui/lab.h"
#include "ui/charts/training_charts.h"
#include "ui/dag/dag_view.h"
#include "ui/editor/network_scene.h"
#include "ui/editor/network_view.h"
#include "ui/inspector/inspector.h"
#include "ui/stepper/transport_bar.h"

namespace gradus::ui {
namespace {

using State = EngineBridge::State;

TEST(Moments, AnotherNetworkWhileTheEngineIsAtWork) {
  NetGraph graph = quickstart_network();
  graph.training.epochs = 1000;
  Lab lab(Lab::made_up, graph);
  lab.answerWith = QMessageBox::Discard;
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(lab.waitFor(State::ready));
    if (i % 2 == 0) {
      for (int step = 0; step < 22; ++step) lab.key(Qt::Key_F10);  // into backward
    } else {
      lab.key(Qt::Key_F5);
    }
    QTest::qWait(20 * i);
    lab.document.start(i % 2 == 0 ? toy_network() : graph);
    EXPECT_EQ(lab.bridge.state(), State::loading) << "what the old one says is dropped at once";
  }
  ASSERT_TRUE(lab.waitFor(State::ready));
}

TEST(Moments, UndoWhileAWireIsPulled) {
  Lab lab;
  NodeId added = 0;
  ASSERT_TRUE(lab.document.addNode(QStringLiteral("Linear"), {300, 400}, &added).isEmpty());
  QTest::qWait(50);
  QGraphicsView& view = lab.window.networkView();
  const QPoint at = view.mapFromScene(lab.window.scene().item(added)->outputPlace());
  QTest::mousePress(view.viewport(), Qt::LeftButton, Qt::NoModifier, at);
  QTest::mouseMove(view.viewport(), at + QPoint(40, 20));
  lab.document.undoStack().undo();
  QTest::mouseMove(view.viewport(), at + QPoint(80, 20));
  QTest::mouseRelease(view.viewport(), Qt::LeftButton, Qt::NoModifier, at + QPoint(80, 20));
  EXPECT_EQ(lab.window.scene().item(added), nullptr);
}

TEST(Moments, AClickOnAWiredPortChangesNothing) {
  Lab lab;
  QTest::qWait(100);
  ASSERT_TRUE(lab.waitFor(State::ready));
  const NetGraph before = lab.document.graph();
  QGraphicsView& view = lab.window.networkView();
  const QPoint at = view.mapFromScene(lab.window.scene().item(lab.node("relu"))->inputPlace(0));
  QTest::mouseClick(view.viewport(), Qt::LeftButton, Qt::NoModifier, at);
  EXPECT_EQ(lab.document.graph(), before);
  EXPECT_FALSE(lab.document.isModified());
  EXPECT_EQ(lab.bridge.state(), State::ready);
}

TEST(Moments, AWirePulledOffIsOneStepOfUndo) {
  Lab lab;
  QTest::qWait(100);
  const NetGraph before = lab.document.graph();
  NetworkScene& scene = lab.window.scene();
  const QPointF port = scene.item(lab.node("relu"))->inputPlace(0);
  lab.drag(lab.window.networkView(), port, port + QPointF(0, 160));
  EXPECT_FALSE(lab.document.graph().wire_into(lab.node("relu"), 0));
  lab.document.undoStack().undo();
  EXPECT_EQ(lab.document.graph(), before);
}

TEST(Moments, UndoingTheLearningRateReachesTheEngine) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  Training training = lab.document.graph().training;
  training.optimizer.lr = 0.3;
  lab.document.setTraining(training, QStringLiteral("learning rate"));
  lab.document.undoStack().undo();
  double lr = 0;
  QObject::connect(&lab.bridge, &EngineBridge::stepped,
                   [&](const event::Stepped& stepped) { lr = stepped.hyper.lr; });
  lab.key(Qt::Key_F10);
  ASSERT_TRUE(lab.waitFor([&] { return lr != 0; }));
  EXPECT_EQ(lr, 0.1);
}

TEST(Moments, EpochsThatWereTypedAreRun) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  auto* field = lab.window.findChild<QSpinBox*>(QStringLiteral("setting_epochs"));
  ASSERT_TRUE(field);
  lab.window.activateWindow();
  field->setFocus();
  field->selectAll();
  QTest::keyClicks(field, QStringLiteral("3"));  // without Enter
  lab.window.transport().runAction()->trigger();
  ASSERT_TRUE(lab.waitFor(State::finished, 30000));
  EXPECT_EQ(lab.document.graph().training.epochs, 3);
  EXPECT_EQ(lab.bridge.cursor().epoch, 3);
}

TEST(Moments, BackIntoAnEvaluationTakesItsPointAlong) {
  NetGraph graph = toy_network();
  graph.training.epochs = 2;
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished));
  lab.window.charts().flush();
  const QString before = lab.window.charts().csv();
  for (int i = 0; i < 2; ++i) {
    lab.key(Qt::Key_F9);
    ASSERT_TRUE(lab.waitFor(State::ready));
    EXPECT_NE(lab.window.charts().csv(), before);
    lab.key(Qt::Key_F10);
    ASSERT_TRUE(lab.waitFor(State::finished));
    EXPECT_EQ(lab.window.charts().csv(), before);
  }
}

TEST(Moments, VeryManyEpochsDoNotHoldTheWindowUp) {
  NetGraph graph = toy_network();
  graph.training.epochs = 1'000'000;
  QElapsedTimer clock;
  clock.start();
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_LT(clock.elapsed(), 5000) << "it took minutes";
  TrainingCharts& charts = lab.window.charts();
  for (int64_t epochs : {1, 1'000'000, 7, 99'999, 2}) charts.setEpochs(epochs);
  EXPECT_LT(clock.elapsed(), 8000);
}

TEST(Moments, RunTakesUpABatchSizeThatWasTyped) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  auto* field = lab.window.findChild<QSpinBox*>(QStringLiteral("setting_batch size"));
  lab.window.activateWindow();
  field->setFocus();
  field->selectAll();
  QTest::keyClicks(field, QStringLiteral("32"));  // without Enter
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished, 30000)) << "loads with it, then trains";
  EXPECT_EQ(lab.document.graph().training.batch_size, 32);
}

TEST(Moments, WeightsAreSavedWhileItRuns) {
  const QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("w.safetensors"));
  NetGraph graph = toy_network();
  graph.training.epochs = 1'000'000;
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::running));
  lab.window.fileToSave = [&](const QString&) { return file; };
  lab.key(Qt::Key_W, Qt::ControlModifier | Qt::ShiftModifier);
  ASSERT_TRUE(lab.waitFor([&] { return QFile::exists(file); }));
  EXPECT_EQ(lab.bridge.state(), State::running) << "it goes on";
}

TEST(Moments, TheBarTellsTheTruthAfterUndo) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F10);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 1; }));
  const auto* spot = lab.window.transport().findChild<QLabel*>(QStringLiteral("spot"));
  ASSERT_TRUE(spot);
  const QString before = spot->text();
  EXPECT_TRUE(before.startsWith(QStringLiteral("step 1")));
  lab.document.disconnectPort(lab.node("relu"), 0);
  EXPECT_NE(spot->text(), before);
  lab.document.undoStack().undo();
  EXPECT_EQ(spot->text(), before);
}

TEST(Moments, WhatWasComputedIsSeenAgainAfterUndo) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.window.scene().select(lab.node("points"));
  lab.key(Qt::Key_F10);
  auto* numbers = lab.window.inspector().findChild<QPlainTextEdit*>();
  const auto shown = [&] { return numbers->isVisible() && !numbers->toPlainText().isEmpty(); };
  ASSERT_TRUE(lab.waitFor(shown));
  lab.document.disconnectPort(lab.node("hidden"), 0);
  ASSERT_TRUE(lab.waitFor([&] { return !numbers->isVisible(); }));
  lab.document.undoStack().undo();
  EXPECT_TRUE(lab.waitFor(shown));
}

TEST(Moments, AViewThatWasZoomedStaysSo) {
  Lab lab;
  DagView& dag = lab.window.dag();
  lab.key(Qt::Key_2, Qt::ControlModifier);
  ASSERT_TRUE(lab.waitFor([&] { return !dag.canvasItems().isEmpty(); }));
  dag.zoomIn();
  dag.zoomIn();
  const qreal zoom = dag.transform().m11();
  lab.window.resize(1300, 800);
  lab.key(Qt::Key_1, Qt::ControlModifier);
  lab.key(Qt::Key_2, Qt::ControlModifier);
  QTest::qWait(50);
  EXPECT_EQ(dag.transform().m11(), zoom);
  lab.key(Qt::Key_0, Qt::ControlModifier);
  EXPECT_LT(dag.transform().m11(), zoom);
}

TEST(Moments, ANetworkThatDoesNotFitTheDataWearsABadge) {
  NetGraph graph = toy_network();
  for (const NetNode& node : graph.nodes()) {
    if (node.name == "output") graph.set_attr(node.id, "out_features", AttrValue(int64_t{1}));
  }
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::failed));
  const NodeId output = lab.node("output");
  ASSERT_TRUE(
      lab.waitFor([&] { return !lab.window.scene().item(output)->look().error.isEmpty(); }));
  EXPECT_TRUE(lab.window.scene().item(output)->look().error.contains(QStringLiteral("classes")));
  EXPECT_TRUE(lab.questions.isEmpty()) << "no dialog: the badge says it";
  lab.document.setAttribute(output, QStringLiteral("out_features"), AttrValue(int64_t{2}));
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_TRUE(lab.window.scene().item(output)->look().error.isEmpty());
}

TEST(Moments, RecentFilesAreFoundFromAnywhere) {
  const QTemporaryDir folder;
  const QString old = QDir::currentPath();
  QDir::setCurrent(folder.path());
  {
    Lab lab;
    ASSERT_TRUE(lab.document.save(QStringLiteral("here.gradus")).isEmpty());
    lab.window.openFile(QStringLiteral("here.gradus"));
  }
  const QStringList files = QSettings().value(QStringLiteral("recent")).toStringList();
  QDir::setCurrent(old);
  ASSERT_FALSE(files.isEmpty());
  EXPECT_TRUE(QFileInfo(files[0]).isAbsolute()) << files[0].toStdString();
}

}  // namespace
}  // namespace gradus::ui
