// The canvas under the mouse and the keys: drawing wires, moving nodes, dropping new ones.
#include <QGraphicsSceneMouseEvent>
#include <QKeyEvent>
#include <QLineF>
#include <QMimeData>
#include <algorithm>

#include "core/base/error.h"
#include "ui/editor/network_scene.h"

namespace gradus::ui {

void NetworkScene::mousePressEvent(QGraphicsSceneMouseEvent* event) {
  if (event->button() == Qt::LeftButton) {
    for (const auto& [id, node] : nodes_) {
      if (node->outputAt(event->scenePos(), reach())) {
        beginWire(id, event->scenePos());
        event->accept();
        return;
      }
      // Pulling at a wire's end takes it off, to be put elsewhere.
      const int port = node->inputAt(event->scenePos(), reach());
      const Wire* wire = port >= 0 ? document_.graph().wire_into(id, port) : nullptr;
      if (wire) {
        pulled_ = *wire;
        pressed_ = event->scenePos();
        event->accept();
        return;
      }
    }
  }
  QGraphicsScene::mousePressEvent(event);
}

void NetworkScene::pullWire(QPointF at) {
  if (QLineF(pressed_, at).length() < kGrid) return;
  const Wire wire = *pulled_;
  beginWire(wire.from, at);
  pulled_ = wire;
  for (WireItem* item : wires_) item->setVisible(!(item->wire() == wire));
}

void NetworkScene::cancelWire() {
  delete std::exchange(drawn_, nullptr);
  drawnFrom_ = 0;
  pulled_.reset();
  targets_.clear();
  for (const auto& [id, node] : nodes_) node->setInviting({});
  for (WireItem* item : wires_) item->setVisible(true);
}

void NetworkScene::beginWire(NodeId from, QPointF at) {
  cancelWire();
  drawnFrom_ = from;
  drawn_ = new WireItem({from, 0, 0}, theme_);
  drawn_->setFlag(QGraphicsItem::ItemIsSelectable, false);
  addItem(drawn_);
  drawn_->setEnds(item(from)->outputPlace(), at);
  for (const auto& [id, node] : nodes_) {
    if (id != from) node->setInviting(!freePorts(from, id).empty());
  }
}

// The inputs of `to` that a wire from `from` may go into.
std::vector<int> NetworkScene::freePorts(NodeId from, NodeId to) const {
  std::vector<int> ports;
  for (int port = 0; port < item(to)->look().inputs.size(); ++port) {
    if (from == to || document_.graph().wire_into(to, port)) continue;
    NetGraph tried = document_.graph();
    try {
      tried.connect(from, to, port);
      ports.push_back(port);
    } catch (const Error&) {
    }
  }
  return ports;
}

// By key: a wire from the selected node, whose end goes from one free input to the next.
void NetworkScene::beginWireFromSelected() {
  const NodeId from = selectedNode();
  NodeItem* start = item(from);
  if (!start) {
    emit refused(tr("Select the node first that the wire is to start from."), {});
    return;
  }
  beginWire(from, start->outputPlace());
  for (const NetNode& node : document_.graph().nodes()) {
    for (int port : freePorts(from, node.id)) targets_.emplace_back(node.id, port);
  }
  if (!start->look().hasOutput || targets_.empty()) {
    cancelWire();
    emit refused(tr("There is no free input that a wire from here could go into."),
                 start->outputPlace());
    return;
  }
  target_ = targets_.size() - 1;
  nextTarget(true);
}

bool NetworkScene::nextTarget(bool next) {
  if (targets_.empty()) return false;
  target_ = (target_ + (next ? 1 : targets_.size() - 1)) % targets_.size();
  const auto [node, port] = targets_[target_];
  const QPointF end = item(node)->inputPlace(port);
  drawn_->setEnds(item(drawnFrom_)->outputPlace(), end);
  emit wireAt(tr("Wire to %1, %2: Enter connects, Tab goes on, Escape gives up")
                  .arg(item(node)->look().name, item(node)->look().inputs[port]));
  return true;
}

// The wires of the selected node one after the other, or of the selected wire's node.
void NetworkScene::selectNextWire() {
  NodeId node = selectedNode();
  const WireItem* now = nullptr;
  for (QGraphicsItem* selected : selectedItems()) {
    if (auto* wire = qgraphicsitem_cast<WireItem*>(selected)) now = wire;
  }
  if (!now) wiresOf_ = node;
  node = wiresOf_;
  std::vector<WireItem*> wires;
  for (WireItem* wire : wires_) {
    if (wire->wire().to == node || wire->wire().from == node) wires.push_back(wire);
  }
  if (wires.empty()) {
    emit refused(tr("Select a node that has wires first."), {});
    return;
  }
  const auto at = std::ranges::find(wires, now);
  WireItem* to = at == wires.end() || at + 1 == wires.end() ? wires.front() : *(at + 1);
  clearSelection();
  to->setSelected(true);
  emit wireAt(tr("Wire from %1 to %2: Delete takes it away")
                  .arg(item(to->wire().from)->look().name, item(to->wire().to)->look().name));
}

void NetworkScene::mouseMoveEvent(QGraphicsSceneMouseEvent* event) {
  if (pulled_ && !drawn_) pullWire(event->scenePos());
  if (!drawn_) {
    if (!pulled_) QGraphicsScene::mouseMoveEvent(event);
    return;
  }
  QPointF end = event->scenePos();
  for (const auto& [id, node] : nodes_) {  // snaps to a port nearby
    if (id == drawnFrom_) continue;
    if (const int port = node->inputAt(end, 2 * reach()); port >= 0) end = node->inputPlace(port);
  }
  drawn_->setEnds(item(drawnFrom_)->outputPlace(), end);
}

void NetworkScene::mouseReleaseEvent(QGraphicsSceneMouseEvent* event) {
  if (drawn_) {
    endWire(event->scenePos());
    return;
  }
  if (pulled_) {  // a click that pulled at nothing
    pulled_.reset();
    return;
  }
  QGraphicsScene::mouseReleaseEvent(event);
  commitMoves();
}

void NetworkScene::endWire(QPointF at) {
  const NodeId from = drawnFrom_;
  const std::optional<Wire> pulled = pulled_;
  cancelWire();
  for (const auto& [id, node] : nodes_) {
    int port = node->inputAt(at, 2 * reach());
    if (port < 0 && id != from && node->shape().contains(node->mapFromScene(at))) {
      // Dropped on the node itself: its first free input.
      for (int i = 0; i < node->look().inputs.size() && port < 0; ++i) {
        if (!document_.graph().wire_into(id, i)) port = i;
      }
      if (port < 0 && !node->look().inputs.isEmpty()) port = 0;
    }
    if (port < 0) continue;
    const QString reason =
        pulled ? document_.moveWire(*pulled, id, port) : document_.connectNodes(from, id, port);
    if (!reason.isEmpty()) emit refused(reason, at);
    return;
  }
  if (pulled) document_.disconnectPort(pulled->to, pulled->port);
}

void NetworkScene::commitMoves() {
  std::map<NodeId, QPointF> places;
  for (const NetNode& node : document_.graph().nodes()) {
    const NodeItem* shown = item(node.id);
    if (shown && shown->pos() != QPointF(node.x, node.y)) places[node.id] = shown->pos();
  }
  if (!places.empty()) document_.moveNodes(places);
}

void NetworkScene::moveSelected(QPointF by) {
  for (QGraphicsItem* selected : selectedItems()) {
    if (qgraphicsitem_cast<NodeItem*>(selected)) selected->moveBy(by.x(), by.y());
  }
  commitMoves();
}

// While a wire is drawn by key, the keys are its own.
bool NetworkScene::keyForWire(int key) {
  if (targets_.empty()) return false;
  switch (key) {
    case Qt::Key_Return:
    case Qt::Key_Enter: {
      const auto [node, port] = targets_[target_];
      const NodeId from = drawnFrom_;
      const QPointF end = item(node)->inputPlace(port);
      cancelWire();
      const QString reason = document_.connectNodes(from, node, port);
      reason.isEmpty() ? emit wireAt(tr("Connected.")) : emit refused(reason, end);
      return true;
    }
    case Qt::Key_Left:
    case Qt::Key_Up:
      return nextTarget(false);
    case Qt::Key_Right:
    case Qt::Key_Down:
      return nextTarget(true);
    default:
      return false;
  }
}

void NetworkScene::keyPressEvent(QKeyEvent* event) {
  if (keyForWire(event->key())) return;
  switch (event->key()) {
    case Qt::Key_Escape:
      cancelWire();
      return;
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
      removeSelected();
      return;
    case Qt::Key_Left:
      moveSelected({-kGrid, 0});
      return;
    case Qt::Key_Right:
      moveSelected({kGrid, 0});
      return;
    case Qt::Key_Up:
      moveSelected({0, -kGrid});
      return;
    case Qt::Key_Down:
      moveSelected({0, kGrid});
      return;
    default:
      QGraphicsScene::keyPressEvent(event);
  }
}

void NetworkScene::dragEnterEvent(QGraphicsSceneDragDropEvent* event) {
  event->setAccepted(event->mimeData()->hasFormat(kMimeType));
}

void NetworkScene::dragMoveEvent(QGraphicsSceneDragDropEvent* event) {
  event->setAccepted(event->mimeData()->hasFormat(kMimeType));
}

void NetworkScene::dropEvent(QGraphicsSceneDragDropEvent* event) {
  if (!event->mimeData()->hasFormat(kMimeType)) return;
  const QString type = QString::fromUtf8(event->mimeData()->data(kMimeType));
  place(type, event->scenePos() - QPointF(10 * kGrid, 4 * kGrid));
  event->acceptProposedAction();
}

}  // namespace gradus::ui
