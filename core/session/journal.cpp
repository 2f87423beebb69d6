#include "core/session/journal.h"

#include <algorithm>

#include "core/tensor/pools.h"

namespace gradus {

void Journal::begin(const SessionState& before) {
  const bool first = entries_.empty();
  const int64_t fresh = fresh_bytes(before);
  entries_.push_back({before, {}, first ? 0 : fresh});
  bytes_ += entries_.back().bytes;
  while (bytes_ > limit_bytes_ && entries_.size() > 1) {
    bytes_ -= entries_.front().bytes;
    entries_.pop_front();
  }
}

int64_t Journal::fresh_bytes(const SessionState& state) {
  std::vector<const StorageImpl*> now;
  SessionState::for_each_tensor(state, [&](const Tensor& tensor) {
    if (tensor.defined()) now.push_back(tensor.impl()->storage.get());
  });
  std::sort(now.begin(), now.end());
  now.erase(std::unique(now.begin(), now.end()), now.end());
  int64_t bytes = static_cast<int64_t>(sizeof(Entry) + now.size() * 2 * sizeof(Tensor));
  for (const StorageImpl* storage : now) {
    if (std::binary_search(held_.begin(), held_.end(), storage)) continue;
    bytes += static_cast<int64_t>(storage->bytes());
  }
  held_ = std::move(now);
  return bytes;
}

void Journal::forget() {
  held_.clear();
  entries_.clear();
  bytes_ = 0;
}

void Journal::before_write(StorageImpl& storage) {
  Backend& backend = storage.backend();
  Storage copy(Runtime::current().pools().storages.make(backend, storage.bytes()));
  if (storage.bytes() > 0) backend.copy(storage.block(), copy->block(), storage.bytes());
  const int64_t bytes = static_cast<int64_t>(storage.bytes());
  entries_.back().changes.push_back(
      OldBytes{Storage(&storage), std::move(copy), storage.version(), storage.last_writer()});
  entries_.back().bytes += bytes;
  bytes_ += bytes;
}

void Journal::before_set_grad(GradSlot& slot) {
  if (slot.grad.defined()) {
    const auto bytes = static_cast<int64_t>(slot.grad.impl()->storage->bytes());
    entries_.back().bytes += bytes;
    bytes_ += bytes;
  }
  entries_.back().changes.push_back(OldGrad{IntrusivePtr<GradSlot>(&slot), slot.grad});
}

void Journal::before_set_history(const Tensor& tensor) {
  const TensorImpl& impl = *tensor.impl();
  OldHistory old{
      tensor,           impl.grad_fn, impl.output_nr, impl.history_version, impl.requires_grad,
      impl.retains_grad};
  if (impl.grad_fn) old.retained = impl.grad_fn->retained;
  entries_.back().changes.push_back(std::move(old));
}

void Journal::before_release(Node& node) {
  if (auto* op = dynamic_cast<OpNode*>(node.inner() ? node.inner() : &node)) {
    entries_.back().changes.push_back(OldSaved{NodePtr(op), op->saved()});
  }
}

bool Journal::undo(SessionState& state) {
  if (entries_.empty()) return false;
  struct Undo {
    void operator()(OldBytes& old) const {
      if (old.storage->bytes() > 0) {
        old.storage->backend().copy(old.copy->block(), old.storage->block(), old.storage->bytes());
      }
      old.storage->restore_version(old.version, old.writer);
    }
    void operator()(OldGrad& old) const { old.slot->grad = std::move(old.grad); }
    void operator()(OldHistory& old) const {
      TensorImpl& impl = *old.tensor.impl();
      impl.grad_fn = std::move(old.grad_fn);
      impl.output_nr = old.output_nr;
      impl.history_version = old.history_version;
      impl.requires_grad = old.requires_grad;
      impl.retains_grad = old.retains_grad;
      if (impl.grad_fn) impl.grad_fn->retained = std::move(old.retained);
    }
    void operator()(OldSaved& old) const {
      static_cast<OpNode&>(*old.node).restore_saved(std::move(old.saved));
    }
  };
  Entry& entry = entries_.back();
  for (size_t i = entry.changes.size(); i-- > 0;) std::visit(Undo{}, entry.changes[i]);
  state = std::move(entry.before);
  bytes_ -= entry.bytes;
  entries_.pop_back();
  return true;
}

}  // namespace gradus
