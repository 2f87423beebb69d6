// All of the window by keyboard alone, and what a screen reader hears.
#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QDockWidget>
#include <QLineEdit>
#include <QMenuBar>
#include <QSpinBox>
#include <QToolButton>

#include "tests/ui/lab.h"
#include "ui/dag/dag_view.h"
#include "ui/editor/network_scene.h"
#include "ui/editor/network_view.h"
#include "ui/inspector/inspector.h"

namespace gradus::ui {
namespace {

TEST(Keys, TabGoesFromNodeToNodeAndOutAgain) {
  Lab lab;
  lab.window.activateWindow();
  NetworkView& view = lab.window.networkView();
  view.setFocus();
  ASSERT_TRUE(lab.waitFor([&] { return view.hasFocus(); }));
  std::vector<NodeId> seen;
  for (size_t i = 0; i < lab.document.graph().nodes().size(); ++i) {
    QTest::keyClick(&view, Qt::Key_Tab);
    seen.push_back(lab.window.inspector().node());
  }
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end()) << "each once";
  EXPECT_NE(seen.front(), 0);
  EXPECT_TRUE(view.hasFocus());
  QTest::keyClick(&view, Qt::Key_Tab);
  EXPECT_FALSE(view.hasFocus()) << "it does not hold one captive";
}

TEST(Keys, TheAutogradGraphToo) {
  Lab lab;
  lab.key(Qt::Key_2, Qt::ControlModifier);
  DagView& dag = lab.window.dag();
  ASSERT_TRUE(lab.waitFor([&] { return !dag.canvasItems().isEmpty(); }));
  ASSERT_TRUE(lab.waitFor([&] { return dag.hasFocus(); }));
  const qreal zoom = dag.transform().m11();
  lab.key(Qt::Key_Minus, Qt::ControlModifier);
  EXPECT_LT(dag.transform().m11(), zoom) << "zooms what is seen";
  QTest::keyClick(&dag, Qt::Key_Tab);
  ASSERT_TRUE(dag.selected());
  EXPECT_NE(lab.window.inspector().node(), 0);
}

TEST(Keys, WiresAreDrawnAndDeleted) {
  Lab lab;
  lab.window.activateWindow();
  NetworkView& view = lab.window.networkView();
  view.setFocus();
  ASSERT_TRUE(lab.waitFor([&] { return view.hasFocus(); }));
  const NodeId hidden = lab.node("hidden");
  const NodeId relu = lab.node("relu");
  lab.window.scene().select(relu);
  // Its wires one after the other, up to the one that comes from `hidden`.
  const auto into = [&] {
    for (QGraphicsItem* item : lab.window.scene().selectedItems()) {
      if (const auto* wire = qgraphicsitem_cast<WireItem*>(item)) return wire->wire().to;
    }
    return 0;
  };
  for (int i = 0; i < 3 && into() != relu; ++i) QTest::keyClick(&view, Qt::Key_W);
  ASSERT_EQ(into(), relu);
  QTest::keyClick(&view, Qt::Key_Delete);
  ASSERT_FALSE(lab.document.graph().wire_into(relu, 0));
  lab.window.scene().select(hidden);
  QTest::keyClick(&view, Qt::Key_C);
  QTest::keyClick(&view, Qt::Key_Escape);
  EXPECT_FALSE(lab.document.graph().wire_into(relu, 0));
  QTest::keyClick(&view, Qt::Key_C);
  QTest::keyClick(&view, Qt::Key_Tab);
  for (int i = 0; i < 9 && !lab.document.graph().wire_into(relu, 0); ++i) {
    QTest::keyClick(&view, Qt::Key_Return);
    if (lab.document.graph().wire_into(relu, 0)) break;
    lab.document.undoStack().undo();
    lab.window.scene().select(hidden);
    QTest::keyClick(&view, Qt::Key_C);
    for (int k = 0; k <= i; ++k) QTest::keyClick(&view, Qt::Key_Tab);
  }
  ASSERT_TRUE(lab.document.graph().wire_into(relu, 0));
  EXPECT_EQ(lab.document.graph().wire_into(relu, 0)->from, hidden);
}

TEST(Keys, EveryCommandHasOne) {
  Lab lab;
  QList<QMenu*> menus = lab.window.menuBar()->findChildren<QMenu*>();
  int checked = 0;
  for (const QMenu* menu : menus) {
    // Files and drawings, by their initials.
    if (menu->title().contains(QStringLiteral("recent"))) continue;
    if (menu->title().contains(QStringLiteral("autograd"))) continue;
    for (const QAction* action : menu->actions()) {
      if (action->isSeparator() || action->menu()) continue;
      EXPECT_FALSE(action->shortcut().isEmpty()) << action->text().toStdString();
      ++checked;
    }
  }
  EXPECT_GT(checked, 30);
  std::map<QString, QString> taken;
  for (const QAction* action : lab.window.findChildren<QAction*>()) {
    for (const QKeySequence& key : action->shortcuts()) {
      const auto [at, fresh] = taken.emplace(key.toString(), action->text());
      EXPECT_TRUE(fresh) << key.toString().toStdString() << ": " << at->second.toStdString()
                         << " and " << action->text().toStdString();
    }
  }
}

TEST(Keys, EveryControlHasAName) {
  Lab lab;
  lab.window.scene().select(lab.node("hidden"));
  QTest::qWait(50);
  int checked = 0;
  for (QWidget* widget : lab.window.findChildren<QWidget*>()) {
    const bool control = qobject_cast<QLineEdit*>(widget) ||
                         qobject_cast<QAbstractSpinBox*>(widget) ||
                         qobject_cast<QComboBox*>(widget) || qobject_cast<QToolButton*>(widget) ||
                         qobject_cast<QGraphicsView*>(widget);
    const bool inner = widget->objectName().startsWith(QStringLiteral("qt_")) ||
                       qobject_cast<QLineEdit*>(widget->parentWidget());  // Qt's own clear button
    if (!control || inner) continue;
    QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(widget);
    ASSERT_TRUE(spoken);
    EXPECT_FALSE(spoken->text(QAccessible::Name).isEmpty())
        << widget->metaObject()->className() << ' ' << widget->objectName().toStdString();
    ++checked;
  }
  EXPECT_GT(checked, 15);
}

TEST(Keys, ScreenReadersSeeTheNodes) {
  Lab lab;
  NetworkView& view = lab.window.networkView();
  QAccessibleInterface* canvas = QAccessible::queryAccessibleInterface(&view);
  ASSERT_TRUE(canvas);
  ASSERT_EQ(canvas->childCount(), static_cast<int>(lab.document.graph().nodes().size()));
  QStringList names;
  for (int i = 0; i < canvas->childCount(); ++i) {
    QAccessibleInterface* node = canvas->child(i);
    ASSERT_TRUE(node);
    names << node->text(QAccessible::Name);
    EXPECT_EQ(node->parent(), canvas);
    EXPECT_EQ(canvas->indexOfChild(node), i);
    EXPECT_EQ(canvas->childAt(node->rect().center().x(), node->rect().center().y()), node);
  }
  EXPECT_TRUE(names.contains(QStringLiteral("Linear hidden"))) << names.join('|').toStdString();
  lab.document.disconnectPort(lab.node("relu"), 0);
  for (int i = 0; i < canvas->childCount(); ++i) {
    QAccessibleInterface* node = canvas->child(i);
    if (node->text(QAccessible::Name) != QStringLiteral("ReLU relu")) continue;
    EXPECT_TRUE(node->text(QAccessible::Description).contains(QStringLiteral("not connected")));
  }
}

}  // namespace
}  // namespace gradus::ui
