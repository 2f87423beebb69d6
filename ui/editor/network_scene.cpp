#include "ui/editor/network_scene.h"

#include <QGraphicsView>
#include <QPainter>
#include <cmath>

#include "ui/document/core_text.h"

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
  if (!layer) look.category = find_op(node.type)->category;
  look.hasOutput = look.kind != nn::LayerKind::loss;
  for (const InputSpec& input : layer ? layer->inputs : find_op(node.type)->inputs) {
    look.inputs.append(QString::fromUtf8(input.name));
  }
  if (!layer && find_op(node.type)->variadic) {  // always one more than there are wires
    const int ports = document_.graph().ports_reached(node.id);
    while (look.inputs.size() <= ports) look.inputs.append(look.inputs.last());
  }
  const NodeInference& inference = document_.inference().at(node.id);
  look.error = reasonText(inference.error);
  if (look.error.isEmpty() && node.id == troubled_) look.error = trouble_;
  int64_t parameters = 0;
  for (const auto& [name, sizes] : inference.parameters) parameters += numel(sizes);
  if (!look.error.isEmpty()) {
    look.detail = tr("needs attention");
  } else if (layer == &nn::layers::Tensor) {
    const auto text = [&](const char* attr) {
      const auto given = node.attrs.find(attr);
      return given == node.attrs.end() ? std::string() : attr_to_string(given->second);
    };
    look.detail = QString::fromStdString(
        text("data").empty() ? attr_to_string(layer->attrs[0].default_value) : text("data"));
    if (node.attrs.contains("shape")) {
      look.detail = tr("filled with %1").arg(look.detail);
    }
    if (text("requires_grad") == "true") look.name = tr("%1 · requires grad").arg(look.name);
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
      connect(item, &NodeItem::moved, this, [this] {
        if (!rebuilding_) updateWires();  // then all at once, at the end
      });
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
    if (!from || !to) continue;
    const QPointF start = from->outputPlace();
    const QPointF end = to->inputPlace(wire->wire().port);
    const QRectF between = QRectF(start, end).normalized().adjusted(0, -1, 0, 1);
    std::vector<QRectF> obstacles;
    for (const auto& [id, node] : nodes_) {
      const QRectF box = node->mapRectToScene(node->body());
      if (node != from && node != to && box.intersects(between)) obstacles.push_back(box);
    }
    wire->setEnds(start, end, obstacles);
  }
}

void NetworkScene::addNode(const QString& type) {
  QPointF middle(0, 0);
  if (!views().isEmpty()) {
    const QGraphicsView* view = views().first();
    middle = view->mapToScene(view->viewport()->rect().center());
  }
  // The free place nearest to the middle.
  const QRectF box(-10 * kGrid, -4 * kGrid, 20 * kGrid, 8 * kGrid);
  const auto free = [&](QPointF centre) {
    const QRectF wanted = box.translated(centre).adjusted(-kGrid, -kGrid, kGrid, kGrid);
    return std::ranges::none_of(nodes_, [&](const auto& entry) {
      return entry.second->mapRectToScene(entry.second->body()).intersects(wanted);
    });
  };
  QPointF centre = middle;
  for (int ring = 1; !free(centre) && ring < 100; ++ring) {
    for (int turn = 0; turn < 16 && !free(centre); ++turn) {
      const qreal angle = M_PI / 8 * (turn + 4);  // below first
      centre = middle + ring * 4 * kGrid * QPointF(std::cos(angle), std::sin(angle));
    }
  }
  place(type, centre + box.topLeft());
}

void NetworkScene::place(const QString& type, QPointF corner) {
  NodeId added = 0;
  const QPointF onGrid(std::round(corner.x() / kGrid) * kGrid,
                       std::round(corner.y() / kGrid) * kGrid);
  const QString reason = document_.addNode(type, onGrid, &added);
  reason.isEmpty() ? select(added) : emit refused(reason, corner);
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

void NetworkScene::drawBackground(QPainter* painter, const QRectF& rect) {
  painter->fillRect(rect, theme_.surface);
  constexpr int kDots = 3 * kGrid;
  if (zoom_ < 0.5) return;
  painter->setPen(QPen(theme_.line, 1.5));
  QList<QPointF> dots;
  const int left = static_cast<int>(std::floor(rect.left() / kDots));
  const int top = static_cast<int>(std::floor(rect.top() / kDots));
  for (int x = left; x * kDots < rect.right(); ++x) {
    for (int y = top; y * kDots < rect.bottom(); ++y) dots.append(QPointF(x * kDots, y * kDots));
  }
  painter->drawPoints(dots.constData(), static_cast<int>(dots.size()));
}

}  // namespace gradus::ui
