#include "core/autograd/hooks.h"

#include "core/autograd/history.h"

namespace gradus {
namespace {

template <typename Hook, typename List>
HookHandle keep(List& list, Hook hook) {
  auto kept = std::make_shared<Hook>(std::move(hook));
  list.push_back(kept);
  return HookHandle([kept] { *kept = nullptr; });
}

NodeHooks& hooks_of(Node& node) {
  if (!node.hooks) node.hooks = std::make_unique<NodeHooks>();
  return *node.hooks;
}

}  // namespace

HookHandle register_hook(const Tensor& tensor, TensorHook hook) {
  if (!tensor.requires_grad()) {
    fail("register_hook", "this tensor does not require grad: backward brings it nothing to see");
  }
  if (tensor.is_leaf()) {
    std::unique_ptr<TensorHooks>& hooks = tensor.impl()->hooks;
    if (!hooks) hooks = std::make_unique<TensorHooks>();
    return keep(hooks->all, std::move(hook));
  }
  auto kept = std::make_shared<TensorHook>(std::move(hook));
  hooks_of(*tensor.grad_fn()).outputs.push_back({tensor.output_nr(), kept});
  return HookHandle([kept] { *kept = nullptr; });
}

HookHandle register_prehook(Node& node, NodePreHook hook) {
  return keep(hooks_of(node).before, std::move(hook));
}

HookHandle register_hook(Node& node, NodeHook hook) {
  return keep(hooks_of(node).after, std::move(hook));
}

}  // namespace gradus
