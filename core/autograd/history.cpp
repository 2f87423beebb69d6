#include "core/autograd/history.h"

#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
#include "core/op/functions.h"
#include "core/tensor/mutation_log.h"

namespace gradus {
namespace {

void set_grad_fn(const Tensor& tensor, NodePtr node, uint32_t output_nr) {
  if (MutationLog* log = context().mutation_log) log->before_set_history(tensor);
  TensorImpl& impl = *tensor.impl();
  if (impl.retains_grad && impl.grad_fn) {  // the gradient kept is that of the newest value
    const auto of_this = [&](const Node::Retained& kept) { return kept.slot == impl.grad_slot; };
    auto& old = impl.grad_fn->retained;
    for (size_t i = old.size(); i-- > 0;) {
      if (of_this(old[i])) old.erase(i);
    }
    node->retained.push_back({output_nr, impl.grad_slot});
  }
  impl.requires_grad = true;
  impl.grad_fn = std::move(node);
  impl.output_nr = output_nr;
  impl.history_version = impl.storage->version();
}

NodePtr view_node_of(const Tensor& base, DimsView sizes, DimsView strides, int64_t offset) {
  const Attrs attrs{AttrValue(Dims(sizes)), AttrValue(Dims(strides)), AttrValue(offset),
                    AttrValue(base.strides()), AttrValue(base.offset())};
  const auto node = make_node(ops::as_strided, {&base, 1}, {&base, 1}, attrs, base.device());
  // Of the outputs only the shape counts here.
  const Tensor shape = Tensor::empty(sizes, base.dtype(), kMeta);
  node->set_outputs({&shape, 1});
  return NodePtr(node.get());
}

}  // namespace

Edge gradient_edge(const Tensor& tensor) {
  if (!tensor.defined() || !tensor.requires_grad()) return {};
  TensorImpl& impl = *tensor.impl();
  if (tensor.grad_fn()) return {impl.grad_fn, impl.output_nr};
  if (!impl.grad_accumulator) return {NodePtr(new AccumulateGrad(tensor)), 0};
  return {NodePtr(impl.grad_accumulator), 0};
}

void note_maker(Node& node, std::string_view op, std::span<const Tensor> inputs) {
  if (!context().detect_anomaly) return;
  std::string text;
  for (const Tensor& input : inputs) {
    if (!text.empty()) text += ", ";
    text += input.defined() ? to_prose(input.sizes()) : "None";
  }
  node.hooks = std::make_unique<NodeHooks>();
  node.hooks->made_by = fmt::format(". It was made by {}({}), call {} of those recorded", op, text,
                                    node.sequence_nr());
}

IntrusivePtr<OpNode> make_node(const OpDef& op, std::span<const Tensor> inputs,
                               std::span<const Tensor> to_save, const Attrs& attrs, Device device) {
  IntrusivePtr<OpNode> node(new OpNode(op, inputs, to_save, attrs, device));
  node->set_sequence_nr(Runtime::current().take_sequence_nr());
  note_maker(*node, op.name(), inputs);
  return node;
}

void set_history(const IntrusivePtr<OpNode>& node, std::span<const Tensor> outputs, bool written) {
  node->set_outputs(outputs);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    if (!is_floating_point(output.dtype())) continue;
    const Tensor base = written ? output.base() : Tensor();
    if (!base.defined()) {
      set_grad_fn(output, NodePtr(node.get()), static_cast<uint32_t>(i));
      continue;
    }
    NodePtr rebased(new CopySlices(base, output, node));
    rebased->set_sequence_nr(Runtime::current().take_sequence_nr());
    note_maker(*rebased, std::string(node->op().name()) + "_", {&output, 1});
    set_grad_fn(base, std::move(rebased), 0);
    set_grad_fn(output, view_node_of(base, output.sizes(), output.strides(), output.offset()), 0);
  }
}

void set_history(NodePtr node, const Tensor& output, uint32_t output_nr) {
  set_grad_fn(output, std::move(node), output_nr);
}

Tensor with_input_history(const Tensor& saved, const Edge& edge) {
  if (!edge.node) return saved;
  if (const auto* leaf = dynamic_cast<const AccumulateGrad*>(edge.node.get())) {
    // Itself, unless it was converted on the way or copied before it was overwritten.
    const Tensor& variable = leaf->variable();
    if (variable.meta() == saved.meta() && variable.shares_storage(saved)) return variable;
  }
  return saved.with_history(edge.node, edge.input_nr);
}

void fail_second_backward(const std::string& node, std::string_view op) {
  fail(node,
       "Trying to backward through the graph a second time: what {} saved was freed by the first "
       "backward. Pass retain_graph=true to the first backward if you need a second.",
       op);
}

void Tensor::refresh_history() const {
  const Tensor base(impl_->base);
  if (!base.requires_grad() || !is_floating_point(dtype())) return;
  if (impl_->history_version == version()) return;
  if (context().grad_enabled && (impl_->view_origin == ViewOrigin::no_grad ||
                                 impl_->view_origin == ViewOrigin::multi_output)) {
    fail("view", "{}",
         impl_->view_origin == ViewOrigin::no_grad
             ? "this view was made under no_grad, and what it is a view of has been "
               "overwritten since: should gradients go through it or not? Make the view anew"
             : "this is one of several views that were made at once, and what they are views "
               "of has been overwritten since: make them anew");
  }
  set_grad_fn(*this, view_node_of(base, sizes(), strides(), offset()), 0);
}

