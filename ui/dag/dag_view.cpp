#include "ui/dag/dag_view.h"

#include <QFontMetricsF>
#include <QGraphicsPathItem>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace gradus::ui {
namespace {

constexpr qreal kNodeHeight = 5 * kGrid;

QString legendText() {
  return DagView::tr(
      "dashed: to come   ·   solid: recorded by forward   ·   ✓: backward is done with it   ·   "
      "round: a leaf, such as a parameter");
}

}  // namespace

class DagNodeItem final : public CanvasItem {
 public:
  enum { Type = UserType + 11 };

  explicit DagNodeItem(const DagNode& node) : node_(node) {
    setFlag(ItemIsSelectable);
    setToolTip(node.detail.isEmpty() ? node.title : node.title + '\n' + node.detail);
    const qreal text =
        std::max(QFontMetricsF(textFont(TextSize::normal, true)).horizontalAdvance(node.title),
                 QFontMetricsF(textFont(TextSize::small)).horizontalAdvance(node.detail));
    size_ = QSizeF(std::ceil(text / kGrid) * kGrid + 5 * kGrid, kNodeHeight);
  }

  QSizeF size() const { return size_; }
  const DagNode& node() const { return node_; }
  void setLook(DagView::Look look, bool current, const Theme& theme) {
    look_ = look;
    current_ = current;
    theme_ = theme;
    update();
  }

  QString spokenName() const override { return node_.title + ' ' + node_.detail; }
  QString spokenState() const override {
    if (current_) return DagView::tr("under way");
    return look_ == DagView::Look::expected   ? DagView::tr("to come")
           : look_ == DagView::Look::recorded ? DagView::tr("recorded")
                                              : DagView::tr("used up");
  }
  int type() const override { return Type; }
  QRectF boundingRect() const override {
    return {-size_.width() / 2 - 3, -size_.height() / 2 - 3, size_.width() + 6, size_.height() + 6};
  }
  void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override {
    const QRectF box(-size_.width() / 2, -size_.height() / 2, size_.width(), size_.height());
    const bool expected = look_ == DagView::Look::expected;
    const bool consumed = look_ == DagView::Look::consumed;
    QColor fill = theme_.panel;
    if (node_.leaf) {
      fill = theme_.leaf;
      fill.setAlpha(expected ? 24 : consumed ? 40 : theme_.dark ? 110 : 80);
    }
    if (expected && !node_.leaf) fill.setAlpha(0);
    QColor edge = node_.leaf ? theme_.leaf : theme_.muted;
    if (expected) edge.setAlpha(120);
    if (current_) {
      fill = theme_.accent;
      fill.setAlpha(theme_.dark ? 90 : 60);
    }
    QPen pen(current_ || isSelected() ? theme_.accent : edge, current_       ? 3
                                                              : isSelected() ? 2
                                                                             : 1.5);
    if (expected) pen.setStyle(Qt::DashLine);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(pen);
    painter->setBrush(fill);
    const qreal radius = node_.leaf ? box.height() / 2 : kRadius;
    painter->drawRoundedRect(box, radius, radius);

    QColor ink = expected || consumed ? theme_.muted : theme_.text;
    painter->setPen(ink);
    painter->setFont(textFont(TextSize::normal, true));
    const QRectF top = box.adjusted(0, 3, 0, node_.detail.isEmpty() ? -3 : -box.height() / 2 + 2);
    painter->drawText(top, Qt::AlignCenter, node_.title);
    painter->setPen(theme_.muted);
    painter->setFont(textFont(TextSize::small));
    if (!node_.detail.isEmpty()) {
      painter->drawText(box.adjusted(0, box.height() / 2 - 2, 0, -3), Qt::AlignCenter,
                        node_.detail);
    }
    if (consumed) {  // a tick: done
      painter->setPen(QPen(theme_.category(Category::activation), 2.5));
      const QPointF at(box.right() - 12, box.top() + 8);
      painter->drawPolyline(
          QPolygonF{at + QPointF(-4, 0), at + QPointF(-1, 4), at + QPointF(5, -4)});
    }
  }

 private:
  DagNode node_;
  QSizeF size_;
  DagView::Look look_ = DagView::Look::expected;
  bool current_ = false;
  Theme theme_ = Theme::light();
};

// Points the way data went in forward: from inputs to results.
class DagEdgeItem final : public QGraphicsPathItem {
 public:
  DagEdgeItem(int from, int to) : from_(from), to_(to) { setZValue(-1); }
  int from() const { return from_; }  // the earlier op
  int to() const { return to_; }

