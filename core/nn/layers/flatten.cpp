#include "core/nn/layer_def.h"
#include "core/op/functions.h"

namespace gradus::nn {

const LayerDef layers::Flatten{
    .name = "Flatten",
    .torch = "nn.Flatten",
    .kind = LayerKind::layer,
    .inputs = {{"x", "N×…"}},
    .attrs = {{"start_dim", AttrType::integer, int64_t{1}, -64, 63, "First dimension to merge."},
              {"end_dim", AttrType::integer, int64_t{-1}, -64, 63, "Last dimension to merge."}},
    .forward =
        [](const LayerCall& call) {
          return flatten(call.inputs[0], std::get<int64_t>(call.attrs[0]),
                         std::get<int64_t>(call.attrs[1]));
        },
    .summary = "Lays each sample out as one row of numbers.",
    .formula = R"(N \times C \times H \times W \to N \times CHW)",
};

}  // namespace gradus::nn
