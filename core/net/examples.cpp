#include "core/net/examples.h"

namespace gradus {
namespace {

// Adds nodes in a row, each wired to the one before.
class Row {
 public:
  // `most` nodes side by side; then it goes on below.
  Row(NetGraph& graph, int most) : graph_(graph), most_(most) {}
  NodeId add(const std::string& type, const std::string& name,
             std::map<std::string, AttrValue> attrs = {}) {
    const NodeId id = graph_.add(
        {.id = 0, .type = type, .name = name, .attrs = std::move(attrs), .x = x_, .y = y_});
    x_ += kStep;
    if (++placed_ % most_ == 0) {
      x_ = kLeft;
      y_ += 192;
    }
    if (last_ != 0) graph_.connect(last_, id);
    last_ = id;
    return id;
  }
  void loss() {
    const NodeId prediction = last_;
    last_ = 0;
    const NodeId target = graph_.add(
        {.id = 0, .type = "Target", .name = "labels", .attrs = {}, .x = x_ - kStep, .y = y_ + 128});
    const NodeId loss = add("CrossEntropyLoss", "loss");
    graph_.connect(prediction, loss, 0);
    graph_.connect(target, loss, 1);
  }

 private:
  NetGraph& graph_;
  NodeId last_ = 0;
  static constexpr double kLeft = 64;
  static constexpr double kStep = 240;
  int most_;
  int placed_ = 0;
  double x_ = kLeft;
  double y_ = 128;
};

AttrValue whole(int64_t value) { return value; }

}  // namespace

NetGraph quickstart_network() {
  NetGraph graph;
  graph.title = "Quickstart";
  Row row(graph, 4);
  row.add("Input", "images", {{"shape", Dims{1, 28, 28}}});
  row.add("Flatten", "flatten");
  row.add("Linear", "linear_relu_stack.0",
          {{"in_features", whole(784)}, {"out_features", whole(512)}});
  row.add("ReLU", "linear_relu_stack.1");
  row.add("Linear", "linear_relu_stack.2", {{"out_features", whole(512)}});
  row.add("ReLU", "linear_relu_stack.3");
  row.add("Linear", "linear_relu_stack.4", {{"out_features", whole(10)}});
  row.loss();
  return graph;
}

NetGraph toy_network() {
  NetGraph graph;
  graph.title = "Two moons";
  graph.training.dataset = "two-moons";
  graph.training.epochs = 20;
  graph.training.batch_size = 8;
  graph.training.optimizer = {.lr = 0.1, .momentum = 0.9};
  Row row(graph, 6);
  row.add("Input", "points", {{"shape", Dims{2}}});
  row.add("Linear", "hidden", {{"out_features", whole(3)}});
  row.add("ReLU", "relu");
  row.add("Linear", "output", {{"out_features", whole(2)}});
  row.loss();
  return graph;
}

}  // namespace gradus