void check_in_place(const char* op, const Tensor& target, bool records) {
  if (!context().grad_enabled) return;
  if (target.is_leaf() && target.requires_grad() && target.impl()->requires_grad) {
    fail(op,
         "{}_() would overwrite a leaf that requires grad, and with it the value its gradient "
         "belongs to. Do it under no_grad, as optimisers do.",
         op);
  }
  const Tensor base = target.base();
  if (base.defined() && base.is_leaf() && base.requires_grad()) {
    fail(op,
         "{}_() on a view of a leaf that requires grad would overwrite the value its gradient "
         "belongs to. Do it under no_grad, as optimisers do.",
         op);
  }
  if (!records) return;
  if (target.impl()->view_origin == ViewOrigin::no_grad) {
    fail(op,
         "{}_() on a view that was made under no_grad: should gradients go through it or not? Make "
         "both under no_grad, or both outside of it.",
         op);
  }
  if (target.impl()->view_origin == ViewOrigin::multi_output) {
    fail(op,
         "{}_() on one of several views that {} made at once: their gradients cannot be told apart "
         "then. Use the op that returns a new tensor.",
         op, target.grad_fn() ? target.grad_fn()->name() : "an op");
  }
}

void retain_grad(const Tensor& tensor) {
  if (!tensor.requires_grad()) {
    fail("retain_grad", "this tensor does not require grad, so backward brings it nothing to keep");
  }
  if (tensor.is_leaf() || tensor.retains_grad()) return;
  if (MutationLog* log = context().mutation_log) log->before_set_history(tensor);
  tensor.impl()->retains_grad = true;
  tensor.grad_slot();
  tensor.grad_fn()->retained.push_back({tensor.output_nr(), tensor.impl()->grad_slot});
}

Tensor take_layout(const char* op, const Tensor& x, const Tensor& view) {
  const bool records = static_cast<bool>(view.impl()->grad_fn);
  check_in_place(op, x, records);
  if (records && x.base().defined()) {
    fail(op,
         "{}_() on a view of a tensor that requires grad is not supported: use {}(), which gives "
         "another view",
         op, op);
  }
  x.impl()->set_layout(view.sizes(), view.strides(), view.offset());
  x.impl()->storage->bump_version(op);
  if (records) set_history(view.impl()->grad_fn, x, view.output_nr());
  return x;
}

// --- CopySlices ---

CopySlices::CopySlices(const Tensor& base, const Tensor& view, IntrusivePtr<OpNode> inner)
    : base_{base.sizes(), base.strides()},
      view_{view.sizes(), view.strides(), view.offset() - base.offset()},
      inner_(std::move(inner)) {
  inner_->within_ = this;
  next_functions_.push_back(gradient_edge(base));
  for (size_t i = 1; i < inner_->next_functions().size(); ++i) {
    next_functions_.push_back(inner_->next_functions()[i]);
  }
  output_metas_.push_back(base.meta());
  device_ = base.device();
}

CopySlices::~CopySlices() {
  if (inner_) inner_->within_ = nullptr;
}

const std::string& CopySlices::name() const {
  static const std::string name = "CopySlices";
  return name;
}

NodePtr CopySlices::view_node() {
  const Tensor base = Tensor::empty(base_.sizes, output_metas_[0].dtype, kMeta)
                          .as_strided(base_.sizes, base_.strides, 0)
                          .with_history(NodePtr(this), 0);
  return view_node_of(base, view_.sizes, view_.strides, view_.offset);
}

Tensors CopySlices::apply(std::span<const Tensor> grads) {
  const DType dtype = output_metas_[0].dtype;
  int64_t reach = 1;
  for (size_t d = 0; d < base_.sizes.size(); ++d) {
    reach += (base_.sizes[d] - 1) * base_.strides[d];
  }
  if (numel(base_.sizes) == 0) reach = 0;
  // The base's gradient in the base's own layout, so that the view's part can be pointed at.
  const Tensor memory = zeros(Dims{reach}, dtype, device_);
  const Tensor whole = as_strided(memory, base_.sizes, base_.strides, 0);
  copy_(whole, grads[0]);
  const Tensor part = as_strided(memory, view_.sizes, view_.strides, view_.offset);
  const Tensor upstream = clone(part);
  Tensors inner_grads = inner_->apply({&upstream, 1});
  if (inner_grads[0].defined()) {
    copy_(part, inner_grads[0]);
  } else {
    zero_(part);
  }
  inner_grads[0] =
      next_functions_[0].node ? as_strided(memory, base_.sizes, base_.strides, 0) : Tensor();
  return inner_grads;
}

NodePtr CopySlices::copy(GraphCopier& copier) const {
  CopySlices* node = new CopySlices();
  NodePtr result(node);
  node->base_ = base_;
  node->view_ = view_;
  const NodePtr inner = copier.copy(NodePtr(inner_.get()));
  node->inner_ = IntrusivePtr<OpNode>(static_cast<OpNode*>(inner.get()));
  node->inner_->within_ = node;
  return result;
}

}  // namespace gradus
