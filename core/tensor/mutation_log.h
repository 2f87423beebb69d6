// Told before anything that a handle shares is changed, so that the change can be undone. There
// are just these kinds of shared mutable state; whatever changes one of them calls the log first.
// See Note [Going back] in core/session/journal.h.
#pragma once

namespace gradus {

class StorageImpl;
class Tensor;
class Node;
struct GradSlot;

class MutationLog {
 public:
  virtual ~MutationLog() = default;
  virtual void before_write(StorageImpl& storage) = 0;  // an in-place op overwrites the bytes
  virtual void before_set_grad(GradSlot& slot) = 0;     // a .grad becomes another tensor
  // Its grad_fn changes, or what that keeps the gradient of.
  virtual void before_set_history(const Tensor& tensor) = 0;
  virtual void before_release(Node& node) = 0;  // backward frees what the node saved
};

}  // namespace gradus