  void setLook(DagView::Look look, const Theme& theme) {
    QColor colour = theme.muted;
    if (look == DagView::Look::expected) colour.setAlpha(90);
    if (look == DagView::Look::consumed) colour.setAlpha(120);
    QPen pen(colour, 1.5);
    if (look == DagView::Look::expected) pen.setStyle(Qt::DashLine);
    setPen(pen);
    colour_ = colour;
    update();
  }
  QRectF boundingRect() const override { return path().boundingRect().adjusted(-8, -8, 8, 8); }
  void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override {
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(pen());
    painter->setBrush(Qt::NoBrush);
    painter->drawPath(path());
    if (path().isEmpty()) return;
    const QPointF tip = path().pointAtPercent(1);
    const qreal angle = qDegreesToRadians(path().angleAtPercent(0.98));
    const QPointF along(std::cos(angle), -std::sin(angle));
    const QPointF across(-along.y(), along.x());
    painter->setPen(Qt::NoPen);
    painter->setBrush(colour_);
    painter->drawPolygon(
        QPolygonF{tip, tip - 8 * along + 4 * across, tip - 8 * along - 4 * across});
  }

 private:
  int from_;
  int to_;
  QColor colour_;
};

DagView::DagView(const QString& layoutProgram, QWidget* parent)
    : CanvasView(parent),
      layout_(layoutProgram),
      theme_(Theme::light()),
      hint_(new QLabel(this)),
      legend_(new QLabel(this)) {
  setObjectName(QStringLiteral("dagView"));
  setAccessibleName(tr("Autograd graph"));
  setScene(&scene_);
  setDragMode(ScrollHandDrag);
  hint_->setAlignment(Qt::AlignCenter);
  hint_->setWordWrap(true);
  hint_->setAttribute(Qt::WA_TransparentForMouseEvents);
  legend_->setAttribute(Qt::WA_TransparentForMouseEvents);
  legend_->setWordWrap(true);
  waiting_.setSingleShot(true);
  connect(&waiting_, &QTimer::timeout, this,
          [this] { showHint(tr("The graph is being laid out…")); });
  connect(&layout_, &LayoutClient::placed, this, &DagView::place);
  connect(&layout_, &LayoutClient::restarted, this,
          [this](const QString& why) { emit said(tr("Layout started again: %1").arg(why)); });
  connect(&layout_, &LayoutClient::failed, this, [this](const QString& why) {
    failed_ = true;
    waiting_.stop();
    showHint(tr("The autograd graph cannot be drawn: %1.\n\nView ▸ Fit tries again.").arg(why));
    emit said(tr("Layout failed: %1").arg(why));
  });
  connect(&scene_, &QGraphicsScene::selectionChanged, this, [this] {
    if (selecting_) return;
    const DagNodeItem* found = nullptr;
    for (const QGraphicsItem* item : scene_.selectedItems()) {
      if (const auto* node = qgraphicsitem_cast<const DagNodeItem*>(item)) found = node;
    }
    found ? emit nodeSelected(found->node().node, found->node().tensor) : emit nodeSelected(0, {});
  });
  setTheme(theme_);
}

DagView::~DagView() { scene_.disconnect(this); }

void DagView::setTheme(const Theme& theme) {
  theme_ = theme;
  setBackgroundBrush(theme.surface);
  hint_->setStyleSheet(
      QStringLiteral("color: %1; background: transparent;").arg(theme.muted.name()));
  legend_->setStyleSheet(QStringLiteral("color: %1; background: %2; padding: 8px 16px;")
                             .arg(theme.muted.name(), theme.surface.name()));
  hint_->setFont(textFont(TextSize::title));
  legend_->setFont(textFont(TextSize::small));
  placeLabels();
  refresh();
}

void DagView::placeLabels() {
  hint_->setGeometry(rect().adjusted(8 * kGrid, 8 * kGrid, -8 * kGrid, -8 * kGrid));
  // Below the graph, never over it.
  const int width = std::max(this->width(), 1);
  const int height = legend_->heightForWidth(width);
  setViewportMargins(0, 0, 0, height);
  legend_->setGeometry(0, this->height() - height, width, height);
}

void DagView::showHint(const QString& text) {
  hint_->setText(text);
  hint_->setVisible(!text.isEmpty());
  legend_->setText(text.isEmpty() ? legendText() : QString());
}

namespace {

std::vector<DagNode> nodesOf(const Plan& plan, const NetGraph& graph) {
  std::vector<DagNode> nodes;
  for (const PlanGradNode& node : plan.grad_nodes) {
    const bool leaf = node.parameter >= 0;
    const auto place = static_cast<size_t>(leaf ? node.parameter : node.call);
    const std::string& detail = leaf ? plan.parameters[place].name : graph.node(node.node).name;
    nodes.push_back(
        {.title = QString::fromStdString(node.name),
         .detail = QString::fromStdString(detail),
         .leaf = leaf,
         .node = node.node,
         .tensor = leaf ? ValueRef{ValueRef::Kind::parameter_grad, node.parameter}
                        : ValueRef{ValueRef::Kind::value, plan.calls[place].outputs[0]}});
  }
  return nodes;
}

}  // namespace

