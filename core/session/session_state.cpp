#include "core/session/session_state.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "core/autograd/graph_copier.h"

namespace gradus {
namespace {

bool same_tensor(const Tensor& a, const Tensor& b, bool with_version) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  if (a.meta() != b.meta() || (with_version && a.version() != b.version())) return false;
  if (a.dtype() == DType::float32) {
    const std::vector<float> x = a.to_vector<float>();
    const std::vector<float> y = b.to_vector<float>();
    return x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
  }
  return a.to_vector<double>() == b.to_vector<double>();
}

}  // namespace

SessionState SessionState::deep_copy(std::optional<Device> device) const {
  GraphCopier copier(device);
  SessionState copy = *this;
  for_each_tensor(copy, [&](Tensor& tensor) { tensor = copier.copy(tensor); });
  if (last_gradient.node) copy.last_gradient.node = copier.copy(last_gradient.node);
  copy.backward = backward.deep_copy(copier);
  return copy;
}

bool same_course(const NetGraph& a, const NetGraph& b) {
  return a.wires() == b.wires() && a.training.loop == b.training.loop &&
         a.training.batch_size == b.training.batch_size &&
         a.training.dataset == b.training.dataset &&
         std::ranges::equal(a.nodes(), b.nodes(), [](const NetNode& x, const NetNode& y) {
           return x.id == y.id && x.type == y.type && x.attrs == y.attrs;
         });
}

bool same_names(const NetGraph& a, const NetGraph& b) {
  return std::ranges::equal(a.nodes(), b.nodes(), {}, &NetNode::name, &NetNode::name);
}

bool leads_to(const SessionState& a, const SessionState& b) {
  const int64_t step = a.cursor.step;
  if (a.origin != b.origin || step > b.cursor.step) return false;
  const auto before = [&](const SessionState& s, int64_t end) {
    return std::span(s.changes).first(static_cast<size_t>(
        std::count_if(s.changes.begin(), s.changes.end(),
                      [&](const HyperChange& change) { return change.step < end; })));
  };
  if (!std::ranges::equal(before(a, step), before(b, step))) return false;
  // A change just here may have come, or have been replaced, after `a` was kept; not been undone.
  return before(a, step + 1).size() <= before(b, step + 1).size();
}

bool same_bits(const SessionState& a, const SessionState& b) {
  if (!(a.cursor == b.cursor && a.hyper == b.hyper && a.changes == b.changes &&
        a.generator == b.generator && a.shuffle_seed == b.shuffle_seed && a.metrics == b.metrics &&
        a.backward_started == b.backward_started && a.backward.done() == b.backward.done() &&
        a.parameters.size() == b.parameters.size() && a.values.size() == b.values.size())) {
    return false;
  }
  if (!same_tensor(a.correct, b.correct, true)) return false;
  for (size_t i = 0; i < a.parameters.size(); ++i) {
    if (!same_tensor(a.parameters[i], b.parameters[i], true)) return false;
    if (!same_tensor(a.parameters[i].grad(), b.parameters[i].grad(), false)) return false;
    if (a.optimizer[i].updates != b.optimizer[i].updates) return false;
    if (!same_tensor(a.optimizer[i].momentum_buffer, b.optimizer[i].momentum_buffer, true)) {
      return false;
    }
  }
  for (size_t i = 0; i < a.values.size(); ++i) {
    // A full-speed run drops values early; those that both still have must agree.
    if (!a.values[i].defined() || !b.values[i].defined()) continue;
    if (!same_tensor(a.values[i], b.values[i], true)) return false;
  }
  return true;
}

}  // namespace gradus
