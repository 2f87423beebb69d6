#include "core/autograd/graph_copier.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "core/tensor/pools.h"

namespace gradus {

Storage GraphCopier::copy(const Storage& storage, Backend& to) {
  Storage& copy = storages_[storage.get()];
  if (!copy) {
    Backend& from = storage->backend();
    const size_t bytes = storage->bytes();
    copy = Storage(Runtime::current().pools().storages.make(to, bytes));
    if (bytes > 0 && &from == &to) {
      to.copy(storage->block(), copy->block(), bytes);
    } else if (bytes > 0) {
      std::vector<std::byte> carried(bytes);
      from.download(storage->block(), 0, carried.data(), bytes);
      to.upload(carried.data(), copy->block(), 0, bytes);
    }
    copy->restore_version(storage->version(), storage->last_writer());
  }
  return copy;
}

IntrusivePtr<GradSlot> GraphCopier::copy(const IntrusivePtr<GradSlot>& slot) {
  if (!slot) return {};
  IntrusivePtr<GradSlot>& copy = slots_[slot.get()];
  if (!copy) {
    copy = IntrusivePtr<GradSlot>(Runtime::current().pools().grad_slots.make());
    IntrusivePtr<GradSlot> kept = copy;  // the map may grow below
    kept->grad = this->copy(slot->grad);
    kept->had_one = slot->had_one;
    return kept;
  }
  return copy;
}

Tensor GraphCopier::copy(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  if (auto found = tensors_.find(tensor.impl()); found != tensors_.end()) return found->second;
  const TensorImpl& impl = *tensor.impl();
  if (impl.grad_fn) copy_graph(impl.grad_fn.get());
  // The graph may have copied this very tensor (a node saves its inputs).
  if (auto found = tensors_.find(tensor.impl()); found != tensors_.end()) return found->second;

  IntrusivePtr<TensorImpl> copy(Runtime::current().pools().tensors.make());
  const bool moves = device_ && !impl.is_wrapped_number;
  copy->storage = this->copy(
      impl.storage, moves ? Runtime::current().backend(*device_) : impl.storage->backend());
  copy->dtype = impl.dtype;
  copy->set_layout(impl.sizes, impl.strides, impl.offset);
  copy->is_view = impl.is_view;
  copy->is_wrapped_number = impl.is_wrapped_number;
  copy->requires_grad = impl.requires_grad;
  copy->view_origin = impl.view_origin;
  copy->untracked = impl.untracked;
  copy->untracked_by = impl.untracked_by;
  copy->history_version = impl.history_version;
  copy->retains_grad = impl.retains_grad;
  copy->output_nr = impl.output_nr;
  if (impl.grad_fn) copy->grad_fn = nodes_.at(impl.grad_fn.get());
  Tensor result(copy);
  tensors_.emplace(&impl, result);
  copy->grad_slot = this->copy(impl.grad_slot);
  if (impl.base) copy->base = IntrusivePtr<TensorImpl>(this->copy(Tensor(impl.base)).impl());
  if (impl.hooks) copy->hooks = std::make_unique<TensorHooks>(*impl.hooks);
  return result;
}

NodePtr GraphCopier::copy(const NodePtr& node) {
  if (!node) return {};
  copy_graph(node.get());
  return nodes_.at(node.get());
}

// Copies all nodes reachable from `root`, earlier ones first, so that what a node refers to is
// there before it: leaves, then ops by sequence number.
void GraphCopier::copy_graph(Node* root) {
  if (nodes_.contains(root)) return;
  std::vector<Node*> found = {root};
  std::unordered_set<Node*> seen = {root};
  const auto find = [&](Node* node) {
    if (node && !nodes_.contains(node) && seen.insert(node).second) found.push_back(node);
  };
  for (size_t i = 0; i < found.size(); ++i) {
    for (const Edge& edge : found[i]->next_functions()) {
      find(edge.node.get());
    }
    find(found[i]->inner());
  }
  std::sort(found.begin(), found.end(), [](const Node* a, const Node* b) {
    const bool a_leaf = a->next_functions().empty();
    const bool b_leaf = b->next_functions().empty();
    return a_leaf != b_leaf ? a_leaf : a->sequence_nr() < b->sequence_nr();
  });
  for (Node* node : found) {
    if (nodes_.contains(node)) continue;  // by way of what another one saved
    NodePtr copy = node->copy(*this);
    copy->next_functions_.clear();
    for (const Edge& edge : node->next_functions()) {
      copy->next_functions_.push_back(
          {edge.node ? nodes_.at(edge.node.get()) : NodePtr(), edge.input_nr});
    }
    copy->output_metas_ = node->output_metas_;
    copy->sequence_nr_ = node->sequence_nr_;
    copy->device_ = device_.value_or(node->device_);
    copy->call_index = node->call_index;
    if (node->hooks) copy->hooks = std::make_unique<NodeHooks>(*node->hooks);
    for (const Node::Retained& retained : node->retained) {
      copy->retained.push_back({retained.output_nr, this->copy(retained.slot)});
    }
    nodes_.emplace(node, std::move(copy));
  }
}

}  // namespace gradus
