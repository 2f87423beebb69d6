// Deep copies of tensors together with the graph that hangs on them: what shared a storage, a leaf
// or a node shares its copy. A snapshot of a session is made of these. The copies may be on another
// device; numbers in expressions stay on the CPU.
#pragma once

#include <optional>
#include <unordered_map>

#include "core/autograd/node.h"

namespace gradus {

class GraphCopier {
 public:
  // Without a device, each copy is where the original is.
  explicit GraphCopier(std::optional<Device> device = {}) : device_(device) {}

  Tensor copy(const Tensor& tensor);
  NodePtr copy(const NodePtr& node);
  IntrusivePtr<GradSlot> copy(const IntrusivePtr<GradSlot>& slot);

 private:
  Storage copy(const Storage& storage, Backend& to);
  void copy_graph(Node* root);

  std::optional<Device> device_;
  // The originals are kept alive by whoever asked for the copy.
  std::unordered_map<const StorageImpl*, Storage> storages_;
  std::unordered_map<const TensorImpl*, Tensor> tensors_;
  std::unordered_map<const Node*, NodePtr> nodes_;
  std::unordered_map<const GradSlot*, IntrusivePtr<GradSlot>> slots_;
};

}  // namespace gradus
