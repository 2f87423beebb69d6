// What the user drew: nodes and wires, as a value that can be copied, compared and saved. It knows
// nothing of tensors' values; lower.h makes a Plan of it.
//
// Invariants: ids are unique and never reused within a graph; an input port has at most one wire;
// there is no cycle.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/op/attrs.h"
#include "core/optim/sgd.h"

namespace gradus {

using NodeId = int32_t;

struct NetNode {
  NodeId id = 0;
  std::string type;  // a layer ("Linear") or an op ("add")
  std::string name;  // unique; prefix of its parameters' names: "linear_relu_stack.0"
  std::map<std::string, AttrValue> attrs;  // those given; the rest are defaults or inferred
  double x = 0, y = 0;                     // place on the canvas, in pixels at zoom 1
  friend bool operator==(const NetNode&, const NetNode&) = default;
};

struct Wire {
  NodeId from = 0;
  NodeId to = 0;
  int port = 0;  // input of `to`
  friend bool operator==(const Wire&, const Wire&) = default;
};

// The training loop as data: steps in the order in which they are done.
enum class Phase : uint8_t {
  fetch,
  zero_grad,
  forward,
  loss,
  retain_grad,
  backward,
  update,
  evaluate
};
const char* to_string(Phase phase);

struct LoopItem {
  Phase phase = Phase::fetch;
  bool retain_graph = false;  // of backward
  NodeId of = 0;              // what backward starts from, 0 for the loss; what retain_grad keeps
  NodeId gradient = 0;        // of backward: the node whose value it starts with; 0 for a one
  friend bool operator==(const LoopItem&, const LoopItem&) = default;
};

struct Loop {
  std::vector<LoopItem> each_batch = {{Phase::fetch}, {Phase::zero_grad}, {Phase::forward},
                                      {Phase::loss},  {Phase::backward},  {Phase::update}};
  std::vector<LoopItem> each_epoch = {{Phase::evaluate}};
  bool updates() const;  // whether anything is learnt
  friend bool operator==(const Loop&, const Loop&) = default;
};

struct Training {
  std::string dataset = "fashion-mnist";  // or "two-moons", or "none"
  int64_t epochs = 1;
  int64_t batch_size = 64;
  uint64_t seed = 0;
  optim::Hyper optimizer;
  Loop loop;
  // Without data a drawing computes with its own tensors; then it needs no loss and may have
  // several.
  bool has_data() const { return dataset != "none"; }
  friend bool operator==(const Training&, const Training&) = default;
};
// Throws Error naming the first setting that is out of range, or the first item of the loop that
// lacks what it needs (backward before loss).
void check(const Training& training);

// The text of a name or title; throws Error where it holds what cannot be shown, or is too long.
std::string checked_name(std::string text, const std::string& where);
// Likewise of a note, which may be longer.
std::string checked_note(std::string text, const std::string& where);

class NetGraph {
 public:
  std::string title;
  std::string note;  // what there is to see, in a few sentences; may be empty
  Training training;

  const std::vector<NetNode>& nodes() const { return nodes_; }
  const std::vector<Wire>& wires() const { return wires_; }
  const NetNode& node(NodeId id) const;  // throws if there is none
  bool has(NodeId id) const;
  // The wire into a port, or null.
  const Wire* wire_into(NodeId to, int port) const;
  int ports_reached(NodeId to) const;  // one past the last port that has a wire

  // Each throws Error with the reason and changes nothing then. An id of 0 takes the next one.
  NodeId add(NetNode node);
  void connect(NodeId from, NodeId to, int port = 0);
  void disconnect(NodeId to, int port);
  void remove(NodeId id);  // and its wires, and the loop's items that name it
  void set_attr(NodeId id, const std::string& name, AttrValue value);
  void rename(NodeId id, std::string name);
  void move(NodeId id, double x, double y);

  // Every node after those it depends on; among equals, as they were added.
  std::vector<NodeId> order() const;

  friend bool operator==(const NetGraph&, const NetGraph&) = default;

 private:
  NetNode& mutable_node(NodeId id) { return const_cast<NetNode&>(node(id)); }
  // A name that no node but `id` has; throws otherwise.
  std::string free_name(std::string name, const std::string& type, NodeId id) const;
  // Whether data that leaves `from` can get to `to`; a node reaches itself.
  bool reaches(NodeId from, NodeId to) const;
  bool named_by_loop(NodeId id) const;

  std::vector<NetNode> nodes_;
  std::vector<Wire> wires_;
  NodeId next_id_ = 1;
};

// "backward of Q, gradient=ones, retain_graph".
std::string to_string(const LoopItem& item, const NetGraph& graph);

}  // namespace gradus