void DagView::setPlan(std::shared_ptr<const Plan> plan, const NetGraph& graph,
                      const QString& problem) {
  plan_ = std::move(plan);
  progress_ = {};
  std::vector<DagNode> described;
  std::vector<std::pair<int, int>> edges;
  QStringList shapes;
  if (plan_) {
    described = nodesOf(*plan_, graph);
    for (size_t i = 0; i < plan_->grad_nodes.size(); ++i) {
      for (const PlanGradNode::Edge& edge : plan_->grad_nodes[i].next_functions) {
        edges.emplace_back(edge.to, static_cast<int>(i));
        shapes << QString::fromStdString(to_prose(edge.sizes));
      }
    }
  }
  const bool same = described == described_ && edges == request_.edges && !failed_;
  if (!plan_ || !same) rebuild(std::move(described), std::move(edges));
  for (size_t i = 0; i < edges_.size(); ++i) {
    edges_[i]->setToolTip(shapes[static_cast<qsizetype>(i)]);
  }
  refresh();
  if (plan_ && !nodes_.empty()) return;
  waiting_.stop();
  if (plan_) {
    showHint(tr("There is no autograd graph: nothing here requires grad."));
    return;
  }
  showHint(problem.isEmpty()
               ? tr("No network yet.")
               : tr("The autograd graph appears when the network is complete.\n\n%1").arg(problem));
}

void DagView::rebuild(std::vector<DagNode> nodes, std::vector<std::pair<int, int>> edges) {
  selecting_ = true;
  scene_.clear();
  selecting_ = false;
  nodes_.clear();
  edges_.clear();
  described_ = std::move(nodes);
  request_ = {.nodes = {}, .edges = std::move(edges)};
  for (const DagNode& node : described_) {
    auto* item = new DagNodeItem(node);
    scene_.addItem(item);
    item->hide();  // until it has a place
    nodes_.push_back(item);
    request_.nodes.push_back(item->size());
  }
  for (const auto& [from, to] : request_.edges) {
    edges_.push_back(new DagEdgeItem(from, to));
    scene_.addItem(edges_.back());
  }
  if (!nodes_.empty()) askForPlaces();
}

void DagView::askForPlaces() {
  constexpr int kLong = 300;  // milliseconds, which it never takes but where something is wrong
  failed_ = false;
  showHint({});
  layout_.request(request_);
  waiting_.start(kLong);
}

void DagView::place(const LayoutResult& result) {
  if (result.nodes.size() != nodes_.size() || result.edges.size() != edges_.size()) return;
  waiting_.stop();
  showHint({});
  for (size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->setPos(result.nodes[i]);
    nodes_[i]->show();
  }
  for (size_t i = 0; i < edges_.size(); ++i) edges_[i]->setPath(result.edges[i]);
  scene_.setSceneRect(QRectF(QPointF(), result.size).adjusted(-32, -32, 32, 48));
  fit();
}

void DagView::fit() {
  if (nodes_.empty()) return;
  if (failed_) askForPlaces();
  if (isVisible()) fitTo(scene_.sceneRect(), 1.2);
}

void DagView::setProgress(const GraphProgress& progress) {
  progress_ = progress;
  refresh();
}

void DagView::setRunning(bool running) {
  if (running == running_) return;
  running_ = running;
  refresh();
}

void DagView::refresh() {
  if (!plan_) return;
  std::vector<Look> looks(nodes_.size(), Look::expected);
  // A parameter is there from the start; its node, from the first call that reads it.
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const PlanGradNode& node = plan_->grad_nodes[i];
    if (running_ || (node.call >= 0 && node.call < progress_.calls)) looks[i] = Look::recorded;
  }
  for (const DagEdgeItem* edge : edges_) {
    const auto from = static_cast<size_t>(edge->from());
    const bool leaf = plan_->grad_nodes[from].parameter >= 0;
    if (leaf && looks[static_cast<size_t>(edge->to())] == Look::recorded)
      looks[from] = Look::recorded;
  }
  if (!running_) {
    for (int32_t i : progress_.consumed) {
      if (static_cast<size_t>(i) < looks.size()) looks[static_cast<size_t>(i)] = Look::consumed;
    }
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->setLook(looks[i], !running_ && static_cast<int32_t>(i) == progress_.current, theme_);
  }
  for (DagEdgeItem* edge : edges_) edge->setLook(looks[static_cast<size_t>(edge->to())], theme_);
}

void DagView::select(NodeId node) {
  // One of its gradient nodes alone, if that was chosen here; else all of them.
  const bool chosen = std::ranges::any_of(nodes_, [&](const DagNodeItem* item) {
    return node && item->node().node == node && item->isSelected();
  });
  selecting_ = true;
  if (!chosen) scene_.clearSelection();
  for (DagNodeItem* item : nodes_) {
    if (!chosen && node && item->node().node == node) item->setSelected(true);
  }
  selecting_ = false;
}

void DagView::showEvent(QShowEvent* event) {
  CanvasView::showEvent(event);
  if (isFitted()) fit();
}

void DagView::resizeEvent(QResizeEvent* event) {
  CanvasView::resizeEvent(event);
  placeLabels();
}

}  // namespace gradus::ui
