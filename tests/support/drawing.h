// A drawing without data, run step by step of its loop, and its tensors by name.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/io/examples.h"
#include "core/session/session.h"

namespace gradus {

class Drawing {
 public:
  explicit Drawing(const NetGraph& graph, Device device = kCpu)
      : session(graph, {}, {.device = device}) {
    session.set_step_mode(true);
  }
  // On to the end of the loop's next `count` items.
  void phases(int count) {
    for (int i = 0; i < count; ++i) session.run(Grain::phase);
  }
  Tensor tensor(const std::string& name) const {
    const auto& nodes = session.graph().nodes();
    const auto node = std::ranges::find(nodes, name, &NetNode::name);
    if (node == nodes.end()) throw Error("no node " + name);
    return session.state().values.at(static_cast<size_t>(session.plan().results.at(node->id)));
  }
  std::vector<double> value(const std::string& name) const {
    return tensor(name).to_vector<double>();
  }
  // Empty for None.
  std::vector<double> grad(const std::string& name) const {
    const Tensor grad = tensor(name).grad();
    return grad.defined() ? grad.to_vector<double>() : std::vector<double>();
  }

  Session session;
};

}  // namespace gradus
