#include "ui/editor/wire_item.h"

#include <QFontMetricsF>
#include <QLineF>
#include <QPainter>
#include <QPainterPathStroker>
#include <algorithm>
#include <cmath>

namespace gradus::ui {
namespace {

constexpr qreal kMostLarger = 2;

QPainterPath forwardPath(QPointF from, QPointF to) {
  const qreal reach = std::clamp((to.x() - from.x()) / 2, 3.0 * kGrid, 15.0 * kGrid);
  QPainterPath path(from);
  path.cubicTo(from + QPointF(reach, 0), to - QPointF(reach, 0), to);
  return path;
}

// Along the height `middle`, with rounded corners: back to a node further left, or around what
// stands between.
QPainterPath aroundPath(QPointF from, QPointF to, qreal middle, qreal out) {
  constexpr qreal kCorner = 2 * kGrid;
  const QPointF corners[] = {{from.x() + out, from.y()},
                             {from.x() + out, middle},
                             {to.x() - out, middle},
                             {to.x() - out, to.y()},
                             to};
  QPainterPath path(from);
  QPointF at = from;
  for (size_t i = 0; i + 1 < std::size(corners); ++i) {
    const QPointF corner = corners[i];
    const auto towards = [&](QPointF other) {
      const QLineF line(corner, other);
      return line.pointAt(std::min(0.5, kCorner / std::max(line.length(), 1.0)));
    };
    path.lineTo(towards(at));
    path.quadTo(corner, towards(corners[i + 1]));
    at = corner;
  }
  path.lineTo(to);
  return path;
}

}  // namespace

WireItem::WireItem(const Wire& wire, const Theme& theme) : wire_(wire), theme_(theme) {
  setFlags(ItemIsSelectable);
  setZValue(0);
}

void WireItem::setEnds(QPointF from, QPointF to, const std::vector<QRectF>& obstacles) {
  prepareGeometryChange();
  if (to.x() < from.x() + 3 * kGrid) {  // between the rows
    const bool near = std::abs(to.y() - from.y()) < 12 * kGrid;
    const qreal middle = near ? std::max(from.y(), to.y()) + 9 * kGrid : (from.y() + to.y()) / 2;
    setPath(aroundPath(from, to, middle, 3 * kGrid));
    return;
  }
  setPath(forwardPath(from, to));
  qreal below = -INFINITY;
  for (const QRectF& box : obstacles) {
    if (path().intersects(box)) below = std::max(below, box.bottom());
  }
  if (std::isfinite(below)) setPath(aroundPath(from, to, below + 2 * kGrid, 2 * kGrid));
}

void WireItem::setLabel(const QString& label) {
  if (label == label_) return;
  prepareGeometryChange();
  label_ = label;
  setToolTip(label);
  update();
}

void WireItem::setTheme(const Theme& theme) {
  theme_ = theme;
  update();
}

// Above the middle, clear of the wire; `larger` times its size at zoom 1.
QRectF WireItem::labelRect(qreal larger) const {
  if (label_.isEmpty()) return {};
  const QFontMetricsF metrics(textFont(TextSize::small));
  const QSizeF size((metrics.horizontalAdvance(label_) + 4) * larger, metrics.height() * larger);
  const QPointF middle = path().pointAtPercent(0.5);
  return {middle.x() - size.width() / 2, middle.y() - size.height() - 3 * larger, size.width(),
          size.height()};
}

QRectF WireItem::boundingRect() const {
  return path().boundingRect().adjusted(-6, -6, 6, 6).united(labelRect(kMostLarger));
}

QPainterPath WireItem::shape() const {
  QPainterPathStroker stroker;
  stroker.setWidth(2 * kGrid);
  return stroker.createStroke(path());
}

void WireItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(QPen(isSelected() ? theme_.accent : theme_.muted, isSelected() ? 3 : 2));
  painter->setBrush(Qt::NoBrush);
  painter->drawPath(path());
  if (label_.isEmpty()) return;
  // Stays readable when zoomed out.
  const qreal larger =
      std::clamp(0.9 / std::max(painter->worldTransform().m11(), 0.01), 1.0, kMostLarger);
  const QRectF box = labelRect(larger);
  QColor paper = theme_.surface;
  paper.setAlpha(220);
  painter->setPen(Qt::NoPen);
  painter->setBrush(paper);
  painter->drawRoundedRect(box, 3, 3);
  QFont font = textFont(TextSize::small);
  font.setPixelSize(static_cast<int>(font.pixelSize() * larger));
  painter->setFont(font);
  painter->setPen(theme_.text);
  painter->drawText(box, Qt::AlignCenter, label_);
}

}  // namespace gradus::ui
