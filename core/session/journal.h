// Note [Going back]
// A step changes two kinds of things. SessionState is a value of handles: the journal keeps a copy
// from before the step. What handles share (the bytes of a storage, a .grad, a tensor's history,
// what a node saved) changes in place, and whoever changes it tells the MutationLog first: the
// journal keeps the old contents. back() puts both back, so it needs to know nothing of what a step
// does. The journal is kept in step mode only; training at full speed keeps none.
#pragma once

#include <deque>
#include <variant>
#include <vector>

#include "core/autograd/node.h"
#include "core/session/session_state.h"
#include "core/tensor/mutation_log.h"

namespace gradus {

class Journal final : public MutationLog {
 public:
  // About `limit_bytes` are kept at most: old contents, and values that only the journal still
  // holds. The oldest steps are forgotten first.
  explicit Journal(int64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  void begin(const SessionState& before);  // a step starts
  // Undoes the newest step into `state`. Returns false if there is none.
  bool undo(SessionState& state);
  void forget();  // all of it
  size_t steps() const { return entries_.size(); }

  void before_write(StorageImpl& storage) override;
  void before_set_grad(GradSlot& slot) override;
  void before_set_history(const Tensor& tensor) override;
  void before_release(Node& node) override;

 private:
  struct OldBytes {
    Storage storage;
    Storage copy;
    uint32_t version = 0;
    const char* writer = "";
  };
  struct OldGrad {
    IntrusivePtr<GradSlot> slot;
    Tensor grad;
  };
  struct OldHistory {
    Tensor tensor;
    NodePtr grad_fn;
    uint32_t output_nr = 0;
    uint32_t history_version = 0;
    bool requires_grad = false;
    bool retains_grad = false;
    InlineVector<Node::Retained, 1> retained = {};  // by its grad_fn
  };
  struct OldSaved {
    NodePtr node;
    OpNode::Saved saved;
  };
  struct Entry {
    SessionState before;
    std::vector<std::variant<OldBytes, OldGrad, OldHistory, OldSaved>> changes;
    int64_t bytes = 0;
  };

  // Bytes that this state holds and the one before it did not.
  int64_t fresh_bytes(const SessionState& state);

  std::deque<Entry> entries_;
  std::vector<const StorageImpl*> held_;  // by the newest entry, sorted
  int64_t bytes_ = 0;
  int64_t limit_bytes_;
};

}  // namespace gradus
