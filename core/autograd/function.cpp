#include "core/autograd/function.h"

#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
#include "core/autograd/history.h"

namespace gradus {

class FunctionNode final : public Node {
 public:
  FunctionNode(const Function& function, FunctionContext context, std::span<const Tensor> inputs)
      : function_(function),
        name_(function.node_name.empty() ? function.name + "Backward" : function.node_name),
        context_(std::move(context)) {
    for (const Tensor& input : inputs) next_functions_.push_back(gradient_edge(input));
  }

  const std::string& name() const override { return name_; }

  void set_outputs(std::span<const Tensor> inputs, std::span<const Tensor> outputs) {
    device_ = outputs[0].device();
    for (const Tensor& output : outputs) output_metas_.push_back(output.meta());
    for (const Tensor& tensor : context_.to_save_) {
      Saved saved{tensor.defined() ? tensor.detach() : tensor,
                  tensor.defined() ? tensor.version() : 0, -1, -1};
      for (size_t i = 0; i < inputs.size(); ++i) {
        if (tensor.defined() && tensor.is(inputs[i])) saved.input = static_cast<int>(i);
      }
      for (size_t i = 0; i < outputs.size(); ++i) {
        if (tensor.defined() && tensor.is(outputs[i])) saved.output = static_cast<int>(i);
      }
      saved_.push_back(std::move(saved));
    }
    context_.to_save_.clear();
  }

  Tensors apply(std::span<const Tensor> grads) override {
    if (released_) {
      fail_second_backward(name_, function_.name);
    }
    // What is unpacked may have this node as its history: it must not stay.
    struct Cleared {
      std::vector<Tensor>& tensors;
      ~Cleared() { tensors.clear(); }
    } cleared{context_.saved_};
    for (const Saved& saved : saved_) context_.saved_.push_back(unpack(saved));
    const std::vector<Tensor> result = function_.backward(context_, grads);
    if (result.size() != next_functions_.size()) {
      fail(name_, "returned {} gradients for {} inputs: one each, undefined where there is none",
           result.size(), next_functions_.size());
    }
    return Tensors(result.begin(), result.end());
  }

  void release_saved() override {
    released_ = released_ || !saved_.empty();
    saved_.clear();
  }
  bool released() const override { return released_; }

  NodePtr copy(GraphCopier& copier) const override {
    auto* node = new FunctionNode(function_, {}, {});
    NodePtr result(node);
    node->context_.data = context_.data;
    node->context_.needs_ = context_.needs_;
    node->released_ = released_;
    for (const Saved& saved : saved_) {
      node->saved_.push_back({copier.copy(saved.tensor), saved.version, saved.input, saved.output});
    }
    return result;
  }

 private:
  struct Saved {
    Tensor tensor;
    uint32_t version = 0;
    int input = -1;   // which one it is
    int output = -1;  // likewise
  };

  Tensor unpack(const Saved& saved) {
    if (!saved.tensor.defined()) return {};
    if (saved.tensor.version() != saved.version) {
      fail(name_,
           "backward needs a tensor (shape {}) that {} saved as it was, but it was overwritten in "
           "place since: it is at version {}, expected {}. clone() it first.",
           to_prose(saved.tensor.sizes()), function_.name, saved.tensor.version(), saved.version);
    }
    if (!context().grad_enabled) return saved.tensor;
    if (saved.output >= 0) {
      return saved.tensor.with_history(NodePtr(this), static_cast<uint32_t>(saved.output));
    }
    if (saved.input < 0) return saved.tensor;
    return with_input_history(saved.tensor, next_functions_[static_cast<size_t>(saved.input)]);
  }

  Function function_;
  std::string name_;
  FunctionContext context_;
  std::vector<Saved> saved_;
  bool released_ = false;
};

std::vector<Tensor> apply(const Function& function, std::span<const Tensor> inputs) {
  FunctionContext own;
  bool records = false;
  for (const Tensor& input : inputs) {
    own.needs_.push_back(input.defined() && input.requires_grad());
    records = records || own.needs_.back();
  }
  records = records && context().grad_enabled;
  std::vector<Tensor> outputs;
  {
    const NoGradGuard no_grad;
    outputs = function.forward(own, inputs);
  }
  if (outputs.empty()) fail(function.name, "forward returned nothing");
  if (!records) return outputs;
  // An input that is returned as it is becomes a tensor of its own.
  for (Tensor& output : outputs) {
    for (const Tensor& input : inputs) {
      if (input.defined() && output.is(input)) output = output.detach();
    }
  }
  const std::vector<Tensor> without = own.without_;
  IntrusivePtr<FunctionNode> node(new FunctionNode(function, std::move(own), inputs));
  node->set_sequence_nr(Runtime::current().take_sequence_nr());
  note_maker(*node, function.name, inputs);
  node->set_outputs(inputs, outputs);
  for (size_t i = 0; i < outputs.size(); ++i) {
    bool skipped = !is_floating_point(outputs[i].dtype());
    for (const Tensor& each : without) skipped = skipped || each.is(outputs[i]);
    outputs[i].impl()->base = {};  // what it is a view of has another history
    if (!skipped) set_history(NodePtr(node.get()), outputs[i], static_cast<uint32_t>(i));
  }
  return outputs;
}

}  // namespace gradus
