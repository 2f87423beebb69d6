#include "ui/document/document.h"

#include <QFileInfo>
#include <QPointF>
#include <QUndoCommand>
#include <algorithm>

#include "core/io/project.h"
#include "ui/document/core_text.h"

namespace gradus::ui {

// A network before and after. Changes of one setting in a row become one step of undo.
class EditCommand final : public QUndoCommand {
 public:
  EditCommand(Document& document, const QString& text, int mergeId, NetGraph after)
      : QUndoCommand(text),
        document_(document),
        mergeId_(mergeId),
        before_(document.graph()),
        after_(std::move(after)) {}

  void undo() override { document_.apply(before_); }
  void redo() override { document_.apply(after_); }
  int id() const override { return mergeId_; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const EditCommand*>(other);
    if (next->text() != text()) return false;
    after_ = next->after_;
    setObsolete(before_ == after_);
    return true;
  }

 private:
  Document& document_;
  int mergeId_;
  NetGraph before_;
  NetGraph after_;
};

Document::Document(QObject* parent) : QObject(parent) {
  connect(&undo_, &QUndoStack::cleanChanged, this, &Document::fileChanged);
}

QString Document::title() const {
  if (!file_.isEmpty()) return QFileInfo(file_).fileName();
  return QString::fromStdString(graph_.title);
}

QString Document::edit(const QString& text, int mergeId,
                       const std::function<void(NetGraph&)>& change) {
  NetGraph after = graph_;
  try {
    change(after);
  } catch (const Error& error) {
    return errorText(error.what());
  }
  if (!(after == graph_)) undo_.push(new EditCommand(*this, text, mergeId, std::move(after)));
  return {};
}

void Document::apply(const NetGraph& graph) {
  const Training& before = graph_.training;
  const Training& after = graph.training;
  const bool training = !(after == before);
  const bool drawing = !(graph.nodes() == graph_.nodes() && graph.wires() == graph_.wires());
  const bool structure =
      after.batch_size != before.batch_size || after.dataset != before.dataset ||
      !(after.loop == before.loop) || graph.wires() != graph_.wires() ||
      !std::ranges::equal(graph.nodes(), graph_.nodes(), [](const NetNode& a, const NetNode& b) {
        return a.id == b.id && a.type == b.type && a.name == b.name && a.attrs == b.attrs;
      });
  const bool course = after.epochs != before.epochs || after.seed != before.seed;
  graph_ = graph;
  if (structure) infer();
  if (drawing || structure) emit graphChanged();
  if (structure) emit structureChanged();
  if (training) emit trainingChanged();
  if (course && !structure) emit courseChanged();
}

void Document::infer() {
  inference_ = gradus::infer(graph_, graph_.training.batch_size);
  plan_ = nullptr;
  problem_.clear();
  try {
    plan_ = lower(graph_, graph_.training.batch_size, true);
  } catch (const Error& error) {
    problem_ = errorText(error.what());
  }
}

QString Document::freeName(const QString& type) const {
  const QString base = type.toLower();
  for (int i = 1;; ++i) {
    QString name = i == 1 ? base : QStringLiteral("%1_%2").arg(base).arg(i);
    const bool taken = std::ranges::any_of(
        graph_.nodes(), [&](const NetNode& node) { return node.name == name.toStdString(); });
    if (!taken) return name;
  }
}

QString Document::addNode(const QString& type, QPointF place, NodeId* added) {
  return edit(tr("Add %1").arg(type), -1, [&](NetGraph& graph) {
    const NodeId id = graph.add({.id = 0,
                                 .type = type.toStdString(),
                                 .name = freeName(type).toStdString(),
                                 .attrs = {},
                                 .x = place.x(),
                                 .y = place.y()});
    if (added) *added = id;
  });
}

QString Document::connectNodes(NodeId from, NodeId to, int port) {
  return edit(tr("Connect"), -1, [&](NetGraph& graph) { graph.connect(from, to, port); });
}

QString Document::disconnectPort(NodeId to, int port) {
  return edit(tr("Disconnect"), -1, [&](NetGraph& graph) { graph.disconnect(to, port); });
}

QString Document::moveWire(const Wire& wire, NodeId to, int port) {
  return edit(tr("Move wire"), -1, [&](NetGraph& graph) {
    graph.disconnect(wire.to, wire.port);
    graph.connect(wire.from, to, port);
  });
}

QString Document::removeItems(const std::vector<NodeId>& nodes, const std::vector<Wire>& wires) {
  return edit(tr("Delete"), -1, [&](NetGraph& graph) {
    for (const Wire& wire : wires) graph.disconnect(wire.to, wire.port);
    for (NodeId id : nodes) graph.remove(id);
  });
}

QString Document::moveNodes(const std::map<NodeId, QPointF>& places) {
  return edit(tr("Move"), -1, [&](NetGraph& graph) {
    for (const auto& [id, place] : places) graph.move(id, place.x(), place.y());
  });
}

QString Document::setAttribute(NodeId node, const QString& name, const AttrValue& value) {
  const QString text = tr("Set %1 of %2").arg(name, QString::fromStdString(graph_.node(node).name));
  return edit(text, 1, [&](NetGraph& graph) { graph.set_attr(node, name.toStdString(), value); });
}

QString Document::rename(NodeId node, const QString& name) {
  return edit(tr("Rename"), -1, [&](NetGraph& graph) { graph.rename(node, name.toStdString()); });
}

QString Document::setTraining(const Training& training, const QString& what) {
  return edit(tr("Set %1").arg(what), 2, [&](NetGraph& graph) {
    check(training);
    graph.training = training;
  });
}

QString Document::open(const QString& file) {
  try {
    start(load_project(file.toStdString()));
  } catch (const Error& error) {
    return errorText(error.what());
  }
  file_ = file;
  emit fileChanged();
  return {};
}

QString Document::save(const QString& file) {
  try {
    save_project(graph_, file.toStdString());
  } catch (const Error& error) {
    return errorText(error.what());
  }
  file_ = file;
  undo_.setClean();
  emit fileChanged();
  return {};
}

void Document::start(NetGraph graph) {
  graph_ = std::move(graph);
  undo_.clear();
  file_.clear();
  infer();
  emit opened();
  emit graphChanged();
  emit structureChanged();
  emit trainingChanged();
  emit fileChanged();
}

}  // namespace gradus::ui
