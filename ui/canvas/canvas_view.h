// What all canvases have in common: zoom with the wheel, pan with the middle button or Space, go
// from item to item with Tab, and names for screen readers.
#pragma once

#include <QGraphicsView>

#include "ui/canvas/canvas_item.h"

namespace gradus::ui {

class CanvasView : public QGraphicsView {
  Q_OBJECT

 public:
  explicit CanvasView(QWidget* parent = nullptr);

  // What can be selected, in reading order.
  QList<CanvasItem*> canvasItems() const;
  CanvasItem* selected() const;  // the first in reading order; null if none is

 public slots:
  virtual void fit() = 0;
  void zoomIn() { zoomBy(1.25); }
  void zoomOut() { zoomBy(0.8); }

 signals:
  void zoomed(qreal zoom);

 protected:
  // Shows `box`, at most enlarged by `most`. From then on all stays in view as the window's size
  // changes, until somebody zooms or pans.
  void fitTo(const QRectF& box, qreal most);
  bool isFitted() const { return fitted_; }
  // Tab at the last item, and Shift+Tab at the first, leave the canvas.
  bool focusNextPrevChild(bool next) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void zoomBy(qreal factor);
  void holdSpace(bool held);

  QPoint panFrom_;
  bool fitted_ = true;
  bool panning_ = false;
  bool spaceHeld_ = false;
};

// Tells screen readers of the canvases. Once, before the first window.
void installCanvasAccessibility();

}  // namespace gradus::ui
