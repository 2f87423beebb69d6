// A wire between two nodes, with the shape of what flows through it; or one that is being drawn.
#pragma once

#include <QGraphicsPathItem>

#include <vector>

#include "core/net/net_graph.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class WireItem final : public QGraphicsPathItem {
 public:
  enum { Type = UserType + 2 };

  WireItem(const Wire& wire, const Theme& theme);

  const Wire& wire() const { return wire_; }
  // `obstacles`: what stands on the canvas besides the two ends' nodes.
  void setEnds(QPointF from, QPointF to, const std::vector<QRectF>& obstacles = {});
  void setLabel(const QString& label);  // "64×512"; empty for none
  void setTheme(const Theme& theme);

  int type() const override { return Type; }
  QRectF boundingRect() const override;
  QPainterPath shape() const override;  // wider than what is seen, so that it can be clicked
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  QRectF labelRect(qreal larger) const;

  Wire wire_;
  Theme theme_;
  QString label_;
};

}  // namespace gradus::ui
