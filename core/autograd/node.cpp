#include "core/autograd/node.h"

#include <algorithm>

#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
#include "core/autograd/history.h"
#include "core/op/functions.h"
#include "core/tensor/mutation_log.h"
#include "core/tensor/pools.h"

namespace gradus {

// A graph may be as deep as a training loop is long, so nodes are freed with an explicit stack:
// the edges of a dying node are taken from it first, which keeps the nodes behind them alive until
// their turn.
void destroy_pooled(Node* node) {
  InlineVector<Node*, 16> dying;
  dying.push_back(node);
  while (!dying.empty()) {
    Node* next = dying.back();
    dying.pop_back();
    InlineVector<Edge, 3> edges = std::move(next->next_functions_);
    delete next;
    for (Edge& edge : edges) {
      Node* behind = edge.node.release();
      if (behind && behind->drop_ref()) dying.push_back(behind);
    }
  }
}

std::string Node::describe_input(size_t i) const { return fmt::format("input {}", i); }

namespace {

// A hook's answer, which must fit what it replaces.
void replace(const char* where, Tensor& grad, Tensor answer) {
  if (!answer.defined()) return;
  if (answer.meta() != grad.meta()) {
    fail(where, "a hook returned a {} gradient of shape {} for one that is {} of shape {}",
         to_string(answer.dtype()), to_prose(answer.sizes()), to_string(grad.dtype()),
         to_prose(grad.sizes()));
  }
  grad = std::move(answer);
}

}  // namespace

void Node::run_hooks_before(std::span<Tensor> grads_in) {
  if (!hooks) return;
  // Copies: a hook may take itself away, or add another.
  for (const auto& [output_nr, hook] : std::vector(hooks->outputs)) {
    Tensor& grad = grads_in[output_nr];
    if (const TensorHook call = *hook; call && grad.defined()) {
      replace("register_hook", grad, call(grad));
    }
  }
  for (const auto& hook : std::vector(hooks->before)) {
    if (const NodePreHook call = *hook) call(grads_in);
  }
  for (size_t i = 0; i < grads_in.size(); ++i) {
    if (!grads_in[i].defined() && is_floating_point(output_metas_[i].dtype)) {
      fail(name(), "a hook has taken its gradient away: give zeros instead");
    }
  }
}

void Node::run_hooks_after(std::span<const Tensor> grads_in, std::span<Tensor> grads_out) {
  if (!hooks) return;
  for (const auto& hook : std::vector(hooks->after)) {
    if (const NodeHook call = *hook) call(grads_in, grads_out);
  }
}

void AccumulateGrad::run_hooks_before(std::span<Tensor> grads_in) {
  if (const TensorHooks* own = variable_.impl()->hooks.get()) {
    for (const auto& hook : std::vector(own->all)) {
      if (const TensorHook call = *hook) replace("register_hook", grads_in[0], call(grads_in[0]));
    }
  }
  Node::run_hooks_before(grads_in);
}

std::string OpNode::describe_input(size_t i) const {
  return fmt::format("input {} ({}, {}) of {}()", i, op_->input(i).name,
                     to_prose(input_metas_[i].sizes), op_->name());
}

OpNode::OpNode(const OpDef& op, std::span<const Tensor> inputs, std::span<const Tensor> to_save,
               const Attrs& attrs, Device device)
    : op_(&op), attrs_(attrs) {
  device_ = device;
  uint16_t kept = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    next_functions_.push_back(gradient_edge(inputs[i]));
    input_metas_.push_back(inputs[i].defined() ? inputs[i].meta() : TensorMeta{});
    if (next_functions_.back().node) kept |= op.saves_for(i).inputs;
    const bool cut = !next_functions_.back().node && inputs[i].defined() &&
                     inputs[i].impl()->untracked != Untracked::plain;
    if (cut && cut_.input < 0) cut_ = {static_cast<int>(i), inputs[i].impl()->untracked};
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool keeps = i < 16 && ((kept >> i) & 1) && inputs[i].defined();
    saved_.inputs.push_back(keeps ? SavedTensor{to_save[i].detach(), to_save[i].version()}
                                  : SavedTensor{});
  }
}

void OpNode::set_outputs(std::span<const Tensor> outputs) {
  uint16_t kept = 0;
  for (size_t i = 0; i < next_functions_.size(); ++i) {
    if (next_functions_[i].node) kept |= op_->saves_for(i).outputs;
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const bool keeps = i < 16 && ((kept >> i) & 1);
    saved_.outputs.push_back(keeps ? SavedTensor{outputs[i].detach(), outputs[i].version()}
                                   : SavedTensor{});
    output_metas_.push_back(outputs[i].meta());
  }
}

