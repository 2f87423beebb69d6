// Where a network's data comes in: the samples of a batch, and their classes.
#include "core/nn/layer_def.h"

namespace gradus::nn {

const LayerDef layers::Input{
    .name = "Input",
    .torch = "",
    .kind = LayerKind::data,
    .inputs = {},
    .attrs = {{"shape", AttrType::dims, {}, 1, 1e9, "Shape of one sample, without the batch."}},
    .summary = "The samples of a batch.",
    .formula = "x",
};

const LayerDef layers::Target{
    .name = "Target",
    .torch = "",
    .kind = LayerKind::data,
    .inputs = {},
    .summary = "The right classes of a batch.",
    .formula = "t",
};

}  // namespace gradus::nn
