#include "ui/editor/network_view.h"

#include <QMouseEvent>
#include <algorithm>

namespace gradus::ui {
namespace {

constexpr int kMessageTime = 6000;  // milliseconds

}  // namespace

NetworkView::NetworkView(NetworkScene& scene, QWidget* parent)
    : CanvasView(parent), scene_(scene), message_(new QLabel(this)) {
  setScene(&scene);
  setObjectName(QStringLiteral("networkView"));
  setAccessibleName(tr("Network editor"));
  setDragMode(RubberBandDrag);
  setViewportUpdateMode(SmartViewportUpdate);
  setAcceptDrops(true);
  message_->setWordWrap(true);
  message_->setAttribute(Qt::WA_TransparentForMouseEvents);
  message_->setObjectName(QStringLiteral("refusal"));
  message_->hide();
  messageTimer_.setSingleShot(true);
  connect(&messageTimer_, &QTimer::timeout, message_, &QWidget::hide);
  connect(this, &CanvasView::zoomed, &scene, &NetworkScene::setZoom);
  connect(&scene, &NetworkScene::refused, this, &NetworkView::sayRefused);
}

void NetworkView::setTheme(const Theme& theme) {
  message_->setStyleSheet(QStringLiteral("QLabel { background: %1; color: %2; border: 2px solid %3;"
                                         " border-radius: 6px; padding: 8px; }")
                              .arg(theme.panel.name(), theme.text.name(), theme.error.name()));
  message_->setFont(textFont(TextSize::normal));
}

void NetworkView::fit() {
  fitTo(scene_.contents().adjusted(-4 * kGrid, -6 * kGrid, 4 * kGrid, 4 * kGrid), 1.25);
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

void NetworkView::mousePressEvent(QMouseEvent* event) {
  message_->hide();
  CanvasView::mousePressEvent(event);
}

// While a wire is drawn by key, Tab goes from input to input.
bool NetworkView::focusNextPrevChild(bool next) {
  return scene_.nextTarget(next) || CanvasView::focusNextPrevChild(next);
}

void NetworkView::showEvent(QShowEvent* event) {
  CanvasView::showEvent(event);
  if (std::exchange(fitted_, true)) return;
  QTimer::singleShot(0, this, &NetworkView::fit);
}

}  // namespace gradus::ui
