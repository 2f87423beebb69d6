// The autograd graph of the plan, as PyTorch would record it. All of it is laid out at once, and
// shown faintly; nodes come out as calls record them, and are crossed out as backward is done with
// them. So nothing ever jumps.
#pragma once

#include <QLabel>
#include <memory>
#include <vector>

#include "core/net/plan.h"
#include "core/session/step_event.h"
#include "ui/canvas/canvas_view.h"
#include "ui/dag/layout_client.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class DagNodeItem;
class DagEdgeItem;

// A node of the autograd graph as it is shown.
struct DagNode {
  QString title;   // "AddmmBackward0"
  QString detail;  // the layer's name, or the parameter's
  bool leaf = false;
  NodeId node = 0;  // of the network
  ValueRef tensor;  // what the inspector shows for it
  bool operator==(const DagNode&) const = default;
};

class DagView final : public CanvasView {
  Q_OBJECT

 public:
  explicit DagView(const QString& layoutProgram, QWidget* parent = nullptr);
  ~DagView() override;

  void setTheme(const Theme& theme);
  // The graph to come; null empties the view, with the reason shown.
  void setPlan(std::shared_ptr<const Plan> plan, const NetGraph& graph,
               const QString& problem = {});
  void setProgress(const GraphProgress& progress);
  // At full speed single nodes mean nothing: the whole graph stands.
  void setRunning(bool running);
  void select(NodeId node);

  enum class Look { expected, recorded, consumed };

 public slots:
  void fit() override;

 signals:
  // A node of the network, and the tensor that the gradient node stands for; 0 for none.
  void nodeSelected(gradus::NodeId node, gradus::ValueRef tensor);
  void said(const QString& message);  // for the status bar

 protected:
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void place(const LayoutResult& result);
  void refresh();
  void showHint(const QString& text);
  void placeLabels();
  void rebuild(std::vector<DagNode> nodes, std::vector<std::pair<int, int>> edges);
  void askForPlaces();

  QGraphicsScene scene_;
  LayoutClient layout_;
  std::vector<DagNode> described_;
  LayoutRequest request_;
  bool failed_ = false;  // the layout
  QTimer waiting_;
  Theme theme_;
  std::shared_ptr<const Plan> plan_;
  std::vector<DagNodeItem*> nodes_;
  std::vector<DagEdgeItem*> edges_;
  GraphProgress progress_;
  bool running_ = false;
  bool selecting_ = false;
  QLabel* hint_;
  QLabel* legend_;
};

}  // namespace gradus::ui
