#include "core/autograd/backward_task.h"

#include <algorithm>
#include <cmath>

#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
#include "core/autograd/history.h"
#include "core/op/functions.h"

namespace gradus {

BackwardTask::BackwardTask(const Tensor& root, Tensor gradient, bool retain_graph) {
  start(root, std::move(gradient), retain_graph);
}

namespace {

// `gradient`, checked, or the one that is made up.
Tensor gradient_for(const Tensor& root, Tensor gradient) {
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
    fail("backward", "the gradient is {} {}, the tensor {} {}: give it that dtype and shape",
         to_string(gradient.dtype()), to_prose(gradient.sizes()), to_string(root.dtype()),
         to_prose(root.sizes()));
  }
  if (gradient.device() != root.device()) {
    fail("backward", "the gradient is on {}, the tensor on {}: move one of them with to()",
         to_string(gradient.device()), to_string(root.device()));
  }
  return gradient;
}

// Whether summing over what broadcasting may have added leads from one shape to the other.
bool reduces_to(DimsView from, DimsView to) {
  if (from.size() < to.size()) return false;
  for (size_t i = 0; i < to.size(); ++i) {
    const int64_t size = from[from.size() - to.size() + i];
    if (to[i] != size && to[i] != 1) return false;
  }
  return true;
}

bool has_nan(const Tensor& tensor) {
  if (!tensor.defined() || !is_floating_point(tensor.dtype())) return false;
  const std::vector<double> values = tensor.to_vector<double>();
  return std::ranges::any_of(values, [](double x) { return std::isnan(x); });
}

// In anomaly mode: says which node first made a nan.
void check_for_nan(const Node& node, std::span<const Tensor> grads) {
  for (size_t i = 0; i < grads.size(); ++i) {
    if (!has_nan(grads[i])) continue;
    fail(node.name(), "returned nan values in its {}. output: the gradient of {}{}", i + 1,
         node.describe_input(i), node.hooks ? node.hooks->made_by : "");
  }
}

}  // namespace

void BackwardTask::clear(BackwardOptions options) {
  options_ = options;
  pending_.clear();
  ready_.clear();
  captures_.clear();
  std::fill(table_.begin(), table_.end(), -1);
}

void BackwardTask::start(const Tensor& root, Tensor gradient, bool retain_graph) {
  start({&root, 1}, {&gradient, 1}, {.retain_graph = retain_graph});
}

void BackwardTask::start(std::span<const Tensor> roots, std::span<const Tensor> gradients,
                         BackwardOptions options, std::span<const Tensor> inputs) {
  if (!gradients.empty() && gradients.size() != roots.size()) {
    fail("backward", "{} tensors need as many gradients, got {}", roots.size(), gradients.size());
  }
  clear(options);
  for (size_t i = 0; i < roots.size(); ++i) {
    Tensor gradient = gradient_for(roots[i], gradients.empty() ? Tensor() : gradients[i]);
    const Edge edge = gradient_edge(roots[i]);
    const auto index = static_cast<size_t>(index_of(edge.node.get()));
    Tensor& held = pending_[index].grads[edge.input_nr];
    held = held.defined() ? held + gradient : std::move(gradient);
  }
  const size_t root_count = pending_.size();
  find_reachable();
  if (!inputs.empty()) find_what_leads_to(inputs);
  for (const Pending& pending : pending_) {  // how many gradients each will receive
    if (!pending.runs) continue;
    for (const Edge& edge : pending.node->next_functions()) {
      if (edge.node) ++pending_[static_cast<size_t>(index_of(edge.node.get()))].waiting;
    }
  }
  for (size_t i = 0; i < root_count; ++i) {
    if (pending_[i].waiting == 0 && pending_[i].receives) push_ready(static_cast<int32_t>(i));
  }
}

void BackwardTask::find_reachable() {
  for (size_t i = 0; i < pending_.size(); ++i) {
    const NodePtr node = pending_[i].node;
    for (const Edge& edge : node->next_functions()) {
      if (edge.node) index_of(edge.node.get());
    }
  }
}

void BackwardTask::find_what_leads_to(std::span<const Tensor> inputs) {
  const size_t reachable = pending_.size();
  std::vector<char> wanted(reachable, 0);
  for (const Tensor& input : inputs) {
    if (!input.requires_grad()) {
      fail("grad", "one of the inputs (shape {}) does not require grad", to_prose(input.sizes()));
    }
    const Edge edge = gradient_edge(input);
    const int32_t index = index_of(edge.node.get());
    const bool reached = static_cast<size_t>(index) < reachable;
    captures_.push_back({reached ? index : -1, edge.input_nr, {}});
    if (reached) wanted[static_cast<size_t>(index)] = 1;
  }
  pending_.resize(reachable);
  table_.clear();
  grow_table(reachable + 1);
  // A node comes after all that its edges lead to.
  std::vector<int32_t> order(reachable);
  for (size_t i = 0; i < reachable; ++i) order[i] = static_cast<int32_t>(i);
  const auto number = [this](int32_t i) {  // leaves, whose number is the largest, first
    return pending_[static_cast<size_t>(i)].node->sequence_nr() + 1;
  };
  std::ranges::sort(order, {}, number);
  for (int32_t i : order) {
    Pending& pending = pending_[static_cast<size_t>(i)];
    pending.runs = false;
    pending.receives = wanted[static_cast<size_t>(i)] != 0;
    for (const Edge& edge : pending.node->next_functions()) {
      if (!edge.node) continue;
      const auto next = static_cast<size_t>(index_of(edge.node.get()));
      pending.runs = pending.runs || pending_[next].runs || wanted[next];
    }
    pending.receives = pending.receives || pending.runs;
  }
}

