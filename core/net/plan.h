// What will run: the calls that running the network's forward code on meta tensors recorded, in
// order. A Plan is immutable, belongs to one batch size and mode, and holds no data.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/net/net_graph.h"
#include "core/nn/layer_def.h"
#include "core/op/call.h"

namespace gradus {

using ValueId = int32_t;
inline constexpr ValueId kNoValue = -1;

struct PlanValue {
  enum class Kind : uint8_t { input, target, parameter, constant, result } kind;
  std::string name;  // "linear_relu_stack.0.weight"; of a result, its node's name
  TensorMeta meta;
  int32_t index = -1;     // which parameter, or which call made it
  double constant = 0;    // a number in an expression
  int32_t last_use = -1;  // the last call that reads it; -1 for what the loss or nobody reads
  bool is_view = false;
};

struct PlanCall {
  OpId op = OpId::count;
  Attrs attrs;
  InlineVector<ValueId, 3> inputs;  // kNoValue where an optional one is missing
  InlineVector<ValueId, 1> outputs;
  NodeId node = 0;  // of the NetGraph, whose layer made this call
  bool inplace = false;
};

struct PlanParameter {
  std::string name;  // "linear_relu_stack.0.weight"
  NodeId node = 0;
  Dims sizes;
  Attrs attrs;  // of the layer, for the initialiser
  nn::InitFn init;
  DType dtype = DType::float32;
  bool requires_grad = true;  // else it is a leaf that never learns
};

// A node of the autograd graph that the calls will record.
struct PlanGradNode {
  std::string name;        // "AddmmBackward0"
  int32_t call = -1;       // the one that records it; -1 for a leaf
  int32_t parameter = -1;  // of a leaf
  NodeId node = 0;         // of the NetGraph
  struct Edge {
    int32_t to = 0;  // in Plan::grad_nodes
    Dims sizes;      // of the gradient that backward sends along
  };
  std::vector<Edge> next_functions;
};

struct Plan {
  int64_t batch_size = 0;
  bool training = true;
  std::vector<PlanValue> values;
  std::vector<PlanCall> calls;
  std::vector<PlanParameter> parameters;
  std::vector<ValueId> parameter_values;  // of each parameter
  ValueId input = kNoValue;
  ValueId target = kNoValue;
  ValueId prediction = kNoValue;  // what the loss looks at
  ValueId loss = kNoValue;
  int32_t loss_begin = 0;                // calls from here on belong to the loss
  std::map<NodeId, ValueId> results;     // of each node of the NetGraph
  std::vector<PlanGradNode> grad_nodes;  // the roots' first: the loss, or what backward starts from

  // The first parameter from `index` on that requires grad; parameters.size() if there is none.
  size_t next_to_learn(size_t index) const;
  // The place in grad_nodes of the node that a call records, or of a parameter's leaf (the other
  // is -1); -1 if there is none.
  int32_t find_grad_node(int32_t call, int32_t parameter) const;
  // Adds the places in grad_nodes of all that backward from a value goes through.
  void add_reachable(ValueId root, std::vector<int32_t>& places) const;
  // Bytes of all results that are no views, and of the parameters; may be beyond any memory.
  double result_bytes() const;
  double parameter_bytes() const;
};

// One line per call, stable: "%7 = addmm(linear.bias, %3, %6)  [64, 512]  linear".
std::string to_string(const Plan& plan, const NetGraph& graph);

}  // namespace gradus
