// The whole window for tests, with everything behind it, and hands and eyes to use it: mouse, keys,
// waiting, pictures.
#pragma once

#include <gtest/gtest.h>

#include <QApplication>
#include <QDir>
#include <QGraphicsView>
#include <QSettings>
#include <QTest>
#include <functional>

#include "core/data/no_data.h"
#include "core/data/two_moons.h"
#include "core/io/examples.h"
#include "core/tensor/runtime.h"
#include "tests/support/synthetic.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/document/document.h"
#include "ui/main_window.h"

namespace gradus::ui {

class Lab {
 public:
  explicit Lab(EngineBridge::DataSource data = made_up, const NetGraph& graph = toy_network())
      : bridge(Runtime::current(), std::move(data)), window(document, bridge, GRADUS_LAYOUT) {
    window.answer = [this](const QString& text) {
      questions << text;
      return answerWith;
    };
    window.resize(1440, 900);
    document.start(graph);
    window.show();
    EXPECT_TRUE(QTest::qWaitForWindowExposed(&window));
  }

  static DataSplit made_up(const std::string& name) {
    if (name == "none") return no_data();
    return name == "two-moons" ? make_two_moons() : synthetic_images(640, 128);
  }

  bool waitFor(const std::function<bool()>& condition, int milliseconds = 10000) {
    return QTest::qWaitFor(condition, milliseconds);
  }
  bool waitFor(EngineBridge::State state, int milliseconds = 10000) {
    return waitFor([&] { return bridge.state() == state; }, milliseconds);
  }
  // Saves what the window looks like, once it has come to rest.
  void picture(const QString& name) {
    QTest::qWait(350);
    QDir().mkpath(QStringLiteral(GRADUS_SCREENSHOTS));
    const QString file = QStringLiteral(GRADUS_SCREENSHOTS "/%1.png").arg(name);
    EXPECT_TRUE(window.grab().save(file)) << file.toStdString();
  }
  void drag(QGraphicsView& view, QPointF from, QPointF to) {
    QWidget* area = view.viewport();
    const QPoint a = view.mapFromScene(from);
    const QPoint b = view.mapFromScene(to);
    QTest::mousePress(area, Qt::LeftButton, Qt::NoModifier, a);
    for (int i = 1; i <= 4; ++i) QTest::mouseMove(area, a + (b - a) * i / 4);
    QTest::mouseRelease(area, Qt::LeftButton, Qt::NoModifier, b);
    QApplication::processEvents();
  }
  void click(QGraphicsView& view, QPointF place) {
    QTest::mouseClick(view.viewport(), Qt::LeftButton, Qt::NoModifier, view.mapFromScene(place));
  }
  NodeId node(const std::string& name) const {
    for (const NetNode& node : document.graph().nodes()) {
      if (node.name == name) return node.id;
    }
    ADD_FAILURE() << "no node " << name;
    return 0;
  }
  void key(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QTest::keyClick(&window, static_cast<Qt::Key>(key), modifiers);
  }

  QStringList questions;
  int answerWith = 0;
  Document document;
  EngineBridge bridge;
  MainWindow window;
};

}  // namespace gradus::ui
