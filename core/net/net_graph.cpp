#include "core/net/net_graph.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/nn/layer_def.h"

namespace gradus {
namespace {

// The input ports and attributes of a node type, layer or op.
struct NodeType {
  const std::vector<InputSpec>* inputs;
  const std::vector<AttrSpec>* attrs;
};

NodeType type_of(const std::string& type) {
  if (const nn::LayerDef* layer = nn::find_layer(type)) return {&layer->inputs, &layer->attrs};
  if (const OpDef* op = find_op(type)) {
    if (op->writes) fail("network", "{} overwrites its input, so it cannot be a node", type);
    return {&op->inputs, &op->attrs};
  }
  std::string known;
  for (const nn::LayerDef* layer : nn::all_layers()) {
    known += (known.empty() ? "" : ", ") + std::string(layer->name);
  }
  fail("network", "there is no layer or op called {:?}. Layers: {}", type, known);
}

// Where the last input stands for any number of them, that is how many a drawing may have.
int input_count(const std::string& type) {
  constexpr int kMostInputs = 64;
  const OpDef* op = nn::find_layer(type) ? nullptr : find_op(type);
  return op && op->variadic ? kMostInputs : static_cast<int>(type_of(type).inputs->size());
}

std::string describe(const NetNode& node) { return fmt::format("{} ({})", node.name, node.type); }

// Throws unless the place is one that a canvas can show.
void check_place(const std::string& name, double x, double y) {
  constexpr double kFarthest = 1e6;
  if (std::abs(x) <= kFarthest && std::abs(y) <= kFarthest) return;
  fail(name, "place ({:g}, {:g}) is off the canvas, which goes from -1e6 to 1e6", x, y);
}

}  // namespace

const char* to_string(Phase phase) {
  switch (phase) {
    case Phase::fetch:
      return "fetch";
    case Phase::zero_grad:
      return "zero_grad";
    case Phase::forward:
      return "forward";
    case Phase::loss:
      return "loss";
    case Phase::retain_grad:
      return "retain_grad";
    case Phase::backward:
      return "backward";
    case Phase::update:
      return "update";
    case Phase::evaluate:
      return "evaluate";
  }
  return "?";
}

namespace {

// Throws Error where an item lacks what it needs.
void check(const Loop& loop, bool has_data) {
  // How far the batch has come: a fetch starts it anew, and without data it starts by itself.
  enum { kNothing, kFetched, kForward, kLoss } come = has_data ? kNothing : kFetched;
  const auto need = [&](int what, Phase phase, Phase before) {
    if (come < what) fail("loop", "{} needs {} before it", to_string(phase), to_string(before));
  };
  const auto needs_data = [&](Phase phase) {
    if (has_data) return;
    fail("loop", "{} needs a data set, this drawing has none: take it out", to_string(phase));
  };
  for (const LoopItem& item : loop.each_batch) {
    switch (item.phase) {
      case Phase::fetch:
        needs_data(item.phase);
        come = kFetched;
        break;
      case Phase::zero_grad:
        break;
      case Phase::forward:
        need(kFetched, item.phase, Phase::fetch);
        come = kForward;
        break;
      case Phase::loss:
        needs_data(item.phase);
        need(kForward, item.phase, Phase::forward);
        come = kLoss;
        break;
      case Phase::retain_grad:
        need(kForward, item.phase, Phase::forward);
        if (item.of == 0) fail("loop", "retain_grad needs the node whose gradient is to be kept");
        break;
      case Phase::backward:
        if (item.of != 0) {
          need(kForward, item.phase, Phase::forward);
        } else if (has_data) {
          need(kLoss, item.phase, Phase::loss);
        } else {
          fail("loop", "backward needs the node that it starts from: there is no loss");
        }
        break;
      case Phase::update:
        has_data ? need(kFetched, item.phase, Phase::fetch)
                 : need(kForward, item.phase, Phase::forward);
        break;
      case Phase::evaluate:
        fail("loop", "evaluate belongs to each_epoch");
    }
  }
  if (loop.each_batch.empty()) {
    fail("loop", "each_batch is empty: it needs {}",
         has_data ? "fetch, forward, loss, backward, update" : "forward at least");
  }
  for (const LoopItem& item : loop.each_epoch) {
    if (item.phase != Phase::evaluate) {
      fail("loop", "each_epoch takes evaluate, not {}", to_string(item.phase));
    }
    needs_data(item.phase);
  }
}

}  // namespace

void check(const Training& training) {
  if (training.epochs < 0 || training.epochs > 1'000'000) {
    fail("training", "epochs must be from 0 to 1000000, got {}", training.epochs);
  }
  if (training.batch_size < 1 || training.batch_size > 10'000'000) {
    fail("training", "the batch size must be from 1 to 10000000, got {}. 64 is usual",
         training.batch_size);
  }
  optim::check(training.optimizer);
  check(training.loop, training.has_data());
}

namespace {

// Throws Error where a text holds what cannot be shown, or is too long.
std::string checked_text(std::string text, const std::string& where, size_t longest) {
  if (text.size() > longest) fail(where, "is longer than {} bytes", longest);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      fail(where, "holds the control character {:#04x}: write it in letters and digits", byte);
    }
  }
  // Of UTF-8: the second row of control characters, and what turns the direction of writing.
  const auto at = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const bool control = at(i) == 0xC2 && at(i + 1) >= 0x80 && at(i + 1) <= 0x9F;
    const bool embeds =
        at(i) == 0xE2 && at(i + 1) == 0x80 && at(i + 2) >= 0xAA && at(i + 2) <= 0xAE;
    const bool isolates =
        at(i) == 0xE2 && at(i + 1) == 0x81 && at(i + 2) >= 0xA6 && at(i + 2) <= 0xA9;
    if (control || embeds || isolates) {
      fail(where, "holds a control character: write it in letters and digits");
    }
  }
  return text;
}

}  // namespace

