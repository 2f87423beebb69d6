#include "ui/canvas/canvas_view.h"

#include <QAccessible>
#include <QMouseEvent>
#include <QScrollBar>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"

namespace gradus::ui {
namespace {

constexpr qreal kLeastZoom = 0.1;
constexpr qreal kMostZoom = 3.0;

}  // namespace

CanvasView::CanvasView(QWidget* parent) : QGraphicsView(parent) {
  setRenderHint(QPainter::Antialiasing);
  setFrameShape(NoFrame);
  setTransformationAnchor(AnchorUnderMouse);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

QList<CanvasItem*> CanvasView::canvasItems() const {
  QList<CanvasItem*> found;
  if (!scene()) return found;
  for (QGraphicsItem* item : scene()->items()) {
    auto* object = qobject_cast<CanvasItem*>(item->toGraphicsObject());
    if (object && object->isVisible()) found.append(object);
  }
  // Row by row; what stands nearly side by side is one row.
  const auto place = [](const CanvasItem* item) {
    const QPointF centre = item->sceneBoundingRect().center();
    return std::pair(std::floor(centre.y() / (6 * kGrid)), centre.x());
  };
  std::ranges::sort(found, {}, place);
  return found;
}

CanvasItem* CanvasView::selected() const {
  for (CanvasItem* item : canvasItems()) {
    if (item->isSelected()) return item;
  }
  return nullptr;
}

bool CanvasView::focusNextPrevChild(bool next) {
  const QList<CanvasItem*> all = canvasItems();
  const qsizetype at = all.indexOf(selected());
  const qsizetype to = at < 0 ? (next ? 0 : all.size() - 1) : at + (next ? 1 : -1);
  if (!hasFocus() || to < 0 || to >= all.size()) {
    // Past QGraphicsView, which looks for widgets in the scene.
    return QAbstractScrollArea::focusNextPrevChild(next);  // NOLINT(bugprone-parent-virtual-call)
  }
  CanvasItem* item = all[to];
  item->scene()->clearSelection();
  item->setSelected(true);
  ensureVisible(item, 4 * kGrid, 4 * kGrid);
  QAccessibleEvent event(item, QAccessible::Focus);
  QAccessible::updateAccessibility(&event);
  return true;
}

void CanvasView::zoomBy(qreal factor) {
  const qreal now = transform().m11();
  factor = std::clamp(now * factor, kLeastZoom, kMostZoom) / now;
  scale(factor, factor);
  fitted_ = false;
  emit zoomed(transform().m11());
}

void CanvasView::fitTo(const QRectF& box, qreal most) {
  if (box.isEmpty()) return;
  fitted_ = true;
  fitInView(box, Qt::KeepAspectRatio);
  const qreal zoom = transform().m11();
  const qreal wanted = std::clamp(zoom, kLeastZoom, most);
  scale(wanted / zoom, wanted / zoom);
  centerOn(box.center());
  emit zoomed(transform().m11());
}

void CanvasView::wheelEvent(QWheelEvent* event) {
  zoomBy(std::pow(1.0015, event->angleDelta().y()));
  event->accept();
}

void CanvasView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && spaceHeld_)) {
    panning_ = true;
    fitted_ = false;
    panFrom_ = event->pos();
    setCursor(Qt::ClosedHandCursor);
    return;
  }
  QGraphicsView::mousePressEvent(event);
}

void CanvasView::mouseMoveEvent(QMouseEvent* event) {
  if (!panning_) {
    if (event->buttons() != Qt::NoButton && dragMode() == ScrollHandDrag) fitted_ = false;
    QGraphicsView::mouseMoveEvent(event);
    return;
  }
  const QPoint by = event->pos() - panFrom_;
  panFrom_ = event->pos();
  horizontalScrollBar()->setValue(horizontalScrollBar()->value() - by.x());
  verticalScrollBar()->setValue(verticalScrollBar()->value() - by.y());
}

void CanvasView::mouseReleaseEvent(QMouseEvent* event) {
  if (panning_) {
    panning_ = false;
    holdSpace(spaceHeld_);
    return;
  }
  QGraphicsView::mouseReleaseEvent(event);
}

void CanvasView::holdSpace(bool held) {
  spaceHeld_ = held;
  held ? setCursor(Qt::OpenHandCursor) : unsetCursor();
}

void CanvasView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space) {
    if (!event->isAutoRepeat()) holdSpace(true);
    return;
  }
  QGraphicsView::keyPressEvent(event);
}

void CanvasView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space) {
    if (!event->isAutoRepeat()) holdSpace(false);
    return;
  }
  QGraphicsView::keyReleaseEvent(event);
}

void CanvasView::resizeEvent(QResizeEvent* event) {
  QGraphicsView::resizeEvent(event);
  if (fitted_) fit();
}

void CanvasView::focusOutEvent(QFocusEvent* event) {
  if (spaceHeld_) holdSpace(false);  // its release goes elsewhere
  QGraphicsView::focusOutEvent(event);
}

}  // namespace gradus::ui
