// The networks every newcomer meets first.
#pragma once

#include "core/net/net_graph.h"

namespace gradus {

// PyTorch's quickstart: Flatten, Linear(784, 512) ReLU Linear(512, 512) ReLU Linear(512, 10), on
// FashionMNIST, SGD with lr 1e-3. Names as in the tutorial's state_dict.
NetGraph quickstart_network();
// Linear(2, 3) ReLU Linear(3, 2) on two moons: every number fits on a screen.
NetGraph toy_network();

}  // namespace gradus
