// A node of the network on the canvas: title, what it is, its ports, and a badge where something is
// wrong. Draws itself from a NodeLook; knows nothing of the document.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "core/net/net_graph.h"
#include "ui/canvas/canvas_item.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

// All that is seen of a node.
struct NodeLook {
  QString name;
  QString type;
  QString detail;      // "784 → 512"
  QString error;       // shown on the badge
  QStringList inputs;  // names of the ports
  bool hasOutput = true;
  nn::LayerKind kind = nn::LayerKind::layer;
  std::optional<Category> category;  // of an op
  bool operator==(const NodeLook&) const = default;
};

class NodeItem final : public CanvasItem {
  Q_OBJECT

 public:
  enum { Type = UserType + 1 };
  // How far from a port's centre a click still means it, in scene units at zoom 1.
  static constexpr qreal kReach = 14;

  NodeItem(NodeId id, const Theme& theme);

  NodeId id() const { return id_; }
  void setLook(const NodeLook& look);
  const NodeLook& look() const { return look_; }
  void setTheme(const Theme& theme);
  // While a wire is drawn: whether it may end here; none when no wire is drawn.
  void setInviting(std::optional<bool> inviting);
  // The op under way belongs to this node.
  void setActive(bool active);

  QPointF inputPlace(int port) const;  // in scene coordinates
  QPointF outputPlace() const;
  int inputAt(QPointF scenePoint, qreal reach) const;  // -1 if none
  bool outputAt(QPointF scenePoint, qreal reach) const;

  QRectF body() const;  // the card alone, in its own coordinates

  QString spokenName() const override { return look_.type + ' ' + look_.name; }
  QString spokenState() const override {
    return look_.error.isEmpty() ? look_.detail : look_.error;
  }
  int type() const override { return Type; }
  QRectF boundingRect() const override;
  QPainterPath shape() const override;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 signals:
  void moved();

 protected:
  QVariant itemChange(GraphicsItemChange change, const QVariant& value) override;

 private:
  NodeId id_;
  qreal width_ = 0;
  Theme theme_;
  NodeLook look_;
  std::optional<bool> inviting_;
  bool active_ = false;
};

}  // namespace gradus::ui
