#include "core/nn/layer_def.h"
#include "core/op/functions.h"

namespace gradus::nn {
namespace {

Tensor forward(const LayerCall& call) {
  const Tensor& scores = call.inputs[0];
  const Tensor& target = call.inputs[1];
  if (scores.dim() != 2) {
    fail("cross_entropy",
         "expects scores of shape N×classes, got {}. Put a Flatten before the first Linear, and a "
         "Linear with one output per class last.",
         to_prose(scores.sizes()));
  }
  return cross_entropy(scores, target);
}

}  // namespace

const LayerDef layers::CrossEntropyLoss{
    .name = "CrossEntropyLoss",
    .torch = "nn.CrossEntropyLoss",
    .kind = LayerKind::loss,
    .inputs = {{"scores", "N×classes"}, {"target", "N class numbers"}},
    .forward = forward,
    .summary = "How surprised the network is by the right classes.",
    .formula = R"(L = -\tfrac1N \sum_n \log \mathrm{softmax}(x_n)_{t_n})",
};

}  // namespace gradus::nn
