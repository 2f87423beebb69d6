#include "core/autograd/why_no_grad.h"

#include <unordered_set>
#include <vector>

#include "core/autograd/history.h"

namespace gradus {
namespace {

// Whether backward from there comes to the target; else where the way may have been cut.
struct Search {
  bool arrives = false;
  NodePtr cut;  // the OpNode nearest to the start with an input that was cut off; may be null
};

Search search(const Edge& from, const Node* target) {
  Search result;
  std::vector<NodePtr> found;
  std::unordered_set<const Node*> seen;
  const auto find = [&](const NodePtr& node) {
    if (node && seen.insert(node.get()).second) found.push_back(node);
  };
  find(from.node);
  for (size_t i = 0; i < found.size(); ++i) {
    const NodePtr node = found[i];
    if (node.get() == target) return {true, {}};
    const auto* op = dynamic_cast<const OpNode*>(node.get());
    if (op && op->cut().input >= 0 && !result.cut) result.cut = node;
    for (const Edge& edge : node->next_functions()) find(edge.node);
  }
  return result;
}

const char* cut_by(Untracked why) {
  switch (why) {
    case Untracked::detached:
      return "detach() had cut it off";
    case Untracked::no_grad:
      return "it was computed under no_grad";
    case Untracked::no_rule:
      return "it was computed by an op that has no gradient";
    case Untracked::plain:
      break;
  }
  return "it is not tracked";
}

WhyNoGrad why_not_tracked(const Tensor& tensor) {
  const TensorImpl& impl = *tensor.impl();
  if (!is_floating_point(tensor.dtype())) {
    return {NoGradReason::whole_numbers,
            fmt::format("It is {}: only floating-point tensors have gradients. Make it float32, "
                        "with to(), before the computation.",
                        to_string(tensor.dtype())),
            {}};
  }
  switch (impl.untracked) {
    case Untracked::detached:
      return {NoGradReason::detached,
              "detach() cut it off from what it was computed from: no gradient passes there. Use "
              "the tensor itself.",
              {}};
    case Untracked::no_grad:
      return {
          NoGradReason::no_grad,
          fmt::format("It was computed by {}() under no_grad, where nothing is recorded. Compute "
                      "it outside.",
                      impl.untracked_by),
          {}};
    case Untracked::no_rule:
      return {NoGradReason::no_rule,
              fmt::format("It was computed by {}(), which has no gradient: its result jumps or "
                          "counts. Look at what goes into it.",
                          impl.untracked_by),
              {}};
    case Untracked::plain:
      break;
  }
  return {NoGradReason::frozen,
          "It does not require grad: it is frozen, or neither it nor anything it was computed from "
          "was ever asked to. Call set_requires_grad(true) on the leaf before the computation.",
          {}};
}

}  // namespace

const char* to_string(NoGradReason reason) {
  switch (reason) {
    case NoGradReason::none:
      return "there";
    case NoGradReason::whole_numbers:
      return "whole numbers";
    case NoGradReason::frozen:
      return "does not require grad";
    case NoGradReason::detached:
      return "detached";
    case NoGradReason::no_grad:
      return "computed under no_grad";
    case NoGradReason::no_rule:
      return "made by an op without gradient";
    case NoGradReason::not_retained:
      return "not a leaf, not retained";
    case NoGradReason::not_on_the_path:
      return "not on the path";
    case NoGradReason::not_run:
      return "backward has not come to it";
    case NoGradReason::reset:
      return "reset";
  }
  return "?";
}

WhyNoGrad why_no_grad(const Tensor& tensor, const Tensor& root) {
  if (!tensor.defined()) fail("why_no_grad", "there is no tensor to look at");
  if (tensor.grad().defined()) {
    return {NoGradReason::none,
            fmt::format("It has a gradient, of shape {}.", to_prose(tensor.sizes())),
            {}};
  }
  if (!tensor.requires_grad()) return why_not_tracked(tensor);
  const Edge edge = gradient_edge(tensor);
  if (!tensor.is_leaf() && !tensor.retains_grad()) {
    return {
        NoGradReason::not_retained,
        fmt::format("It is not a leaf: {} made it, and backward uses its gradient and drops it. "
                    "Call retain_grad() before backward to keep it.",
                    edge.node->name()),
        edge.node};
  }
  if (root.defined() && !root.requires_grad()) {
    return {
        NoGradReason::not_on_the_path,
        "What backward starts from does not require grad: nothing that led to it was tracked. " +
            why_not_tracked(root).text,
        {}};
  }
  if (root.defined()) {
    const Edge from = gradient_edge(root);
    const Search way = search(from, edge.node.get());
    if (!way.arrives && way.cut) {
      const auto& op = static_cast<const OpNode&>(*way.cut);
      return {NoGradReason::not_on_the_path,
              fmt::format("Nothing leads from {} to it. The way ends at {}: {}, so no gradient "
                          "passes there.",
                          from.node->name(), op.describe_input(static_cast<size_t>(op.cut().input)),
                          cut_by(op.cut().why)),
              way.cut};
    }
    if (!way.arrives) {
      return {
          NoGradReason::not_on_the_path,
          fmt::format("Nothing leads from {} to it: what backward starts from does not depend on "
                      "it.",
                      from.node->name()),
          from.node};
    }
  }
  if (tensor.impl()->grad_slot && tensor.impl()->grad_slot->had_one) {
    return {NoGradReason::reset,
            "It had a gradient, which was reset to None (by zero_grad) and has not come again.",
            edge.node};
  }
  return {NoGradReason::not_run, "backward() has not come to it yet.", edge.node};
}

}  // namespace gradus
