// The canvas's window: zoom with the wheel, pan with the middle button or Space, fit with F. What
// was refused is said beside the mouse.
#pragma once

#include <QGraphicsView>
#include <QLabel>
#include <QTimer>

#include "ui/editor/network_scene.h"

namespace gradus::ui {

class NetworkView final : public QGraphicsView {
  Q_OBJECT

 public:
  explicit NetworkView(NetworkScene& scene, QWidget* parent = nullptr);

  void setTheme(const Theme& theme);

 public slots:
  void fit();
  void zoomIn() { zoomBy(1.25); }
  void zoomOut() { zoomBy(0.8); }
  void sayRefused(const QString& reason, QPointF scenePlace);

 protected:
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void zoomBy(qreal factor);

  NetworkScene& scene_;
  QLabel* message_;
  QTimer messageTimer_;
  QPoint panFrom_;
  bool panning_ = false;
  bool spaceHeld_ = false;
  bool fitted_ = false;
};

}  // namespace gradus::ui
