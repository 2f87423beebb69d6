// The network's canvas: what was refused is said beside the mouse.
#pragma once

#include <QLabel>
#include <QTimer>

#include "ui/canvas/canvas_view.h"
#include "ui/editor/network_scene.h"

namespace gradus::ui {

class NetworkView final : public CanvasView {
  Q_OBJECT

 public:
  explicit NetworkView(NetworkScene& scene, QWidget* parent = nullptr);

  void setTheme(const Theme& theme);

 public slots:
  void fit() override;
  void sayRefused(const QString& reason, QPointF scenePlace);

 protected:
  bool focusNextPrevChild(bool next) override;
  void mousePressEvent(QMouseEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  NetworkScene& scene_;
  QLabel* message_;
  QTimer messageTimer_;
  bool fitted_ = false;
};

}  // namespace gradus::ui
