// What forward records for backward: a graph of Nodes, under PyTorch's names. A node stands for one
// op that ran; its edges (`next_functions`) lead to the nodes that made the op's inputs, or to the
// AccumulateGrad of a leaf.
//
// Invariants: edges point from later to earlier sequence numbers, so the graph has no cycle; a node
// holds what it saved as aliases without history, so there is no cycle through tensors either.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "core/autograd/hooks.h"
#include "core/op/op_def.h"

namespace gradus {

struct Edge {
  NodePtr node;           // null: that input wants no gradient
  uint32_t input_nr = 0;  // which output of the op behind `node` the gradient belongs to
};

class GraphCopier;

class Node : public Pooled<Node> {
 public:
  virtual ~Node() = default;

  virtual const std::string& name() const = 0;  // "AddmmBackward0"
  // From the gradients of the op's outputs to those of its inputs, one per edge; undefined where
  // no gradient is wanted.
  virtual Tensors apply(std::span<const Tensor> grads) = 0;
  // Frees what was saved for backward; a second apply() then throws.
  virtual void release_saved() {}
  virtual bool released() const { return false; }
  // The same node over copied tensors; the copier sets edges and numbers.
  virtual NodePtr copy(GraphCopier& copier) const = 0;
  // "input 1 (b, 2×3) of mul()", for messages.
  virtual std::string describe_input(size_t i) const;
  virtual void run_hooks_before(std::span<Tensor> grads_in);
  void run_hooks_after(std::span<const Tensor> grads_in, std::span<Tensor> grads_out);
  // A node that this one runs as part of itself; null as a rule.
  virtual Node* inner() const { return nullptr; }

  const InlineVector<Edge, 3>& next_functions() const { return next_functions_; }
  // Later ops have larger numbers; backward takes the largest that is ready.
  uint64_t sequence_nr() const { return sequence_nr_; }
  void set_sequence_nr(uint64_t sequence_nr) { sequence_nr_ = sequence_nr; }
  // Shapes and dtypes of the op's outputs, hence of the gradients that arrive.
  const InlineVector<TensorMeta, 1>& output_metas() const { return output_metas_; }
  Device device() const { return device_; }

  // Which call of a plan made this node; -1 outside plans. Set by the session.
  int32_t call_index = -1;

  std::unique_ptr<NodeHooks> hooks;  // null where there are none

  // The slots of outputs on which retain_grad() was called.
  struct Retained {
    uint32_t output_nr;
    IntrusivePtr<GradSlot> slot;
  };
  InlineVector<Retained, 1> retained;

 protected:
  friend class GraphCopier;
  friend void destroy_pooled(Node* node);
  InlineVector<Edge, 3> next_functions_;
  InlineVector<TensorMeta, 1> output_metas_;
  uint64_t sequence_nr_ = 0;
  Device device_ = kCpu;
};

// A tensor kept for backward, with the version it had. It is an alias without history, so that no
// cycle can arise through a tensor that is overwritten later.
struct SavedTensor {
  Tensor tensor;
  uint32_t version = 0;
};

// Nodes of every kind are destroyed as Nodes.
template <std::derived_from<Node> Kind>
void destroy_pooled(Kind* node) {
  destroy_pooled(static_cast<Node*>(node));
}

class CopySlices;

// The node of an op.
class OpNode final : public Node {
 public:
  struct Saved {
    InlineVector<SavedTensor, 3> inputs;  // undefined where not saved
    InlineVector<SavedTensor, 1> outputs;
    bool released = false;
  };

  // Called by make_node() alone, and by copies.
  OpNode(const OpDef& op, std::span<const Tensor> inputs, std::span<const Tensor> to_save,
         const Attrs& attrs, Device device);

  const std::string& name() const override { return op_->backward_name(attrs_); }
  Tensors apply(std::span<const Tensor> grads) override;
  void release_saved() override;
  bool released() const override { return saved_.released; }
  NodePtr copy(GraphCopier& copier) const override;

  std::string describe_input(size_t i) const override;

  const OpDef& op() const { return *op_; }
  const Attrs& attrs() const { return attrs_; }
  const Saved& saved() const { return saved_; }
  void restore_saved(Saved saved) { saved_ = std::move(saved); }
  const InlineVector<TensorMeta, 3>& input_metas() const { return input_metas_; }
  // The first input that was cut off from what it was computed from, by detach() or under no_grad.
  struct Cut {
    int input = -1;  // none
    Untracked why = Untracked::plain;
  };
  Cut cut() const { return cut_; }
  // What the op gave, once it has run.
  void set_outputs(std::span<const Tensor> outputs);

 private:
  friend class GraphCopier;
  friend class CopySlices;
  explicit OpNode(const OpDef& op) : op_(&op) {}
  Tensor unpack(const SavedTensor& saved, const char* what, size_t index) const;
  Tensor saved_input(size_t i);
  Tensor saved_output(size_t i);

  const OpDef* op_;
  Attrs attrs_;
  Saved saved_;
  InlineVector<TensorMeta, 3> input_metas_;
  CopySlices* within_ = nullptr;  // what this node is inner() of
  Cut cut_;
};

// The node of an in-place op on a view, as seen from the base: Note [In-place on views] in
// history.h.
class CopySlices final : public Node {
 public:
  CopySlices(const Tensor& base, const Tensor& view, IntrusivePtr<OpNode> inner);
  ~CopySlices() override;
  const std::string& name() const override;
  Tensors apply(std::span<const Tensor> grads) override;
  void release_saved() override { inner_->release_saved(); }
  bool released() const override { return inner_->released(); }
  NodePtr copy(GraphCopier& copier) const override;
  Node* inner() const override { return inner_.get(); }
  // AsStridedBackward0 from the base's gradient to the view's.
  NodePtr view_node();

 private:
  CopySlices() = default;
  struct Layout {
    Dims sizes;
    Dims strides;
    int64_t offset = 0;  // from the first element of the base
  };
  Layout base_;
  Layout view_;
  IntrusivePtr<OpNode> inner_;
};

// The end of a path: adds the gradient to a leaf's .grad.
class AccumulateGrad final : public Node {
 public:
  explicit AccumulateGrad(Tensor variable);
  ~AccumulateGrad() override;
  const std::string& name() const override;
  Tensors apply(std::span<const Tensor> grads) override;
  NodePtr copy(GraphCopier& copier) const override;
  void run_hooks_before(std::span<Tensor> grads_in) override;
  const Tensor& variable() const { return variable_; }

 private:
  Tensor variable_;
};

}  // namespace gradus