namespace {

// The op that wrote last as people call it: "add_()".
std::string written_by(const StorageImpl& storage) {
  const OpDef* op = find_op(storage.last_writer());
  return fmt::format("{}{}()", storage.last_writer(), op && op->has_inplace ? "_" : "");
}

}  // namespace

Tensor OpNode::unpack(const SavedTensor& saved, const char* what, size_t index) const {
  if (!saved.tensor.defined()) return {};
  const StorageImpl& storage = *saved.tensor.impl()->storage;
  if (storage.version() != saved.version) {
    fail(name(),
         "backward needs {} {} of {} ({}, shape {}) as it was, but {} has overwritten it in "
         "place since: it is at version {}, expected {}. Use the op that returns a new tensor, or "
         "clone() first.",
         what, index, op_->name(), to_string(saved.tensor.dtype()), to_prose(saved.tensor.sizes()),
         written_by(storage), storage.version(), saved.version);
  }
  return saved.tensor;
}

// In create_graph, what was saved gets its history back: an input's is where its gradient goes.
Tensor OpNode::saved_input(size_t i) {
  Tensor input = unpack(saved_.inputs[i], "input", i);
  if (!input.defined() || !context().grad_enabled) return input;
  return with_input_history(input, next_functions_[i]);
}

Tensor OpNode::saved_output(size_t i) {
  Tensor output = unpack(saved_.outputs[i], "output", i);
  if (!output.defined() || !context().grad_enabled || !is_floating_point(output.dtype())) {
    return output;
  }
  if (within_) return output.with_history(within_->view_node(), 0);
  return output.with_history(NodePtr(this), static_cast<uint32_t>(i));
}

bool BackwardCall::needs_grad(size_t i) const { return static_cast<bool>(edges[i].node); }

Tensors OpNode::apply(std::span<const Tensor> grads) {
  if (saved_.released) {
    fail_second_backward(name(), op_->name());
  }
  Tensors inputs;
  Tensors outputs;
  for (size_t i = 0; i < saved_.inputs.size(); ++i) inputs.push_back(saved_input(i));
  for (size_t i = 0; i < saved_.outputs.size(); ++i) outputs.push_back(saved_output(i));
  return op_->backward({grads, inputs, outputs, input_metas_, attrs_, next_functions_});
}

void OpNode::release_saved() {
  if (MutationLog* log = context().mutation_log) log->before_release(*this);
  // A node that has saved nothing can run again, as in PyTorch.
  const auto kept = [](const SavedTensor& saved) { return saved.tensor.defined(); };
  const bool released = saved_.released || std::ranges::any_of(saved_.inputs, kept) ||
                        std::ranges::any_of(saved_.outputs, kept);
  if (!released) return;
  saved_ = Saved{};
  saved_.released = true;
}

NodePtr OpNode::copy(GraphCopier& copier) const {
  OpNode* node = new OpNode(*op_);
  NodePtr result(node);
  node->attrs_ = attrs_;
  node->input_metas_ = input_metas_;
  node->saved_.released = saved_.released;
  for (const SavedTensor& saved : saved_.inputs) {
    node->saved_.inputs.push_back({copier.copy(saved.tensor), saved.version});
  }
  for (const SavedTensor& saved : saved_.outputs) {
    node->saved_.outputs.push_back({copier.copy(saved.tensor), saved.version});
  }
  return result;
}

AccumulateGrad::AccumulateGrad(Tensor variable) : variable_(std::move(variable)) {
  output_metas_.push_back(variable_.meta());
  sequence_nr_ = UINT64_MAX;  // leaves are served as soon as they can be
  device_ = variable_.device();
  variable_.impl()->grad_accumulator = this;
}

AccumulateGrad::~AccumulateGrad() {
  if (variable_.impl()->grad_accumulator == this) variable_.impl()->grad_accumulator = nullptr;
}

const std::string& AccumulateGrad::name() const {
  static const std::string name = "AccumulateGrad";
  return name;
}

Tensors AccumulateGrad::apply(std::span<const Tensor> grads) {
  const Tensor& grad = grads[0];
  if (!grad.defined()) return {};
  const Tensor held = variable_.grad();
  if (held.defined()) {
    if (context().grad_enabled) {
      variable_.set_grad(held + grad);
    } else {
      add_(held, grad);
    }
    return {};
  }
  // The first gradient is kept as it is where nobody else can see it, else copied.
  const bool ours = grad.impl()->use_count() == 1 && grad.impl()->storage->use_count() == 1 &&
                    grad.is_contiguous();
  variable_.set_grad(ours ? grad : clone(grad));
  return {};
}

NodePtr AccumulateGrad::copy(GraphCopier& copier) const {
  const Tensor variable = copier.copy(variable_);
  if (variable.impl()->grad_accumulator) return NodePtr(variable.impl()->grad_accumulator);
  return NodePtr(new AccumulateGrad(variable));
}

}  // namespace gradus
