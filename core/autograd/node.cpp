#include "core/autograd/node.h"

#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
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

OpNode::OpNode(const OpDef& op, std::span<const Tensor> inputs, std::span<const Tensor> to_save,
               std::span<const Tensor> outputs, const Attrs& attrs, uint32_t needs)
    : op_(&op), attrs_(attrs), needs_(needs) {
  Saves saves;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool wanted = (needs >> i) & 1;
    next_functions_.push_back(wanted ? gradient_edge(inputs[i]) : Edge{});
    input_metas_.push_back(inputs[i].defined() ? inputs[i].meta() : TensorMeta{});
    if (wanted) {
      saves.inputs |= op.saves[i].inputs;
      saves.outputs |= op.saves[i].outputs;
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool kept = (saves.inputs >> i) & 1 && inputs[i].defined();
    saved_.inputs.push_back(kept ? SavedTensor{to_save[i].saved_alias(), to_save[i].version()}
                                 : SavedTensor{});
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const bool kept = (saves.outputs >> i) & 1;
    saved_.outputs.push_back(kept ? SavedTensor{outputs[i].saved_alias(), outputs[i].version()}
                                  : SavedTensor{});
    output_metas_.push_back(outputs[i].meta());
  }
  device_ = outputs[0].device();
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

Tensors OpNode::apply(std::span<const Tensor> grads) {
  if (saved_.released) {
    fail(name(),
         "Trying to backward through the graph a second time: what {} saved was freed by the first "
         "backward. Pass retain_graph=true to the first backward if you need a second.",
         op_->name());
  }
  Tensors inputs;
  Tensors outputs;
  for (size_t i = 0; i < saved_.inputs.size(); ++i) {
    inputs.push_back(unpack(saved_.inputs[i], "input", i));
  }
  for (size_t i = 0; i < saved_.outputs.size(); ++i) {
    Tensor output = unpack(saved_.outputs[i], "output", i);
    if (output.defined() && context().grad_enabled) {  // create_graph: the alias gets its history
      output = output.detach();
      output.impl()->requires_grad = true;
      output.impl()->grad_fn = NodePtr(this);
      output.impl()->output_nr = static_cast<uint32_t>(i);
    }
    outputs.push_back(std::move(output));
  }
  return op_->backward({grads, inputs, outputs, input_metas_, attrs_, needs_});
}

void OpNode::release_saved() {
  if (MutationLog* log = context().mutation_log) log->before_release(*this);
  saved_ = Saved{};
  saved_.released = true;
}

NodePtr OpNode::copy(GraphCopier& copier) const {
  OpNode* node = new OpNode(*op_);
  NodePtr result(node);
  node->attrs_ = attrs_;
  node->needs_ = needs_;
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
  variable_.set_grad(ours || context().grad_enabled ? grad : clone(grad));
  return {};
}

NodePtr AccumulateGrad::copy(GraphCopier& copier) const {
  const Tensor variable = copier.copy(variable_);
  if (variable.impl()->grad_accumulator) return NodePtr(variable.impl()->grad_accumulator);
  return NodePtr(new AccumulateGrad(variable));
}

Edge gradient_edge(const Tensor& tensor) {
  if (!tensor.defined() || !tensor.requires_grad()) return {};
  TensorImpl& impl = *tensor.impl();
  if (impl.grad_fn) return {impl.grad_fn, impl.output_nr};
  if (!impl.grad_accumulator) return {NodePtr(new AccumulateGrad(tensor)), 0};
  return {NodePtr(impl.grad_accumulator), 0};
}

void record(const OpDef& op, std::span<const Tensor> inputs, std::span<const Tensor> to_save,
            std::span<const Tensor> outputs, const Attrs& attrs, uint32_t needs) {
  NodePtr node(new OpNode(op, inputs, to_save, outputs, attrs, needs));
  node->set_sequence_nr(Runtime::current().take_sequence_nr());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!is_floating_point(outputs[i].dtype())) continue;
    if (MutationLog* log = context().mutation_log) log->before_set_history(outputs[i]);
    TensorImpl& impl = *outputs[i].impl();
    impl.requires_grad = true;
    impl.grad_fn = node;
    impl.output_nr = static_cast<uint32_t>(i);
  }
}

void retain_grad(const Tensor& tensor) {
  if (!tensor.requires_grad()) {
    fail("retain_grad", "this tensor does not require grad, so backward brings it nothing to keep");
  }
  if (tensor.is_leaf() || tensor.retains_grad()) return;
  tensor.impl()->retains_grad = true;
  tensor.grad_slot();
  tensor.grad_fn()->retained.push_back({tensor.output_nr(), tensor.impl()->grad_slot});
}

}  // namespace gradus
