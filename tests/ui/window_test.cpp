// The window as a newcomer uses it: what is refused and how, what follows what, what is kept.
#include "ui/main_window.h"

#include <QFile>
#include <QLineEdit>
#include <QMessageBox>
#include <QSignalSpy>
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

TEST(Window, FirstStartIsReadyToTrain) {
  Lab lab(Lab::made_up, quickstart_network());
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.window.transport().runAction()->trigger();
  ASSERT_TRUE(lab.waitFor(State::finished, 30000));
  EXPECT_FALSE(lab.window.charts().isEmpty());
  EXPECT_TRUE(lab.questions.isEmpty()) << lab.questions.join('\n').toStdString();
}

TEST(Window, RunsPausesAndGoesOn) {
  NetGraph graph = toy_network();
  graph.training.epochs = 100000;
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::running));
  ASSERT_TRUE(lab.waitFor([&] { return !lab.window.charts().isEmpty(); }));
  lab.key(Qt::Key_F6);
  ASSERT_TRUE(lab.waitFor(State::ready));
  const int64_t at = lab.bridge.cursor().step;
  EXPECT_GT(at, 0);
  lab.key(Qt::Key_F10);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == at + 1; }));
  lab.key(Qt::Key_F9);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == at; }));
}

// What the autograd view is told at every spot of a batch, forwards and backwards.
TEST(Window, TheGraphGrowsAndIsUsedUp) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  GraphProgress graph;
  QObject::connect(&lab.bridge, &EngineBridge::stepped,
                   [&](const event::Stepped& stepped) { graph = stepped.graph; });
  const auto go = [&](int key, int64_t step) {
    lab.key(key);
    ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == step; }));
  };
  std::vector<std::pair<int32_t, size_t>> seen;
  const auto nodes = lab.document.plan()->grad_nodes.size();
  const auto calls = static_cast<int32_t>(lab.document.plan()->calls.size());
  for (int64_t step = 1; step <= 2 + calls + static_cast<int64_t>(nodes); ++step) {
    go(Qt::Key_F10, step);
    seen.emplace_back(graph.calls, graph.consumed.size());
  }
  EXPECT_EQ(seen[1], (std::pair<int32_t, size_t>{0, 0})) << "after fetch and zero_grad";
  EXPECT_EQ(seen[static_cast<size_t>(1 + calls)], (std::pair<int32_t, size_t>{calls, 0}));
  EXPECT_EQ(seen.back(), (std::pair<int32_t, size_t>{calls, nodes}));
  for (size_t i = seen.size() - 1; i-- > 0;) {
    go(Qt::Key_F9, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(seen[i], (std::pair<int32_t, size_t>{graph.calls, graph.consumed.size()})) << i;
  }
}

TEST(Window, TheLearningRateChangesWhileItRuns) {
  NetGraph graph = toy_network();
  graph.training.epochs = 100000;
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::running));
  auto* field = lab.window.findChild<QLineEdit*>(QStringLiteral("setting_learning rate"));
  ASSERT_TRUE(field);
  field->selectAll();
  QTest::keyClicks(field, QStringLiteral("0.025"));
  QTest::keyClick(field, Qt::Key_Return);
  EXPECT_EQ(lab.bridge.state(), State::running) << "it goes on";
  lab.key(Qt::Key_F6);
  ASSERT_TRUE(lab.waitFor(State::ready));
  QSignalSpy spy(&lab.bridge, &EngineBridge::stepped);
  double lr = 0;
  QObject::connect(&lab.bridge, &EngineBridge::stepped,
                   [&](const event::Stepped& stepped) { lr = stepped.hyper.lr; });
  lab.key(Qt::Key_F10);
  ASSERT_TRUE(lab.waitFor([&] { return lr != 0; }));
  EXPECT_EQ(lr, 0.025);
}

