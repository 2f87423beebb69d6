// Functions that see gradients on their way through backward, and may replace them.
//
// A hook must not hold the tensor or node that it hangs on: that would keep both alive for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/op/op_def.h"

namespace gradus {

// Sees the gradient of a tensor; what it returns takes its place, unless it is undefined.
using TensorHook = std::function<Tensor(const Tensor& grad)>;
// Sees the gradients that reach a node, before it runs; may change them.
using NodePreHook = std::function<void(std::span<Tensor> grads_in)>;
// Sees those and the ones that the node has made of them, which it may change.
using NodeHook = std::function<void(std::span<const Tensor> grads_in, std::span<Tensor> grads_out)>;

// Takes a hook away again: torch.utils.hooks.RemovableHandle.
class HookHandle {
 public:
  explicit HookHandle(std::function<void()> remove) : remove_(std::move(remove)) {}
  void remove() { remove_(); }

 private:
  std::function<void()> remove_;
};

// The hooks of a leaf.
struct TensorHooks {
  std::vector<std::shared_ptr<TensorHook>> all;  // null functions where removed
};

// The hooks of a node and of the outputs of the op behind it, in the order in which they came.
struct NodeHooks {
  struct OfOutput {
    uint32_t output_nr;
    std::shared_ptr<TensorHook> hook;
  };
  std::vector<OfOutput> outputs;
  std::vector<std::shared_ptr<NodePreHook>> before;
  std::vector<std::shared_ptr<NodeHook>> after;
  std::string made_by;  // where anomalies are looked for: what made the node
};

// tensor.register_hook(hook). Throws for a tensor that requires no gradient.
HookHandle register_hook(const Tensor& tensor, TensorHook hook);
// node.register_prehook(hook) and node.register_hook(hook).
HookHandle register_prehook(Node& node, NodePreHook hook);
HookHandle register_hook(Node& node, NodeHook hook);

}  // namespace gradus