BackwardTask::Step BackwardTask::step() {
  const auto before = [this](int32_t a, int32_t b) {
    return pending_[static_cast<size_t>(a)].node->sequence_nr() <
           pending_[static_cast<size_t>(b)].node->sequence_nr();
  };
  const ScopedValue<bool> records(context().grad_enabled, options_.create_graph);
  const size_t index = static_cast<size_t>(ready_.front());
  Step step;
  step.node = pending_[index].node;
  Node& node = *step.node;
  // Where nothing arrives at all, nothing is sent on.
  const bool arrived =
      std::ranges::any_of(pending_[index].grads, [](const Tensor& grad) { return grad.defined(); });
  for (size_t i = 0; i < node.output_metas().size(); ++i) {
    Tensor& grad = pending_[index].grads[i];
    if (!grad.defined() && !is_floating_point(node.output_metas()[i].dtype)) {
      step.grads_in.push_back({});
      continue;
    }
    if (!grad.defined() && arrived) {
      const TensorMeta& meta = node.output_metas()[i];
      grad = full(meta.sizes, 0.0, meta.dtype, node.device());
    }
    step.grads_in.push_back(std::move(grad));
  }
  if (!arrived) step.grads_out = Tensors(node.next_functions().size(), Tensor());
  bool ran = !arrived && pending_[index].runs;
  const bool is_leaf = node.next_functions().empty();
  Tensor own;  // a leaf sees that the gradient is its own
  if (arrived) try {
      node.run_hooks_before({step.grads_in.begin(), step.grads_in.size()});
      for (Capture& capture : captures_) {
        if (capture.index == static_cast<int32_t>(index)) {
          capture.grad = step.grads_in[capture.output_nr];
        }
      }
      if (pending_[index].runs) {
        if (is_leaf) {
          own = std::move(step.grads_in[0]);
          step.grads_in.clear();
        }
        step.grads_out = node.apply(is_leaf ? std::span<const Tensor>(&own, 1)
                                            : std::span<const Tensor>(step.grads_in));
        ran = true;
        if (context().detect_anomaly) check_for_nan(node, step.grads_out);
        node.run_hooks_after(step.grads_in, {step.grads_out.begin(), step.grads_out.size()});
        for (const Node::Retained& retained : node.retained) {
          const Tensor& grad = step.grads_in[retained.output_nr];
          const Tensor& held = retained.slot->grad;
          set_grad_in(*retained.slot, held.defined() ? held + grad : clone(grad));
        }
      }
    } catch (...) {  // the gradients stay where they were
      if (own.defined()) step.grads_in.push_back(std::move(own));
      for (size_t i = 0; i < step.grads_in.size(); ++i) {
        pending_[index].grads[i] = std::move(step.grads_in[i]);
      }
      throw;
    }
  if (own.defined()) step.grads_in.push_back(std::move(own));

  // From here on the step has happened.
  std::pop_heap(ready_.begin(), ready_.end(), before);
  ready_.pop_back();
  pending_[index].grads.clear();
  if (!ran) return step;
  if (!options_.retain_graph) node.release_saved();
  for (size_t i = 0; i < node.next_functions().size(); ++i) {
    const Edge& edge = node.next_functions()[i];
    if (!edge.node) continue;
    const size_t to = static_cast<size_t>(index_of(edge.node.get()));
    if (!pending_[to].receives) continue;
    Tensor& grad = step.grads_out[i];
    if (grad.defined()) {
      const TensorMeta& meta = edge.node->output_metas()[edge.input_nr];
      if (!reduces_to(grad.sizes(), meta.sizes)) {
        fail(node.name(), "returned a gradient of shape {} for {}, whose shape is {}",
             to_prose(grad.sizes()), node.describe_input(i), to_prose(meta.sizes));
      }
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
  result.options_ = options_;
  result.ready_ = ready_;
  for (const Pending& pending : pending_) {
    Pending& copy = result.pending_.emplace_back();
    copy.node = copier.copy(pending.node);
    copy.waiting = pending.waiting;
    copy.runs = pending.runs;
    copy.receives = pending.receives;
    for (const Tensor& grad : pending.grads) copy.grads.push_back(copier.copy(grad));
  }
  for (const Capture& capture : captures_) {
    result.captures_.push_back({capture.index, capture.output_nr, copier.copy(capture.grad)});
  }
  result.grow_table(result.pending_.size());
  return result;
}

void backward(const Tensor& root, Tensor gradient, bool retain_graph, bool create_graph) {
  backward({&root, 1}, {&gradient, 1}, {retain_graph || create_graph, create_graph});
}

void backward(std::span<const Tensor> roots, std::span<const Tensor> gradients,
              BackwardOptions options) {
  BackwardTask task;
  task.start(roots, gradients, options);
  while (!task.done()) task.step();
}

std::vector<Tensor> grad(std::span<const Tensor> outputs, std::span<const Tensor> inputs,
                         std::span<const Tensor> gradients, BackwardOptions options,
                         bool allow_unused) {
  if (inputs.empty()) fail("grad", "needs at least one input to find the gradient of");
  BackwardTask task;
  options.retain_graph = options.retain_graph || options.create_graph;
  task.start(outputs, gradients, options, inputs);
  while (!task.done()) task.step();
  std::vector<Tensor> grads;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!task.captured(i).defined() && !allow_unused) {
      fail("grad",
           "input {} (shape {}) was not used to compute the output: nothing leads from one to the "
           "other. Pass allow_unused=true to get None for it.",
           i, to_prose(inputs[i].sizes()));
    }
    grads.push_back(task.captured(i));
  }
  return grads;
}

Tensor grad(const Tensor& output, const Tensor& input, Tensor gradient, BackwardOptions options) {
  return grad({&output, 1}, {&input, 1}, {&gradient, 1}, options)[0];
}

}  // namespace gradus