TEST(Window, ABadNumberIsRefusedAndTheOldOneStays) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  auto* field = lab.window.findChild<QLineEdit*>(QStringLiteral("setting_learning rate"));
  for (const char* bad : {"nan", "-1", "fast", "inf"}) {
    lab.questions.clear();
    field->selectAll();
    QTest::keyClicks(field, QString::fromUtf8(bad));
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_EQ(lab.questions.size(), 1) << bad;
    EXPECT_EQ(field->text(), QStringLiteral("0.1")) << bad;
  }
}

TEST(Editor, WiresAreDrawnWithTheMouse) {
  Lab lab;
  NetworkView& view = lab.window.networkView();
  NetworkScene& scene = lab.window.scene();
  QTest::qWait(100);
  const NodeId hidden = lab.node("hidden");
  const NodeId relu = lab.node("relu");
  ASSERT_TRUE(lab.document.disconnectPort(relu, 0).isEmpty());
  EXPECT_FALSE(lab.document.problem().isEmpty());
  lab.drag(view, scene.item(hidden)->outputPlace(), scene.item(relu)->inputPlace(0));
  ASSERT_TRUE(lab.document.graph().wire_into(relu, 0));
  EXPECT_TRUE(lab.document.problem().isEmpty()) << lab.document.problem().toStdString();
  lab.key(Qt::Key_Z, Qt::ControlModifier);
  EXPECT_FALSE(lab.document.graph().wire_into(relu, 0)) << "undone";
  lab.key(Qt::Key_Y, Qt::ControlModifier);
  EXPECT_TRUE(lab.document.graph().wire_into(relu, 0)) << "done again";
}

TEST(Editor, ImpossibleWiresAreRefusedWithTheReason) {
  Lab lab;
  NetworkScene& scene = lab.window.scene();
  QTest::qWait(100);
  QString reason;
  QObject::connect(&scene, &NetworkScene::refused, [&](const QString& why) { reason = why; });
  const NetGraph before = lab.document.graph();
  const auto draw = [&](const std::string& from, const std::string& to) {
    reason.clear();
    lab.drag(lab.window.networkView(), scene.item(lab.node(from))->outputPlace(),
             scene.item(lab.node(to))->inputPlace(0) + QPointF(-2, 0));
  };
  lab.document.disconnectPort(lab.node("hidden"), 0);
  draw("output", "hidden");
  EXPECT_TRUE(reason.contains(QStringLiteral("cycle"))) << reason.toStdString();
  draw("points", "relu");
  EXPECT_TRUE(reason.contains(QStringLiteral("already"))) << reason.toStdString();
  lab.key(Qt::Key_Z, Qt::ControlModifier);
  EXPECT_EQ(lab.document.graph(), before) << "nothing else has changed";
}

TEST(Editor, TheGuiltyNodeWearsTheBadge) {
  Lab lab;
  lab.document.setAttribute(lab.node("output"), QStringLiteral("in_features"),
                            AttrValue(int64_t{5}));
  const NodeItem* output = lab.window.scene().item(lab.node("output"));
  EXPECT_TRUE(output->look().error.contains(QStringLiteral("expects 5 features")));
  EXPECT_TRUE(lab.window.scene().item(lab.node("hidden"))->look().error.isEmpty());
  ASSERT_TRUE(lab.waitFor(State::empty)) << "what cannot run is not loaded";
}

TEST(Editor, DeletesAndUndoes) {
  Lab lab;
  const NetGraph before = lab.document.graph();
  lab.window.scene().select(lab.node("relu"));
  QTest::keyClick(lab.window.networkView().viewport(), Qt::Key_Delete);
  EXPECT_EQ(lab.document.graph().nodes().size(), before.nodes().size() - 1);
  EXPECT_EQ(lab.document.graph().wires().size(), before.wires().size() - 2);
  lab.key(Qt::Key_Z, Qt::ControlModifier);
  EXPECT_EQ(lab.document.graph(), before);
}

