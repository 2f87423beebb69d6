// An op of one's own, with its own forward and backward: torch.autograd.Function.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace gradus {

// What forward hands on to backward.
class FunctionContext {
 public:
  // Inputs, outputs or tensors in between; backward is told if they were overwritten since.
  void save_for_backward(std::vector<Tensor> tensors) { to_save_ = std::move(tensors); }
  const std::vector<Tensor>& saved_tensors() const { return saved_; }
  // Whether the gradient of input i is wanted.
  bool needs_input_grad(size_t i) const { return needs_.at(i); }
  // An output that has no gradient.
  void mark_non_differentiable(const Tensor& output) { without_.push_back(output); }
  std::any data;  // anything else

 private:
  friend class FunctionNode;
  friend std::vector<Tensor> apply(const struct Function&, std::span<const Tensor>);
  std::vector<Tensor> to_save_;
  std::vector<Tensor> saved_;
  std::vector<bool> needs_;
  std::vector<Tensor> without_;
};

struct Function {
  std::string name;  // "MyReLU": its node is called MyReLUBackward
  // From the inputs to the outputs; nothing in it is recorded.
  std::function<std::vector<Tensor>(FunctionContext&, std::span<const Tensor> inputs)> forward;
  // From the gradients of the outputs to those of the inputs, one each; undefined where there is
  // none. Written in ops, it can be differentiated again.
  std::function<std::vector<Tensor>(FunctionContext&, std::span<const Tensor> grads)> backward;
  std::string node_name = {};  // where it is not NameBackward
};

// Runs forward and records a node for backward.
std::vector<Tensor> apply(const Function& function, std::span<const Tensor> inputs);

}  // namespace gradus
