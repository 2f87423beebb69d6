#include "ui/editor/node_item.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <cmath>

namespace gradus::ui {
namespace {

constexpr qreal kLeastWidth = 19 * kGrid;
constexpr qreal kMostWidth = 36 * kGrid;
constexpr qreal kHeight = 8 * kGrid;
constexpr qreal kPort = 5;    // radius
constexpr qreal kBadge = 10;  // radius

QPointF local(const QGraphicsItem& item, QPointF scene) { return item.mapFromScene(scene); }

}  // namespace

NodeItem::NodeItem(NodeId id, const Theme& theme) : id_(id), theme_(theme) {
  setFlags(ItemIsMovable | ItemIsSelectable | ItemIsFocusable | ItemSendsGeometryChanges);
  setZValue(1);
}

void NodeItem::setLook(const NodeLook& look) {
  if (look == look_) return;
  prepareGeometryChange();
  look_ = look;
  // Room for the title, a little enlarged as well.
  const qreal title =
      std::max(1.25 * QFontMetricsF(textFont(TextSize::normal, true)).horizontalAdvance(look.type),
               QFontMetricsF(textFont(TextSize::small)).horizontalAdvance(look.name));
  width_ = std::clamp(std::ceil((title + 3.5 * kGrid) / kGrid) * kGrid, kLeastWidth, kMostWidth);
  setToolTip(look.error.isEmpty() ? look.detail : look.error);
  emit moved();  // its ports are elsewhere
  update();
}

void NodeItem::setTheme(const Theme& theme) {
  theme_ = theme;
  update();
}

void NodeItem::setInviting(std::optional<bool> inviting) {
  if (inviting == inviting_) return;
  inviting_ = inviting;
  setOpacity(inviting == false ? 0.4 : 1.0);
  update();
}

void NodeItem::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  update();
}

QRectF NodeItem::body() const {
  const qreal extra = std::max<qreal>(0, static_cast<qreal>(look_.inputs.size()) - 2) * 2 * kGrid;
  return {0, 0, std::max(width_, kLeastWidth), kHeight + extra};
}

QRectF NodeItem::boundingRect() const {
  return body().adjusted(-kPort - 4, -kBadge - 4, kBadge + 4, 4);
}

QPainterPath NodeItem::shape() const {
  QPainterPath path;
  path.addRoundedRect(body(), kRadius, kRadius);
  return path;
}

QPointF NodeItem::inputPlace(int port) const {
  const qreal count = static_cast<qreal>(look_.inputs.size());
  return mapToScene(0, body().height() * (port + 1) / (count + 1));
}

QPointF NodeItem::outputPlace() const { return mapToScene(body().width(), body().height() / 2); }

int NodeItem::inputAt(QPointF scenePoint, qreal reach) const {
  int best = -1;
  qreal least = reach;
  for (int port = 0; port < look_.inputs.size(); ++port) {
    const QPointF d = inputPlace(port) - scenePoint;
    const qreal distance = std::hypot(d.x(), d.y());
    if (distance <= least) {
      least = distance;
      best = port;
    }
  }
  return best;
}

bool NodeItem::outputAt(QPointF scenePoint, qreal reach) const {
  const QPointF d = outputPlace() - scenePoint;
  return look_.hasOutput && std::hypot(d.x(), d.y()) <= reach;
}

QVariant NodeItem::itemChange(GraphicsItemChange change, const QVariant& value) {
  if (change == ItemPositionChange) {  // onto the grid
    const QPointF place = value.toPointF();
    return QPointF(std::round(place.x() / kGrid) * kGrid, std::round(place.y() / kGrid) * kGrid);
  }
  if (change == ItemPositionHasChanged) emit moved();
  return CanvasItem::itemChange(change, value);
}

void NodeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
  const QRectF box = body();
  const QColor colour = look_.category ? theme_.category(*look_.category) : theme_.kind(look_.kind);
  const bool wrong = !look_.error.isEmpty();
  painter->setRenderHint(QPainter::Antialiasing);

  QPainterPath outline;
  outline.addRoundedRect(box, kRadius, kRadius);
  painter->fillPath(outline, theme_.panel);
  painter->save();
  painter->setClipPath(outline);
  painter->fillRect(QRectF(0, 0, 4, box.height()), colour);
  painter->restore();
  const QColor edge = isSelected() || active_ ? theme_.accent : wrong ? theme_.error : theme_.line;
  painter->setPen(QPen(edge, isSelected() || active_ || wrong ? 2 : 1));
  painter->drawPath(outline);
  if (active_) {
    QColor glow = theme_.accent;
    glow.setAlpha(40);
    painter->fillPath(outline, glow);
  }

  // Zoomed out, there is less text, but it stays as large as one can read.
  const qreal zoom = painter->worldTransform().m11();
  const qreal larger = std::clamp(0.9 / std::max(zoom, 0.01), 1.0, 2.0);
  const QRectF text = box.adjusted(1.5 * kGrid, kGrid / larger, -kGrid, -kGrid / larger);
  const auto line = [&](qreal part, qreal parts, const QString& words, TextSize size, bool bold,
                        const QColor& pen) {
    QFont font = textFont(size, bold);
    font.setPixelSize(static_cast<int>(font.pixelSize() * larger));
    painter->setFont(font);
    painter->setPen(pen);
    const qreal height = text.height() / parts;
    painter->drawText(QRectF(text.x(), text.y() + part * height, text.width(), height),
                      Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetricsF(font).elidedText(words, Qt::ElideRight, text.width()));
  };
  const qreal parts = larger > 1.2 ? 2 : 3;
  line(0, parts, look_.type, TextSize::normal, true, theme_.text);
  if (parts > 2) line(1, parts, look_.name, TextSize::small, false, theme_.muted);
  // Loops name ops and tensors, which are many of a kind.
  const bool nameFirst =
      parts < 3 && !wrong && (look_.category || look_.kind == nn::LayerKind::data);
  line(parts - 1, parts, nameFirst ? look_.name : look_.detail, TextSize::small, false,
       wrong ? theme_.error : theme_.text);

  painter->setBrush(theme_.panel);
  painter->setPen(QPen(inviting_ == true ? theme_.accent : colour, 2));
  const qreal size = inviting_ == true ? kPort + 2 : kPort;
  for (int port = 0; port < look_.inputs.size(); ++port) {
    painter->drawEllipse(local(*this, inputPlace(port)), size, size);
  }
  if (look_.hasOutput) {
    painter->setPen(QPen(colour, 2));
    painter->setBrush(colour);
    painter->drawEllipse(local(*this, outputPlace()), kPort, kPort);
  }

  if (wrong) {  // a sign, not only a colour
    const QPointF at(box.right() - 4, box.top() + 2);
    painter->setPen(QPen(theme_.panel, 2));
    painter->setBrush(theme_.error);
    painter->drawEllipse(at, kBadge, kBadge);
    painter->setFont(textFont(TextSize::normal, true));
    painter->setPen(theme_.panel);
    painter->drawText(QRectF(at.x() - kBadge, at.y() - kBadge, 2 * kBadge, 2 * kBadge),
                      Qt::AlignCenter, QStringLiteral("!"));
  }
}

}  // namespace gradus::ui