TEST(Selection, IsTheSameInAllViews) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.window.scene().select(lab.node("hidden"));
  EXPECT_EQ(lab.window.inspector().node(), lab.node("hidden"));
  // The leaf of a parameter: its gradient is shown.
  lab.window.tabs().setCurrentIndex(1);
  ASSERT_TRUE(lab.waitFor([&] { return !lab.window.dag().canvasItems().isEmpty(); }));
  CanvasItem* leaf = nullptr;
  for (CanvasItem* item : lab.window.dag().canvasItems()) {
    if (item->spokenName() == QStringLiteral("AccumulateGrad output.bias")) leaf = item;
  }
  ASSERT_TRUE(leaf);
  const QPoint at = lab.window.dag().mapFromScene(leaf->sceneBoundingRect().center());
  QTest::mouseClick(lab.window.dag().viewport(), Qt::LeftButton, Qt::NoModifier, at);
  EXPECT_EQ(lab.window.inspector().node(), lab.node("output"));
  EXPECT_EQ(lab.window.scene().selectedNode(), lab.node("output"));
  EXPECT_EQ(lab.window.inspector().chosen(), (ValueRef{ValueRef::Kind::parameter_grad, 3}));
  EXPECT_TRUE(leaf->isSelected());
  QTest::mouseClick(lab.window.dag().viewport(), Qt::LeftButton, Qt::NoModifier, QPoint(5, 5));
  EXPECT_EQ(lab.window.inspector().node(), 0) << "a click beside them selects nothing";
  EXPECT_EQ(lab.window.scene().selectedNode(), 0);
}

TEST(Files, BrokenOnesLeaveWhatIsOpen) {
  const QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("bad.gradus"));
  QFile out(file);
  ASSERT_TRUE(out.open(QIODevice::WriteOnly));
  out.write("this is no network");
  out.close();
  Lab lab;
  const NetGraph before = lab.document.graph();
  lab.window.openFile(file);
  EXPECT_EQ(lab.questions.size(), 1);
  EXPECT_TRUE(lab.questions.value(0).contains(QStringLiteral("JSON")));
  EXPECT_EQ(lab.document.graph(), before);
}

TEST(Files, SavedOnesOpenAgain) {
  const QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("a.gradus"));
  Lab lab;
  lab.document.addNode(QStringLiteral("ReLU"), {10, 20});
  const NetGraph kept = lab.document.graph();
  EXPECT_TRUE(lab.document.isModified());
  ASSERT_TRUE(lab.document.save(file).isEmpty());
  EXPECT_FALSE(lab.document.isModified());
  lab.document.start(quickstart_network());
  lab.window.openFile(file);
  EXPECT_EQ(lab.document.graph(), kept);
}

TEST(Closing, AsksOnceAndCanBeCalledOff) {
  NetGraph graph = toy_network();
  graph.training.epochs = 100000;
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::running));
  lab.document.addNode(QStringLiteral("ReLU"), {});
  lab.key(Qt::Key_F5);
  lab.answerWith = QMessageBox::Cancel;
  EXPECT_FALSE(lab.window.close());
  EXPECT_EQ(lab.questions.size(), 1);
  EXPECT_TRUE(lab.window.isVisible());
  lab.answerWith = QMessageBox::Discard;
  EXPECT_TRUE(lab.window.close());
  EXPECT_EQ(lab.questions.size(), 2);
}

TEST(Diverging, StopsKeepsTheCurvesAndSaysWhere) {
  NetGraph graph = toy_network();
  graph.training.optimizer.lr = 1e30;
  Lab lab(Lab::made_up, graph);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor([&] { return !lab.questions.isEmpty(); }));
  EXPECT_TRUE(lab.questions[0].contains(QStringLiteral("diverged")));
  EXPECT_TRUE(lab.questions[0].contains(QStringLiteral("batch")));
  EXPECT_FALSE(lab.window.charts().isEmpty());
  EXPECT_EQ(lab.bridge.state(), State::diverged);
}

}  // namespace
}  // namespace gradus::ui
