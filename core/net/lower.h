// From a NetGraph to shapes and Plans, both by running the layers' own forward code once on meta
// tensors: there is no second set of shape rules.
//
// Note [Plan]
// What depends on values (a mask index, item()) cannot run on meta and is refused with its op's
// message. A plan holds for one batch size and mode; sessions keep one for each they meet.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "core/net/plan.h"

namespace gradus {

struct NodeInference {
  std::optional<TensorMeta> output;  // none where the node or one before it has an error
  std::string error;                 // empty unless this very node is to blame
  std::vector<std::pair<std::string, Dims>> parameters;  // "weight", sizes
};

// Shapes on every wire for a batch of `batch_size`, or what is wrong, node by node.
std::map<NodeId, NodeInference> infer(const NetGraph& graph, int64_t batch_size);

// Throws Error naming the first node that is wrong, or what the network lacks (an Input, a loss).
std::shared_ptr<const Plan> lower(const NetGraph& graph, int64_t batch_size, bool training);

}  // namespace gradus
