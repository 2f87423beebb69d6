// How a tensor's history is written: the node of an op that runs, and what becomes of views.
//
// Note [In-place on views]
// A view that an op made knows its base. When an in-place op writes through a view, the base's
// history becomes a CopySlices: backward cuts the view's part out of the base's gradient, sends it
// through the op's own node and puts the result back. Other views of that base, and the base's
// views after an in-place op on the base itself, are behind then; their storage's version tells,
// and their grad_fn is made anew when it is asked for, as AsStridedBackward0 of the base. So it is
// in PyTorch (torch/csrc/autograd/variable.cpp, rebase_history and grad_fn).
#pragma once

#include "core/autograd/node.h"

namespace gradus {

// Where the gradient of `tensor` goes: its grad_fn, or the leaf's AccumulateGrad (made at need);
// a null node if it requires no gradient.
Edge gradient_edge(const Tensor& tensor);

// Makes the node of an op that is about to run. `to_save`: the inputs as the op reads them, where
// it overwrites one.
IntrusivePtr<OpNode> make_node(const OpDef& op, std::span<const Tensor> inputs,
                               std::span<const Tensor> to_save, const Attrs& attrs, Device device);
// Makes `node` the history of what the op gave; `written` where these were there before it.
void set_history(const IntrusivePtr<OpNode>& node, std::span<const Tensor> outputs, bool written);

// Makes `node` the history of a tensor that is new.
void set_history(NodePtr node, const Tensor& output, uint32_t output_nr);

// What a node saved of one of its inputs, with the history that it had: of that input, gradients go
// along `edge`. For create_graph.
Tensor with_input_history(const Tensor& saved, const Edge& edge);
// For DetectAnomaly: the call that makes this node. Does nothing otherwise.
void note_maker(Node& node, std::string_view op, std::span<const Tensor> inputs);
// For a node whose saved tensors are gone.
[[noreturn]] void fail_second_backward(const std::string& node, std::string_view op);

// Throws where an in-place op on `target` would be wrong for gradients. `records`: it leaves a
// history.
void check_in_place(const char* op, const Tensor& target, bool records);

// Keeps a non-leaf's .grad in the next backward. On a leaf it does nothing.
void retain_grad(const Tensor& tensor);
// x becomes what `view`, a view of it just made by `op`, is: its layout and its history.
Tensor take_layout(const char* op, const Tensor& x, const Tensor& view);

}  // namespace gradus
