// Drawings of tensors and ops, without data, in the window.
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QSignalSpy>

#include "tests/ui/lab.h"
#include "ui/dag/dag_view.h"
#include "ui/editor/network_scene.h"
#include "ui/inspector/inspector.h"
#include "ui/stepper/loop_list.h"

namespace gradus::ui {
namespace {

using State = EngineBridge::State;

// What the inspector was told of a tensor, by the name in its list.
class Watch {
 public:
  explicit Watch(Lab& lab) : lab_(lab) {
    QObject::connect(&lab.bridge, &EngineBridge::valuesCame,
                     [this](const event::Values& values) { last_ = values.windows; });
  }
  ValueWindow see(const std::string& node, const QString& tensor) {
    lab_.window.scene().select(lab_.node(node));
    auto* choice = lab_.window.findChild<QComboBox*>(QStringLiteral("tensorChoice"));
    for (int i = 0; i < choice->count(); ++i) {
      if (choice->itemText(i).startsWith(tensor + QStringLiteral("   ")))
        choice->setCurrentIndex(i);
    }
    EXPECT_TRUE(choice->currentText().startsWith(tensor)) << choice->currentText().toStdString();
    last_.clear();
    lab_.bridge.look(lab_.window.inspector().requests());
    EXPECT_TRUE(lab_.waitFor([&] { return !last_.empty(); }));
    return last_.empty() ? ValueWindow{} : last_.front();
  }

 private:
  Lab& lab_;
  std::vector<ValueWindow> last_;
};

void stepTo(Lab& lab, int64_t step) {
  for (int64_t at = lab.bridge.cursor().step; at < step; ++at) {
    lab.key(Qt::Key_F10);
    ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == at + 1; }));
  }
}

TEST(DrawingWindow, GradientsAddUpStepByStep) {
  Lab lab(Lab::made_up, example("a6_accumulation"));
  ASSERT_TRUE(lab.waitFor(State::ready));
  Watch watch(lab);
  auto* loop = lab.window.findChild<LoopList*>();
  ASSERT_TRUE(loop);
  ASSERT_EQ(loop->lines().size(), 7u);
  EXPECT_EQ(loop->lines()[1]->text(), QStringLiteral("backward of f, retain_graph"));
  EXPECT_EQ(watch.see("x", "x").first, std::vector<double>{2});
  EXPECT_FALSE(watch.see("x", "x.grad").computed);
  stepTo(lab, 5 + 3);
  EXPECT_NEAR(watch.see("x", "x.grad").first[0], -2.614574, 1e-5);
  stepTo(lab, 5 + 6);
  EXPECT_NEAR(watch.see("x", "x.grad").first[0], -14.486874, 1e-5);
  const ValueWindow none = watch.see("f", "f.grad");
  EXPECT_FALSE(none.computed);
  EXPECT_NE(none.why_not.find("retain_grad"), std::string::npos) << none.why_not;
  EXPECT_EQ(loop->next(), 3) << "zero_grad";
  EXPECT_EQ(loop->lines()[3]->accessibleDescription(), QStringLiteral("comes next"));
  EXPECT_TRUE(loop->lines()[2]->accessibleDescription().isEmpty());
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished));
  EXPECT_EQ(watch.see("x", "x.grad").first, std::vector<double>{16});
  EXPECT_EQ(watch.see("h", "result of add").first, std::vector<double>{12}) << "kept at full speed";
  EXPECT_FALSE(lab.bridge.hasUnsavedWeights()) << "nothing was learnt";
  lab.key(Qt::Key_F9);
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_TRUE(lab.questions.isEmpty()) << lab.questions.join('\n').toStdString();
}

TEST(DrawingWindow, TheGraphStaysWhereItIsRetained) {
  Lab lab(Lab::made_up, example("a6_accumulation"));
  ASSERT_TRUE(lab.waitFor(State::ready));
  stepTo(lab, 5 + 1);
  EXPECT_EQ(lab.bridge.graphProgress().consumed.size(), 1u);
  stepTo(lab, 5 + 3);
  EXPECT_EQ(lab.bridge.graphProgress().consumed.size(), 0u) << "retained";
  lab.key(Qt::Key_F12);
  ASSERT_TRUE(lab.waitFor(State::finished));
  EXPECT_EQ(lab.bridge.graphProgress().consumed.size(), 4u) << "h, square, cube and x";
}

TEST(DrawingWindow, AChangedNumberIsTakenUp) {
  Lab lab(Lab::made_up, example("a5_chain_rule"));
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.window.scene().select(lab.node("x"));
  auto* data = lab.window.findChild<QLineEdit*>(QStringLiteral("field_data"));
  ASSERT_TRUE(data);
  const auto type = [&](const char* text) {
    data = lab.window.findChild<QLineEdit*>(QStringLiteral("field_data"));
    data->selectAll();
    QTest::keyClicks(data, QString::fromUtf8(text));
    QTest::keyClick(data, Qt::Key_Return);
    QTest::qWait(50);
  };
  type("[2., ");
  EXPECT_NE(lab.window.scene().item(lab.node("x"))->look().error.indexOf("text ends"), -1);
  EXPECT_FALSE(lab.document.plan());
  type("0.5");
  ASSERT_TRUE(lab.document.plan());
  ASSERT_TRUE(lab.waitFor(State::ready));
  Watch watch(lab);
  EXPECT_EQ(watch.see("x", "x").first, std::vector<double>{0.5});
}

TEST(DrawingWindow, ShowsOnlyWhatHasSomethingToShow) {
  Lab lab;
  const auto hidden = [&](const char* name) {
    return lab.window.findChild<QDockWidget*>(QString::fromUtf8(name))->isHidden();
  };
  EXPECT_FALSE(hidden("dock_curves"));
  lab.document.start(example("a4_graph_walk"));
  EXPECT_TRUE(hidden("dock_curves"));
  EXPECT_TRUE(hidden("dock_samples"));
  EXPECT_FALSE(lab.window.findChild<QWidget*>(QStringLiteral("setting_batch size"))->isVisible());
  lab.document.start(toy_network());
  EXPECT_FALSE(hidden("dock_curves"));
  EXPECT_FALSE(hidden("dock_samples"));
  EXPECT_TRUE(lab.window.findChild<QWidget*>(QStringLiteral("setting_batch size"))->isVisible());
}

TEST(DrawingWindow, EveryExampleOpensFromTheMenuAndRuns) {
  Lab lab;
  int opened = 0;
  for (const QMenu* menu : lab.window.menuBar()->findChildren<QMenu*>()) {
    if (!menu->title().contains(QStringLiteral("autograd"))) continue;
    for (QAction* action : menu->actions()) {
      action->trigger();
      ++opened;
      EXPECT_EQ(lab.document.title(), action->text());
      if (!lab.document.plan()) {
        EXPECT_NE(lab.document.problem().indexOf("cannot broadcast 4×3 with 4"), -1)
            << lab.document.problem().toStdString();
        continue;
      }
      ASSERT_TRUE(lab.waitFor(State::ready)) << action->text().toStdString();
      lab.key(Qt::Key_F5);
      ASSERT_TRUE(lab.waitFor(State::finished)) << action->text().toStdString();
    }
  }
  EXPECT_EQ(opened, 9);
  EXPECT_TRUE(lab.questions.isEmpty()) << lab.questions.join('\n').toStdString();
}

}  // namespace
}  // namespace gradus::ui
