// The networks and drawings that come with Gradus: resources/examples/*.gradus, built in.
#pragma once

#include <span>
#include <string_view>

#include "core/net/net_graph.h"

namespace gradus {

struct Example {
  std::string_view name;  // "a6_accumulation"
  std::string_view json;
};
// By name, counting numbers as numbers.
std::span<const Example> all_examples();
// Throws Error, naming them all, where there is none of that name.
NetGraph example(std::string_view name);

// PyTorch's quickstart: Flatten, Linear(784, 512) ReLU Linear(512, 512) ReLU Linear(512, 10), on
// FashionMNIST, SGD with lr 1e-3. Names as in the tutorial's state_dict.
inline NetGraph quickstart_network() { return example("quickstart"); }
// Linear(2, 3) ReLU Linear(3, 2) on two moons: every number fits on a screen.
inline NetGraph toy_network() { return example("two_moons"); }

}  // namespace gradus
