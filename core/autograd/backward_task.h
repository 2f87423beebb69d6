// A backward pass as a value: it can be stepped, copied and dropped. loss.backward() is a
// BackwardTask stepped to its end; there is no other engine.
//
// Note [Un-broadcast]
// A gradient rule may return a gradient of the broadcast shape. The task sums it back to the shape
// of the tensor it belongs to, here and only here, so no rule repeats it.
#pragma once

#include <algorithm>
#include <vector>

#include "core/autograd/node.h"

namespace gradus {

struct BackwardOptions {
  bool retain_graph = false;  // what the nodes saved is kept for another backward
  bool create_graph = false;  // the gradients have a history of their own
};

class BackwardTask {
 public:
  // Nothing to do.
  BackwardTask() = default;
  // gradient: of root's shape, ones by default (then root must have one element).
  // Throws if root has no graph, or the gradient's shape or dtype differs.
  BackwardTask(const Tensor& root, Tensor gradient, bool retain_graph);

  bool done() const { return ready_.empty(); }

  struct Step {
    NodePtr node;
    Tensors grads_in;   // of the outputs of the op behind the node
    Tensors grads_out;  // of its inputs, as sent along the edges
  };
  // The node that step() will run.
  const NodePtr& next() const { return pending_[ready_.front()].node; }
  // Runs exactly one node: of those whose gradient is complete, the one recorded last.
  Step step();

  // Calls f(node) for each node that has run, since the start.
  template <typename F>
  void for_each_done(F&& f) const {
    for (size_t i = 0; i < pending_.size(); ++i) {
      const bool ready =
          std::find(ready_.begin(), ready_.end(), static_cast<int32_t>(i)) != ready_.end();
      if (pending_[i].waiting == 0 && !ready) f(*pending_[i].node);
    }
  }

  // What backs this task, through a copier: a copy that shares nothing.
  BackwardTask deep_copy(GraphCopier& copier) const;

  // Starts anew, reusing memory.
  void start(const Tensor& root, Tensor gradient, bool retain_graph);
  // From several roots; an undefined gradient is made up as above. With `inputs`, just what leads
  // to these is run, and their gradients are kept here instead of in .grad.
  void start(std::span<const Tensor> roots, std::span<const Tensor> gradients,
             BackwardOptions options, std::span<const Tensor> inputs = {});
  // The gradient of the i-th input; undefined if nothing led to it.
  const Tensor& captured(size_t i) const { return captures_[i].grad; }

 private:
  struct Pending {
    NodePtr node;
    int32_t waiting = 0;  // gradients still to come
    bool runs = true;
    bool receives = true;  // it runs, or its gradients are asked for
    InlineVector<Tensor, 1> grads;
  };
  struct Capture {
    int32_t index = -1;  // in pending_; -1 if nothing leads there
    uint32_t output_nr = 0;
    Tensor grad;
  };
  void clear(BackwardOptions options);
  // Follows the edges of all that is pending.
  void find_reachable();
  void find_what_leads_to(std::span<const Tensor> inputs);
  // Open addressing, so that a task reused every batch allocates nothing.
  int32_t index_of(Node* node);
  void grow_table(size_t nodes);
  void push_ready(int32_t index);

  std::vector<Pending> pending_;
  std::vector<int32_t> table_;  // indices into pending_, -1 is free
  std::vector<int32_t> ready_;  // a heap by sequence number
  std::vector<Capture> captures_;
  BackwardOptions options_;
};

// Runs backward from `root` to its end: tensor.backward(gradient, retain_graph). With create_graph
// the gradients have a history, which holds the tensors whose .grad they are: set these to None
// afterwards, or use grad(), lest they keep each other alive.
void backward(const Tensor& root, Tensor gradient = {}, bool retain_graph = false,
              bool create_graph = false);
// torch.autograd.backward(tensors, grad_tensors).
void backward(std::span<const Tensor> roots, std::span<const Tensor> gradients,
              BackwardOptions options);
// torch.autograd.grad(outputs, inputs, grad_outputs): the gradients of `inputs`, without touching
// any .grad. `gradients` may be empty. Throws where an input was not used, unless `allow_unused`.
std::vector<Tensor> grad(std::span<const Tensor> outputs, std::span<const Tensor> inputs,
                         std::span<const Tensor> gradients = {}, BackwardOptions options = {},
                         bool allow_unused = false);
// The same of one output by one input.
Tensor grad(const Tensor& output, const Tensor& input, Tensor gradient = {},
            BackwardOptions options = {});

}  // namespace gradus
