// The two networks that promises about sessions are tried on.
#pragma once

#include <memory>

#include "core/io/examples.h"
#include "core/session/session.h"
#include "tests/support/synthetic.h"

namespace gradus {

inline std::unique_ptr<Session> toy(uint64_t seed = 3, double momentum = 0.9) {
  NetGraph graph = toy_network();
  graph.training.seed = seed;
  graph.training.epochs = 2;
  graph.training.optimizer.momentum = momentum;
  return std::make_unique<Session>(graph, make_two_moons(20), Session::Options{});
}

// The quickstart network on a small made-up set of images.
inline std::unique_ptr<Session> quickstart(uint64_t seed = 1) {
  NetGraph graph = quickstart_network();
  graph.training.seed = seed;
  graph.training.batch_size = 8;
  graph.training.optimizer = {.lr = 0.05, .momentum = 0.9};
  return std::make_unique<Session>(graph, synthetic_images(36, 12), Session::Options{});
}

}  // namespace gradus
