// Choosing the device in the window, and losing it.
#include <QMenu>
#include <QStatusBar>
#include <QToolButton>

#include "tests/support/lazy_backend.h"
#include "tests/ui/lab.h"
#include "ui/charts/training_charts.h"

namespace gradus::ui {
namespace {

using State = EngineBridge::State;

class Devices : public testing::Test {
 protected:
  // What a computer with a software driver and a GPU that cannot be used has.
  static void SetUpTestSuite() {
    Runtime::current().set_more_devices({.list =
                                             [](std::string* why) {
                                               *why = "no driver is installed";
                                               return listed();
                                             },
                                         .open = [](Device device) -> std::unique_ptr<Backend> {
                                           if (device.index > 60)
                                             fail("vulkan", "there is no device {}", device.index);
                                           auto lazy = std::make_unique<LazyBackend>(device.index);
                                           opened() = lazy.get();
                                           return lazy;
                                         }});
  }
  static void TearDownTestSuite() { Runtime::current().set_more_devices({}); }
  void SetUp() override {
    const auto index = static_cast<int8_t>(next_++);
    listed() = {{.device = {DeviceType::vulkan, index}, .name = "lazy", .software = true},
                {.device = {DeviceType::vulkan, 70}, .name = "gone"},
                {.device = {DeviceType::vulkan, 71}, .name = "old", .problem = "it is too old"}};
  }

  static std::vector<DeviceInfo>& listed() {
    static std::vector<DeviceInfo> all;
    return all;
  }
  static LazyBackend*& opened() {
    static LazyBackend* lazy = nullptr;
    return lazy;
  }

  static QToolButton& button(Lab& lab) {
    return *lab.window.findChild<QToolButton*>(QStringLiteral("device"));
  }
  // Opens the menu and waits for its entries.
  static QList<QAction*> entries(Lab& lab) {
    QMenu* menu = button(lab).menu();
    emit menu->aboutToShow();
    EXPECT_TRUE(lab.waitFor(
        [menu] { return !menu->actions().isEmpty() && menu->actions().first()->isEnabled(); }));
    return menu->actions();
  }
  static bool choose(Lab& lab, qsizetype entry) {
    entries(lab)[entry]->trigger();
    const QString name =
        QString::fromStdString(to_string(listed()[static_cast<size_t>(entry) - 1].device));
    return lab.waitFor([&] {
      return lab.window.statusBar()->currentMessage() == "Now computing on " + name + ".";
    }) && button(lab).text() == name;
  }
  static NetGraph toy(int64_t epochs) {
    NetGraph graph = toy_network();
    graph.training.epochs = epochs;
    return graph;
  }

 private:
  static inline int next_ = 40;
};

TEST_F(Devices, AreListedWithWhatIsWrongWithThem) {
  Lab lab;
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_EQ(button(lab).text(), "cpu");
  const QList<QAction*> all = entries(lab);
  ASSERT_EQ(all.size(), 4);
  EXPECT_TRUE(all[0]->text().startsWith("cpu: "));
  EXPECT_TRUE(all[0]->isChecked());
  EXPECT_TRUE(all[1]->text().endsWith(": lazy – software driver, slow"))
      << all[1]->text().toStdString();
  EXPECT_FALSE(all[1]->isChecked());
  EXPECT_TRUE(all[3]->text().endsWith(": old – it is too old"));
  EXPECT_FALSE(all[3]->isEnabled());
  listed().clear();
  emit button(lab).menu()->aboutToShow();
  ASSERT_TRUE(lab.waitFor([&] { return button(lab).menu()->actions().size() == 2; }));
  EXPECT_EQ(button(lab).menu()->actions()[1]->text(), "No GPU: no driver is installed");
}

TEST_F(Devices, ARunGoesOnOnAnotherOne) {
  Lab lab(Lab::made_up, toy(2));
  ASSERT_TRUE(lab.waitFor(State::ready));
  for (int i = 0; i < 12; ++i) lab.key(Qt::Key_F10);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 12; }));
  ASSERT_TRUE(choose(lab, 1));
  EXPECT_EQ(lab.bridge.cursor().step, 12);
  lab.key(Qt::Key_F10);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 13; }));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished, 30000));
  EXPECT_TRUE(lab.questions.isEmpty());
  // What is loaded next is there, too.
  lab.document.start(toy(2));
  ASSERT_TRUE(lab.waitFor(State::ready));
  EXPECT_EQ(lab.bridge.device(), listed()[0].device);
}

TEST_F(Devices, OneThatCannotBeOpenedLeavesTheRunWhereItIs) {
  Lab lab(Lab::made_up, toy(2));
  ASSERT_TRUE(lab.waitFor(State::ready));
  entries(lab)[2]->trigger();
  ASSERT_TRUE(lab.waitFor([&] { return !lab.questions.isEmpty(); }));
  EXPECT_EQ(lab.questions.first(), "vulkan: there is no device 70");
  EXPECT_EQ(button(lab).text(), "cpu");
  lab.key(Qt::Key_F5);
  EXPECT_TRUE(lab.waitFor(State::finished, 30000));
}

TEST_F(Devices, ALostOneIsToldOfAndTheCurvesAreWhole) {
  Lab lab(Lab::made_up, toy(4));
  ASSERT_TRUE(lab.waitFor(State::ready));
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished, 30000));
  const QString undisturbed = lab.window.charts().csv();

  lab.document.start(toy(4));
  ASSERT_TRUE(lab.waitFor(State::ready));
  ASSERT_TRUE(choose(lab, 1));
  opened()->lose_at = opened()->waits + 60;
  lab.key(Qt::Key_F5);
  ASSERT_TRUE(lab.waitFor(State::finished, 30000));
  EXPECT_EQ(button(lab).text(), "⚠ cpu");
  EXPECT_TRUE(button(lab).toolTip().contains("the device was lost"));
  EXPECT_EQ(lab.window.charts().csv(), undisturbed) << "every batch once";
  EXPECT_TRUE(lab.questions.isEmpty()) << lab.questions.join('\n').toStdString();
}

TEST_F(Devices, ALossIsSaidWithWhatIsDoneAgain) {
  Lab lab(Lab::made_up, toy(2));
  ASSERT_TRUE(lab.waitFor(State::ready));
  ASSERT_TRUE(choose(lab, 1));
  for (int i = 0; i < 3; ++i) {
    lab.key(Qt::Key_F10);
  }
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 3; }));
  opened()->lose_at = 0;
  lab.key(Qt::Key_F10);
  ASSERT_TRUE(lab.waitFor([&] { return lab.bridge.cursor().step == 4; }));
  EXPECT_EQ(lab.window.statusBar()->currentMessage(),
            "lazy: the device was lost. Going on with cpu; batches done again: 0.");
}

}  // namespace
}  // namespace gradus::ui
