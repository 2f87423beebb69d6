#include "ui/editor/network_scene.h"

#include <QGraphicsSceneMouseEvent>
#include <QGraphicsView>
#include <QKeyEvent>
#include <QMimeData>
#include <QPainter>
#include <cmath>

#include "ui/document/error_text.h"

namespace gradus::ui {
namespace {

// "64×1×28×28"
QString shapeText(const Dims& sizes) { return QString::fromStdString(to_prose(sizes)); }

}  // namespace

NetworkScene::NetworkScene(Document& document, QObject* parent)
    : QGraphicsScene(parent), document_(document), theme_(Theme::light()) {
  connect(&document_, &Document::opened, this, [this] { clearSelection(); });
  connect(&document_, &Document::graphChanged, this, &NetworkScene::rebuild);
  connect(this, &QGraphicsScene::selectionChanged, this, [this] {
    if (!rebuilding_) emit nodeSelected(selectedNode());
  });
}

// Items that go take their selection along, and nobody should hear of that any more.
NetworkScene::~NetworkScene() { disconnect(); }

void NetworkScene::setTheme(const Theme& theme) {
  theme_ = theme;
  for (const auto& [id, node] : nodes_) node->setTheme(theme);
  for (WireItem* wire : wires_) wire->setTheme(theme);
  update();
}

NodeItem* NetworkScene::item(NodeId node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : found->second;
}

QRectF NetworkScene::contents() const {
  QRectF box;
  for (const auto& [id, node] : nodes_) box = box.united(node->sceneBoundingRect());
  return box;
}

NodeId NetworkScene::selectedNode() const {
  NodeId found = 0;
  for (const QGraphicsItem* item : selectedItems()) {
    const auto* node = qgraphicsitem_cast<const NodeItem*>(item);
    if (!node) continue;
    if (found) return 0;
    found = node->id();
  }
  return found;
}

void NetworkScene::select(NodeId node) {
  if (selectedNode() == node) return;
  clearSelection();
  if (NodeItem* found = item(node)) {
    found->setSelected(true);
    setFocusItem(found);
  }
}

void NetworkScene::setActiveNode(NodeId node) {
  if (node == active_) return;
  if (NodeItem* old = item(active_)) old->setActive(false);
  active_ = node;
  if (NodeItem* now = item(node)) now->setActive(true);
}

void NetworkScene::setTrouble(NodeId node, const QString& text) {
  const NodeId before = std::exchange(troubled_, node);
  trouble_ = text;
  for (const NetNode& shown : document_.graph().nodes()) {
    NodeItem* found = shown.id == before || shown.id == node ? item(shown.id) : nullptr;
    if (found) found->setLook(lookOf(shown));
  }
}

NodeLook NetworkScene::lookOf(const NetNode& node) const {
  NodeLook look;
  look.name = QString::fromStdString(node.name);
  look.type = QString::fromStdString(node.type);
  const nn::LayerDef* layer = nn::find_layer(node.type);
  look.kind = layer ? layer->kind : nn::LayerKind::layer;
  look.hasOutput = look.kind != nn::LayerKind::loss;
  for (const InputSpec& input : layer ? layer->inputs : find_op(node.type)->inputs) {
    look.inputs.append(QString::fromUtf8(input.name));
  }
  const NodeInference& inference = document_.inference().at(node.id);
  look.error = reasonText(inference.error);
  if (look.error.isEmpty() && node.id == troubled_) look.error = trouble_;
  int64_t parameters = 0;
  for (const auto& [name, sizes] : inference.parameters) parameters += numel(sizes);
  if (!look.error.isEmpty()) {
    look.detail = tr("needs attention");
  } else if (parameters > 0) {
    look.detail = tr("%L1 parameters").arg(parameters);
  } else if (inference.output) {
    look.detail =
        inference.output->sizes.empty() ? tr("one number") : shapeText(inference.output->sizes);
  } else {
    look.detail = tr("waits for its input");
  }
  return look;
}

void NetworkScene::rebuild() {
  rebuilding_ = true;
  const NodeId selected = selectedNode();
  const NetGraph& graph = document_.graph();
  std::map<NodeId, NodeItem*> old;
  old.swap(nodes_);
  for (const NetNode& node : graph.nodes()) {
    NodeItem* item = nullptr;
    if (auto found = old.find(node.id); found != old.end()) {
      item = found->second;
      old.erase(found);
    } else {
      item = new NodeItem(node.id, theme_);
      addItem(item);
      connect(item, &NodeItem::moved, this, &NetworkScene::updateWires);
    }
    item->setLook(lookOf(node));
    item->setPos(node.x, node.y);
    nodes_[node.id] = item;
  }
  for (const auto& [id, item] : old) delete item;

  std::vector<WireItem*> kept;
  for (const Wire& wire : graph.wires()) {
    WireItem* item = nullptr;
    for (WireItem*& candidate : wires_) {
      if (candidate && candidate->wire() == wire) item = std::exchange(candidate, nullptr);
    }
    if (!item) {
      item = new WireItem(wire, theme_);
      addItem(item);
    }
    const auto& output = document_.inference().at(wire.from).output;
    item->setLabel(output ? shapeText(output->sizes) : QString());
    kept.push_back(item);
  }
  for (WireItem* wire : wires_) delete wire;
  wires_ = std::move(kept);
  if (drawn_ || pulled_) cancelWire();  // what it was drawn from may be gone
  updateWires();
  // Room around, so that one can pan beyond the edge.
  setSceneRect(contents().adjusted(-800, -600, 800, 600));
  rebuilding_ = false;
  if (selectedNode() != selected) emit nodeSelected(selectedNode());
}

void NetworkScene::updateWires() {
  for (WireItem* wire : wires_) {
    const NodeItem* from = item(wire->wire().from);
    const NodeItem* to = item(wire->wire().to);
    if (from && to) wire->setEnds(from->outputPlace(), to->inputPlace(wire->wire().port));
  }
}

void NetworkScene::addNode(const QString& type) {
  QPointF place(0, 0);
  if (!views().isEmpty()) {
    const QGraphicsView* view = views().first();
    place = view->mapToScene(view->viewport()->rect().center());
  }
  // Not onto another node.
  const auto taken = [&] {
    for (const auto& [id, node] : nodes_) {
      if (QLineF(node->pos(), place).length() < 4 * kGrid) return true;
    }
    return false;
  };
  while (taken()) place += QPointF(4 * kGrid, 4 * kGrid);
  NodeId added = 0;
  const QString reason = document_.addNode(type, place, &added);
  if (!reason.isEmpty()) {
    emit refused(reason, place);
    return;
  }
  select(added);
}

void NetworkScene::removeSelected() {
  std::vector<NodeId> nodes;
  std::vector<Wire> wires;
  for (QGraphicsItem* selected : selectedItems()) {
    if (auto* node = qgraphicsitem_cast<NodeItem*>(selected)) nodes.push_back(node->id());
    if (auto* wire = qgraphicsitem_cast<WireItem*>(selected)) wires.push_back(wire->wire());
  }
  if (nodes.empty() && wires.empty()) return;
  const QString reason = document_.removeItems(nodes, wires);
  if (!reason.isEmpty()) emit refused(reason, {});
}

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
    bool fits = false;
    for (int port = 0; port < node->look().inputs.size() && !fits; ++port) {
      if (document_.graph().wire_into(id, port)) continue;
      NetGraph tried = document_.graph();
      try {
        tried.connect(from, id, port);
        fits = true;
      } catch (const Error&) {
      }
    }
    if (id != from) node->setInviting(fits);
  }
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

void NetworkScene::keyPressEvent(QKeyEvent* event) {
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
  const QPointF place = event->scenePos() - QPointF(9 * kGrid, 4 * kGrid);
  NodeId added = 0;
  const QString reason = document_.addNode(
      type, {std::round(place.x() / kGrid) * kGrid, std::round(place.y() / kGrid) * kGrid}, &added);
  if (reason.isEmpty()) {
    select(added);
  } else {
    emit refused(reason, event->scenePos());
  }
  event->acceptProposedAction();
}

void NetworkScene::drawBackground(QPainter* painter, const QRectF& rect) {
  painter->fillRect(rect, theme_.surface);
  constexpr int kDots = 3 * kGrid;
  if (zoom_ < 0.5) return;
  painter->setPen(QPen(theme_.line, 1.5));
  QList<QPointF> dots;
  for (qreal x = std::floor(rect.left() / kDots) * kDots; x < rect.right(); x += kDots) {
    for (qreal y = std::floor(rect.top() / kDots) * kDots; y < rect.bottom(); y += kDots) {
      dots.append({x, y});
    }
  }
  painter->drawPoints(dots.constData(), static_cast<int>(dots.size()));
}

}  // namespace gradus::ui
