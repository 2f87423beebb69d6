// Drives the real window and keeps pictures of it in build/…/screenshots, to be looked at.
#include <gtest/gtest.h>

#include "core/data/fashion_mnist.h"
#include "tests/ui/lab.h"
#include "ui/dag/dag_view.h"
#include "ui/editor/network_scene.h"
#include "ui/editor/network_view.h"
#include "ui/inspector/inspector.h"

#include <QLineEdit>
#include <QTabWidget>

namespace gradus::ui {
namespace {

using State = EngineBridge::State;

DataSplit real(const std::string& name) {
  return name == "two-moons" ? make_two_moons() : load_fashion_mnist();
}

class Screenshots : public testing::TestWithParam<bool> {
 protected:
  void dress(Lab& lab) {
    lab.window.setAppearance(GetParam() ? MainWindow::Appearance::dark
                                        : MainWindow::Appearance::light);
  }
  QString name(const char* what) const {
    return QString::fromUtf8(what) + (GetParam() ? QStringLiteral("_dark") : QString());
  }
};

TEST_P(Screenshots, FirstStart) {
  Lab lab(real, quickstart_network());
  dress(lab);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.picture(name("1_first_start"));
}

TEST_P(Screenshots, AWiringMistake) {
  Lab lab(real, quickstart_network());
  dress(lab);
  QTest::qWait(100);
  NetworkScene& scene = lab.window.scene();
  const NodeId linear = lab.node("linear_relu_stack.0");
  NetworkView& view = lab.window.networkView();
  const QPointF port = scene.item(linear)->inputPlace(0);
  lab.drag(view, port, port + QPointF(-20, 90));  // the wire comes off
  lab.drag(view, scene.item(lab.node("images"))->outputPlace(), port);
  lab.click(view, port + QPointF(60, 0));
  EXPECT_FALSE(scene.item(linear)->look().error.isEmpty());
  lab.picture(name("2_wiring_mistake"));
}

TEST_P(Screenshots, StepsOfTheToyNetwork) {
  Lab lab(real, toy_network());
  dress(lab);
  ASSERT_TRUE(lab.waitFor(State::ready));
  const auto stepTo = [&](int64_t step) {
    for (int64_t at = lab.bridge.cursor().step; at < step; ++at) {
      lab.key(Qt::Key_F10);
      ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == at + 1; }));
    }
  };
  QTest::qWait(100);
  lab.click(lab.window.networkView(),
            lab.window.scene().item(lab.node("hidden"))->sceneBoundingRect().center());
  stepTo(5);
  lab.picture(name("3_forward"));
  lab.key(Qt::Key_2, Qt::ControlModifier);
  stepTo(12);
  lab.picture(name("4_backward"));
}

TEST_P(Screenshots, TrainingOnTheRealData) {
  NetGraph graph = quickstart_network();
  graph.training.optimizer = {.lr = 0.1, .momentum = 0.9};
  graph.training.batch_size = 256;
  graph.training.epochs = 3;
  Lab lab(real, graph);
  dress(lab);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.window.scene().select(lab.node("linear_relu_stack.0"));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.state() == State::running; }));
  QTest::qWait(900);
  lab.picture(name("5_training"));
  ASSERT_TRUE(lab.waitFor(State::finished, 120000));
  lab.picture(name("6_trained"));
}

TEST_P(Screenshots, Diverging) {
  NetGraph graph = toy_network();
  graph.training.optimizer = {.lr = 3, .momentum = 0.99};
  Lab lab(real, graph);
  dress(lab);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F12);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().batch == 1; }));
  auto* field = lab.window.findChild<QLineEdit*>(QStringLiteral("setting_learning rate"));
  field->selectAll();
  QTest::keyClicks(field, QStringLiteral("1e20"));
  QTest::keyClick(field, Qt::Key_Return);
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::diverged, 30000));
  lab.picture(name("8_diverged"));
}

TEST_P(Screenshots, ADrawingOfTensors) {
  Lab lab(real, example("a3_leaves"));
  dress(lab);
  ASSERT_TRUE(lab.waitFor(State::ready));
  QTest::qWait(100);
  lab.click(lab.window.networkView(),
            lab.window.scene().item(lab.node("w"))->sceneBoundingRect().center());
  for (int64_t step = 1; step <= 9; ++step) {
    lab.key(Qt::Key_F10);
    ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == step; }));
  }
  lab.window.findChild<QComboBox*>(QStringLiteral("tensorChoice"))->setCurrentIndex(1);
  lab.picture(name("9_drawing"));
  lab.key(Qt::Key_2, Qt::ControlModifier);
  lab.picture(name("9_drawing_graph"));
}

TEST_P(Screenshots, TheMoonsAreTold) {
  NetGraph graph = toy_network();
  graph.training.epochs = 30;
  Lab lab(real, graph);
  dress(lab);
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished, 60000));
  lab.picture(name("7_moons"));
}

INSTANTIATE_TEST_SUITE_P(Looks, Screenshots, testing::Bool(),
                         [](const auto& dark) { return dark.param ? "Dark" : "Light"; });

}  // namespace
}  // namespace gradus::ui
