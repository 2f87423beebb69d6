// What is open: the network, how it is trained, its file, and every change so far. Changes go
// through undo commands alone, each a whole network before and after: networks are small values.
//
// Thread: the window's. Inference runs here, on meta tensors, after each change.
#pragma once

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <functional>
#include <map>

#include "core/net/lower.h"
#include "core/net/net_graph.h"

namespace gradus::ui {

class Document final : public QObject {
  Q_OBJECT

 public:
  explicit Document(QObject* parent = nullptr);

  const NetGraph& graph() const { return graph_; }
  const std::map<NodeId, NodeInference>& inference() const { return inference_; }
  // Why the network as a whole cannot be trained; empty if it can.
  const QString& problem() const { return problem_; }
  // The plan of a training batch; null while there is a problem.
  const std::shared_ptr<const Plan>& plan() const { return plan_; }

  QUndoStack& undoStack() { return undo_; }
  const QString& file() const { return file_; }
  QString title() const;
  bool isModified() const { return !undo_.isClean(); }

  // --- changes; each can be undone, and returns an empty text or why it was refused ---
  QString addNode(const QString& type, QPointF place, NodeId* added = nullptr);
  QString connectNodes(NodeId from, NodeId to, int port);
  QString disconnectPort(NodeId to, int port);
  // To another input, in one step of undo.
  QString moveWire(const Wire& wire, NodeId to, int port);
  QString removeItems(const std::vector<NodeId>& nodes, const std::vector<Wire>& wires);
  QString moveNodes(const std::map<NodeId, QPointF>& places);
  QString setAttribute(NodeId node, const QString& name, const AttrValue& value);
  QString rename(NodeId node, const QString& name);
  QString setTraining(const Training& training, const QString& what);

  // --- files; each returns an empty text or what went wrong, and then has changed nothing ---
  QString open(const QString& file);
  QString save(const QString& file);
  // An example, as if never saved.
  void start(NetGraph graph);

 signals:
  void opened();            // another network
  void graphChanged();      // nodes, wires, attributes or places
  void structureChanged();  // all of these but places, or batch size, data or loop: a new plan
  void trainingChanged();   // settings
  void courseChanged();     // settings that a run cannot take up on its way: epochs, seed
  void fileChanged();       // its name, or whether it is saved

 private:
  friend class EditCommand;
  QString edit(const QString& text, int mergeId, const std::function<void(NetGraph&)>& change);
  void apply(const NetGraph& graph);
  void infer();
  QString freeName(const QString& type) const;

  NetGraph graph_;
  std::map<NodeId, NodeInference> inference_;
  std::shared_ptr<const Plan> plan_;
  QString problem_;
  QUndoStack undo_;
  QString file_;
};

}  // namespace gradus::ui
