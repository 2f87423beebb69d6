#include "core/nn/layer_def.h"
#include "core/op/functions.h"

namespace gradus::nn {

const LayerDef layers::ReLU{
    .name = "ReLU",
    .torch = "nn.ReLU",
    .kind = LayerKind::layer,
    .inputs = {{"x", "any shape"}},
    .forward = [](const LayerCall& call) { return relu(call.inputs[0]); },
    .summary = "Keeps what is positive; all else becomes 0.",
    .formula = R"(y = \max(x, 0))",
};

}  // namespace gradus::nn
