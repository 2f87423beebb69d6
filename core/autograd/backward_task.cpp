#include "core/autograd/backward_task.h"

#include <algorithm>

#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
#include "core/op/functions.h"

namespace gradus {

BackwardTask::BackwardTask(const Tensor& root, Tensor gradient, bool retain_graph) {
  start(root, std::move(gradient), retain_graph);
}

void BackwardTask::start(const Tensor& root, Tensor gradient, bool retain_graph) {
  if (!root.requires_grad()) {
    fail("backward",
         "this tensor does not require grad and has no grad_fn: nothing that led to it was "
         "tracked. Set requires_grad on a leaf before computing it, outside no_grad.");
  }
  if (!gradient.defined()) {
    if (root.numel() != 1) {
      fail("backward",
           "a gradient is made up only for one number, and this tensor has shape {}. Reduce it "
           "first (sum or mean), or pass a gradient of its shape.",
           to_prose(root.sizes()));
    }
    gradient = full(root.sizes(), 1.0, root.dtype(), root.device());
  }
  if (gradient.meta() != root.meta()) {
    fail("backward", "the gradient is {} {}, the tensor {} {}: they must agree",
         to_string(gradient.dtype()), to_prose(gradient.sizes()), to_string(root.dtype()),
         to_prose(root.sizes()));
  }
  retain_graph_ = retain_graph;
  pending_.clear();
  ready_.clear();
  std::fill(table_.begin(), table_.end(), -1);

  // Count, for each node, the gradients it will receive.
  const Edge first = gradient_edge(root);
  index_of(first.node.get());
  for (size_t i = 0; i < pending_.size(); ++i) {
    const NodePtr node = pending_[i].node;
    for (const Edge& edge : node->next_functions()) {
      if (edge.node) ++pending_[static_cast<size_t>(index_of(edge.node.get()))].waiting;
    }
  }
  pending_[0].grads[first.input_nr] = std::move(gradient);
  push_ready(0);
}

BackwardTask::Step BackwardTask::step() {
  const auto before = [this](int32_t a, int32_t b) {
    return pending_[static_cast<size_t>(a)].node->sequence_nr() <
           pending_[static_cast<size_t>(b)].node->sequence_nr();
  };
  const NoGradGuard no_grad;
  const size_t index = static_cast<size_t>(ready_.front());
  Step step;
  step.node = pending_[index].node;
  Node& node = *step.node;
  for (size_t i = 0; i < node.output_metas().size(); ++i) {
    Tensor& grad = pending_[index].grads[i];
    if (!grad.defined() && !is_floating_point(node.output_metas()[i].dtype)) {
      step.grads_in.push_back({});
      continue;
    }
    if (!grad.defined()) {
      const TensorMeta& meta = node.output_metas()[i];
      grad = full(meta.sizes, 0.0, meta.dtype, node.device());
    }
    step.grads_in.push_back(std::move(grad));
  }
  for (const Node::Retained& retained : node.retained) {
    const Tensor& grad = step.grads_in[retained.output_nr];
    const Tensor& held = retained.slot->grad;
    set_grad_in(*retained.slot, held.defined() ? held + grad : clone(grad));
  }
  const bool is_leaf = node.next_functions().empty();
  Tensor own;  // a leaf sees that the gradient is its own
  if (is_leaf) {
    own = std::move(step.grads_in[0]);
    step.grads_in.clear();
  }
  try {
    step.grads_out = node.apply(is_leaf ? std::span<const Tensor>(&own, 1)
                                        : std::span<const Tensor>(step.grads_in));
  } catch (...) {  // the gradients stay where they were
    if (is_leaf) step.grads_in.push_back(std::move(own));
    for (size_t i = 0; i < step.grads_in.size(); ++i) {
      pending_[index].grads[i] = std::move(step.grads_in[i]);
    }
    throw;
  }
  if (is_leaf) step.grads_in.push_back(std::move(own));

  // From here on the step has happened.
  std::pop_heap(ready_.begin(), ready_.end(), before);
  ready_.pop_back();
  pending_[index].grads.clear();
  if (!retain_graph_) node.release_saved();
  for (size_t i = 0; i < node.next_functions().size(); ++i) {
    const Edge& edge = node.next_functions()[i];
    if (!edge.node) continue;
    const size_t to = static_cast<size_t>(index_of(edge.node.get()));
    Tensor& grad = step.grads_out[i];
    if (grad.defined()) {
      const TensorMeta& meta = edge.node->output_metas()[edge.input_nr];
      grad = sum_to(grad, meta.sizes);  // Note [Un-broadcast]
      // Of an input that was converted, the gradient is converted back.
      if (is_floating_point(grad.dtype()) && is_floating_point(meta.dtype)) {
        grad = gradus::to(grad, meta.dtype);
      }
      if (grad.dtype() != meta.dtype) {
        fail(node.name(), "returned a {} gradient for a {} tensor", to_string(grad.dtype()),
             to_string(meta.dtype));
      }
      Tensor& held = pending_[to].grads[edge.input_nr];
      held = held.defined() ? held + grad : grad;
    }
    if (--pending_[to].waiting == 0) push_ready(static_cast<int32_t>(to));
  }
  return step;
}

void BackwardTask::push_ready(int32_t index) {
  ready_.push_back(index);
  std::push_heap(ready_.begin(), ready_.end(), [this](int32_t a, int32_t b) {
    return pending_[static_cast<size_t>(a)].node->sequence_nr() <
           pending_[static_cast<size_t>(b)].node->sequence_nr();
  });
}

int32_t BackwardTask::index_of(Node* node) {
  if (pending_.size() * 2 >= table_.size()) grow_table(pending_.size() + 1);
  const size_t mask = table_.size() - 1;
  size_t at = (reinterpret_cast<uintptr_t>(node) >> 6) & mask;
  while (table_[at] >= 0) {
    if (pending_[static_cast<size_t>(table_[at])].node.get() == node) return table_[at];
    at = (at + 1) & mask;
  }
  const int32_t index = static_cast<int32_t>(pending_.size());
  table_[at] = index;
  Pending& fresh = pending_.emplace_back();
  fresh.node = NodePtr(node);
  fresh.grads.resize(node->output_metas().size());
  return index;
}

void BackwardTask::grow_table(size_t nodes) {
  size_t size = 64;
  while (size < nodes * 4) size *= 2;
  table_.assign(size, -1);
  for (size_t i = 0; i < pending_.size(); ++i) {
    size_t at = (reinterpret_cast<uintptr_t>(pending_[i].node.get()) >> 6) & (size - 1);
    while (table_[at] >= 0) at = (at + 1) & (size - 1);
    table_[at] = static_cast<int32_t>(i);
  }
}

BackwardTask BackwardTask::deep_copy(GraphCopier& copier) const {
  BackwardTask result;
  result.retain_graph_ = retain_graph_;
  result.ready_ = ready_;
  for (const Pending& pending : pending_) {
    Pending& copy = result.pending_.emplace_back();
    copy.node = copier.copy(pending.node);
    copy.waiting = pending.waiting;
    for (const Tensor& grad : pending.grads) copy.grads.push_back(copier.copy(grad));
  }
  result.grow_table(result.pending_.size());
  return result;
}

void backward(const Tensor& root, Tensor gradient, bool retain_graph) {
  BackwardTask task(root, std::move(gradient), retain_graph);
  while (!task.done()) task.step();
}

}  // namespace gradus
