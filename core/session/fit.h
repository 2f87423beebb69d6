// Whether a network, its data and its device go together: found before anything is allocated.
#pragma once

#include "core/data/dataset.h"
#include "core/net/plan.h"
#include "core/tensor/backend.h"

namespace gradus {

// `plan` is that of a training batch. Throws NodeError, or Error where no node is to blame: for
// samples of another shape than the Input's, more classes than scores, and too little memory.
void check_fits(const NetGraph& graph, const Plan& plan, const DataSplit& data,
                const Backend& backend);

}  // namespace gradus