std::string checked_name(std::string text, const std::string& where) {
  return checked_text(std::move(text), where, 200);
}

std::string checked_note(std::string text, const std::string& where) {
  return checked_text(std::move(text), where, 2000);
}

bool Loop::updates() const {
  return std::ranges::any_of(each_batch,
                             [](const LoopItem& item) { return item.phase == Phase::update; });
}

std::string to_string(const LoopItem& item, const NetGraph& graph) {
  const auto name = [&](NodeId id) {
    return graph.has(id) ? graph.node(id).name : fmt::format("node {}, which is gone", id);
  };
  std::string text = to_string(item.phase);
  if (item.of) text += " of " + name(item.of);
  if (item.gradient) text += ", gradient=" + name(item.gradient);
  if (item.retain_graph) text += ", retain_graph";
  return text;
}

bool NetGraph::has(NodeId id) const {
  return std::ranges::any_of(nodes_, [id](const NetNode& node) { return node.id == id; });
}

const NetNode& NetGraph::node(NodeId id) const {
  for (const NetNode& node : nodes_) {
    if (node.id == id) return node;
  }
  fail("network", "there is no node {}", id);
}

const Wire* NetGraph::wire_into(NodeId to, int port) const {
  for (const Wire& wire : wires_) {
    if (wire.to == to && wire.port == port) return &wire;
  }
  return nullptr;
}

int NetGraph::ports_reached(NodeId to) const {
  int ports = 0;
  for (const Wire& wire : wires_) {
    if (wire.to == to) ports = std::max(ports, wire.port + 1);
  }
  return ports;
}

NodeId NetGraph::add(NetNode node) {
  const NodeType type = type_of(node.type);
  if (node.id < 0) fail("network", "a node's id must be positive, got {}", node.id);
  for (const NetNode& other : nodes_) {
    if (other.id == node.id) fail("network", "two nodes have the id {}", node.id);
  }
  node.name = free_name(std::move(node.name), node.type, node.id);
  check_place(node.name, node.x, node.y);
  for (auto& [name, value] : node.attrs) {
    const auto spec =
        std::find_if(type.attrs->begin(), type.attrs->end(),
                     [&, &wanted = name](const AttrSpec& s) { return wanted == s.name; });
    if (spec == type.attrs->end()) {
      fail(describe(node), "has no attribute {:?}", name);
    }
    value = checked_attr(describe(node), *spec, std::move(value));
  }
  if (node.id == 0) {
    while (named_by_loop(next_id_)) ++next_id_;  // a file may name what is not there
    node.id = next_id_;
  }
  next_id_ = std::max(next_id_, node.id + 1);
  nodes_.push_back(std::move(node));
  return nodes_.back().id;
}

