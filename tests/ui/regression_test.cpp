// What once went wrong when things happened at the wrong moment.
#include <QLineEdit>
#include <QMessageBox>
#include <QSpinBox>

#include "tests/ui/lab.h"
#include "ui/charts/training_charts.h"
#include "ui/editor/network_scene.h"
#include "ui/editor/network_view.h"
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

}  // namespace
}  // namespace gradus::ui
