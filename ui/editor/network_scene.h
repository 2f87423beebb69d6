// The network on a canvas. It shows the document and asks it for changes; it changes nothing of
// its own. Items are kept from change to change, so nothing flickers and selections stay.
#pragma once

#include <QGraphicsScene>
#include <map>
#include <memory>
#include <optional>

#include "ui/document/document.h"
#include "ui/editor/node_item.h"
#include "ui/editor/wire_item.h"

namespace gradus::ui {

class NetworkScene final : public QGraphicsScene {
  Q_OBJECT

 public:
  static constexpr const char* kMimeType = "application/x-gradus-node";

  explicit NetworkScene(Document& document, QObject* parent = nullptr);
  ~NetworkScene() override;

  void setTheme(const Theme& theme);
  void setZoom(qreal zoom) { zoom_ = zoom; }  // so that ports stay as easy to hit
  // Training broke down at the node, which wears a badge; 0 for none.
  void setTrouble(NodeId node, const QString& text);
  void setActiveNode(NodeId node);  // 0 for none
  void select(NodeId node);
  NodeId selectedNode() const;  // 0 unless exactly one
  NodeItem* item(NodeId node) const;
  QRectF contents() const;

 public slots:
  void addNode(const QString& type);  // at the middle of what is seen
  void removeSelected();
  void beginWireFromSelected();
  // Another end for the wire that is drawn by key; false if none is.
  bool nextTarget(bool next);
  void selectNextWire();

 signals:
  void nodeSelected(gradus::NodeId node);  // 0 for none
  // Something was refused: why, and where.
  void refused(const QString& reason, QPointF place);
  void wireAt(const QString& text);  // which wire the keys are at

 protected:
  void mousePressEvent(QGraphicsSceneMouseEvent* event) override;
  void mouseMoveEvent(QGraphicsSceneMouseEvent* event) override;
  void mouseReleaseEvent(QGraphicsSceneMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void dragEnterEvent(QGraphicsSceneDragDropEvent* event) override;
  void dragMoveEvent(QGraphicsSceneDragDropEvent* event) override;
  void dropEvent(QGraphicsSceneDragDropEvent* event) override;
  void drawBackground(QPainter* painter, const QRectF& rect) override;

 private:
  void rebuild();  // makes the items agree with the document
  void updateWires();
  void commitMoves();
  void beginWire(NodeId from, QPointF at);
  void endWire(QPointF at);
  void cancelWire();
  void pullWire(QPointF at);  // takes the pressed wire off its port, once the mouse has moved
  std::vector<int> freePorts(NodeId from, NodeId to) const;
  bool keyForWire(int key);
  void place(const QString& type, QPointF corner);
  NodeLook lookOf(const NetNode& node) const;
  void moveSelected(QPointF by);
  // Zoomed out, a port may not take up its node.
  qreal reach() const { return std::min(NodeItem::kReach / std::max(zoom_, 0.1), 3.0 * kGrid); }

  Document& document_;
  Theme theme_;
  std::map<NodeId, NodeItem*> nodes_;
  std::vector<WireItem*> wires_;
  WireItem* drawn_ = nullptr;  // the wire under the mouse
  NodeId drawnFrom_ = 0;
  std::optional<Wire> pulled_;  // the wire whose end was pressed; it changes when it is dropped
  QPointF pressed_;
  std::vector<std::pair<NodeId, int>> targets_;  // of a wire drawn by key
  size_t target_ = 0;
  NodeId wiresOf_ = 0;  // whose wires are gone through by key
  NodeId troubled_ = 0;
  QString trouble_;
  NodeId active_ = 0;
  qreal zoom_ = 1;
  bool rebuilding_ = false;
};

}  // namespace gradus::ui