void NetGraph::connect(NodeId from, NodeId to, int port) {
  const NetNode& source = node(from);
  const NetNode& target = node(to);
  const int ports = input_count(target.type);
  if (port < 0 || port >= ports) {
    fail(describe(target), "has {} input(s), there is no input {}", ports, port);
  }
  if (wire_into(to, port)) {
    fail(describe(target), "input {} has a wire already: remove it first", port);
  }
  if (reaches(to, from)) {
    fail(describe(target), "a wire from {} would close a cycle: data could never start to flow",
         describe(source));
  }
  wires_.push_back({from, to, port});
}

bool NetGraph::named_by_loop(NodeId id) const {
  return std::ranges::any_of(training.loop.each_batch, [id](const LoopItem& item) {
    return item.of == id || item.gradient == id;
  });
}

bool NetGraph::reaches(NodeId from, NodeId to) const {
  std::multimap<NodeId, NodeId> targets;
  for (const Wire& wire : wires_) targets.emplace(wire.from, wire.to);
  std::vector<NodeId> found = {from};
  std::set<NodeId> seen = {from};
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i] == to) return true;
    const auto [first, last] = targets.equal_range(found[i]);
    for (auto next = first; next != last; ++next) {
      if (seen.insert(next->second).second) found.push_back(next->second);
    }
  }
  return false;
}

void NetGraph::disconnect(NodeId to, int port) {
  if (!wire_into(to, port)) fail("network", "input {} of node {} has no wire", port, to);
  std::erase_if(wires_, [&](const Wire& wire) { return wire.to == to && wire.port == port; });
}

void NetGraph::remove(NodeId id) {
  node(id);
  // What the loop does with it goes, too.
  std::erase_if(training.loop.each_batch,
                [&](const LoopItem& item) { return item.of == id || item.gradient == id; });
  std::erase_if(wires_, [&](const Wire& wire) { return wire.from == id || wire.to == id; });
  std::erase_if(nodes_, [&](const NetNode& node) { return node.id == id; });
}

void NetGraph::set_attr(NodeId id, const std::string& name, AttrValue value) {
  const NetNode& found = node(id);
  const NodeType type = type_of(found.type);
  for (const AttrSpec& spec : *type.attrs) {
    if (name != spec.name) continue;
    AttrValue checked = checked_attr(describe(found), spec, std::move(value));
    mutable_node(id).attrs[name] = std::move(checked);
    return;
  }
  fail(describe(found), "has no attribute {:?}", name);
}

std::string NetGraph::free_name(std::string name, const std::string& type, NodeId id) const {
  if (name.empty()) fail("network", "a node of type {} has no name", type);
  name = checked_name(std::move(name), fmt::format("name of a {}", type));
  for (const NetNode& other : nodes_) {
    if (other.id != id && other.name == name) fail("network", "two nodes are called {:?}", name);
  }
  return name;
}

void NetGraph::rename(NodeId id, std::string name) {
  mutable_node(id).name = free_name(std::move(name), node(id).type, id);
}

void NetGraph::move(NodeId id, double x, double y) {
  check_place(node(id).name, x, y);
  NetNode& moved = mutable_node(id);
  moved.x = x;
  moved.y = y;
}

std::vector<NodeId> NetGraph::order() const {
  std::map<NodeId, size_t> place;  // in the drawing
  for (size_t i = 0; i < nodes_.size(); ++i) place[nodes_[i].id] = i;
  std::vector<int> waiting(nodes_.size(), 0);
  std::vector<std::vector<size_t>> targets(nodes_.size());
  for (const Wire& wire : wires_) {
    ++waiting[place.at(wire.to)];
    targets[place.at(wire.from)].push_back(place.at(wire.to));
  }
  // Always the first node that is free, so that the order follows the drawing's.
  std::set<size_t> free;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (waiting[i] == 0) free.insert(i);
  }
  std::vector<NodeId> result;
  while (!free.empty()) {
    const size_t next = *free.begin();
    free.erase(free.begin());
    result.push_back(nodes_[next].id);
    for (size_t target : targets[next]) {
      if (--waiting[target] == 0) free.insert(target);
    }
  }
  return result;
}

}  // namespace gradus
