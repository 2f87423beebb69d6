// Two interleaving half circles in the plane, with noise: a set small enough to see every number.
#pragma once

#include <cstdint>

#include "core/data/dataset.h"

namespace gradus {

// `count` training and `count` test points, half in each class; the same for the same seed.
// Upper moon: (cos a, sin a); lower: (1 - cos a, 1/2 - sin a), a in [0, π], plus N(0, noise).
DataSplit make_two_moons(int64_t count = 256, double noise = 0.1, uint64_t seed = 0);

}  // namespace gradus
