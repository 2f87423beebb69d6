// The data set of a drawing that computes with its own tensors: one sample of nothing, so that its
// loop runs once an epoch.
#pragma once

#include "core/data/dataset.h"

namespace gradus {

DataSplit no_data();

}  // namespace gradus
