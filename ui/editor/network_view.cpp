#include "ui/editor/network_view.h"

#include <QMouseEvent>
#include <QScrollBar>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace gradus::ui {
namespace {

constexpr qreal kLeastZoom = 0.2;
constexpr qreal kMostZoom = 3.0;
constexpr int kMessageTime = 6000;  // milliseconds

}  // namespace

NetworkView::NetworkView(NetworkScene& scene, QWidget* parent)
    : QGraphicsView(&scene, parent), scene_(scene), message_(new QLabel(this)) {
  setObjectName(QStringLiteral("networkView"));
  setAccessibleName(tr("Network editor"));
  setDragMode(RubberBandDrag);
  setRenderHint(QPainter::Antialiasing);
  setFrameShape(NoFrame);
  setTransformationAnchor(AnchorUnderMouse);
  setViewportUpdateMode(SmartViewportUpdate);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAcceptDrops(true);
  message_->setWordWrap(true);
  message_->setAttribute(Qt::WA_TransparentForMouseEvents);
  message_->setObjectName(QStringLiteral("refusal"));
  message_->hide();
  messageTimer_.setSingleShot(true);
  connect(&messageTimer_, &QTimer::timeout, message_, &QWidget::hide);
  connect(&scene, &NetworkScene::refused, this, &NetworkView::sayRefused);
}

void NetworkView::setTheme(const Theme& theme) {
  message_->setStyleSheet(QStringLiteral("QLabel { background: %1; color: %2; border: 2px solid %3;"
                                         " border-radius: 6px; padding: 8px; }")
                              .arg(theme.panel.name(), theme.text.name(), theme.error.name()));
  message_->setFont(textFont(TextSize::normal));
}

void NetworkView::zoomBy(qreal factor) {
  const qreal now = transform().m11();
  factor = std::clamp(now * factor, kLeastZoom, kMostZoom) / now;
  scale(factor, factor);
  scene_.setZoom(transform().m11());
}

void NetworkView::fit() {
  const QRectF box = scene_.contents().adjusted(-4 * kGrid, -6 * kGrid, 4 * kGrid, 4 * kGrid);
  if (box.isEmpty()) return;
  fitInView(box, Qt::KeepAspectRatio);
  const qreal zoom = transform().m11();
  if (zoom > 1.25) scale(1.25 / zoom, 1.25 / zoom);
  scene_.setZoom(transform().m11());
  centerOn(box.center());
}

void NetworkView::sayRefused(const QString& reason, QPointF scenePlace) {
  message_->setText(QStringLiteral("⚠ ") + reason);
  message_->setMaximumWidth(std::min(48 * kGrid, width() - 4 * kGrid));
  message_->adjustSize();
  QPoint place = mapFromScene(scenePlace) + QPoint(2 * kGrid, 2 * kGrid);
  place.setX(std::clamp(place.x(), kGrid, std::max(kGrid, width() - message_->width() - kGrid)));
  place.setY(std::clamp(place.y(), kGrid, std::max(kGrid, height() - message_->height() - kGrid)));
  message_->move(place);
  message_->show();
  message_->raise();
  messageTimer_.start(kMessageTime);
}

void NetworkView::wheelEvent(QWheelEvent* event) {
  zoomBy(std::pow(1.0015, event->angleDelta().y()));
  event->accept();
}

void NetworkView::mousePressEvent(QMouseEvent* event) {
  message_->hide();
  if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && spaceHeld_)) {
    panning_ = true;
    panFrom_ = event->pos();
    setCursor(Qt::ClosedHandCursor);
    return;
  }
  QGraphicsView::mousePressEvent(event);
}

void NetworkView::mouseMoveEvent(QMouseEvent* event) {
  if (!panning_) {
    QGraphicsView::mouseMoveEvent(event);
    return;
  }
  const QPoint by = event->pos() - panFrom_;
  panFrom_ = event->pos();
  horizontalScrollBar()->setValue(horizontalScrollBar()->value() - by.x());
  verticalScrollBar()->setValue(verticalScrollBar()->value() - by.y());
}

void NetworkView::mouseReleaseEvent(QMouseEvent* event) {
  if (panning_) {
    panning_ = false;
    unsetCursor();
    return;
  }
  QGraphicsView::mouseReleaseEvent(event);
}

void NetworkView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
    spaceHeld_ = true;
    setCursor(Qt::OpenHandCursor);
    return;
  }
  QGraphicsView::keyPressEvent(event);
}

void NetworkView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
    spaceHeld_ = false;
    unsetCursor();
    return;
  }
  QGraphicsView::keyReleaseEvent(event);
}

void NetworkView::showEvent(QShowEvent* event) {
  QGraphicsView::showEvent(event);
  if (std::exchange(fitted_, true)) return;
  QTimer::singleShot(0, this, &NetworkView::fit);
}

}  // namespace gradus::ui
