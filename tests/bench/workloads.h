// What is measured, in one place for gradus-bench and gradus-bench-train.
#pragma once

#include <cstdint>
#include <memory>

#include "core/session/session.h"
#include "core/tensor/tensor.h"

namespace gradus::bench {

// The smallest op that is recorded for a gradient: two tensors of two numbers.
class SmallAdd {
 public:
  SmallAdd();
  Tensor run() const;

 private:
  Tensor a_, b_;
};

// The example of PyTorch's autograd tutorial: Q = 3a³ - b², backward from ones, gradients dropped
// before each run.
class A1 {
 public:
  A1();
  void run() const;

 private:
  Tensor a_, b_, ones_;
};

// Floating-point operations of one quickstart step: three matrix products for each layer (forward,
// weight gradient, input gradient), but for the first layer, whose input needs no gradient.
constexpr double quickstart_flops(int64_t batch_size) {
  return 2.0 * static_cast<double>(batch_size) *
         (3.0 * (784 * 512 + 512 * 512 + 512 * 10) - 784 * 512);
}

struct QuickstartSettings {
  uint64_t seed = 0;
  int64_t epochs = 1;
  int64_t batch_size = 64;
  optim::Hyper optimizer = {};
  bool evaluates = true;  // on the test set, after each epoch
  Device device = kCpu;
};
std::unique_ptr<Session> make_quickstart(const DataSplit& data, const QuickstartSettings& settings);
// No evaluation, more epochs than anybody waits for: for run(Grain::batch) at will.
std::unique_ptr<Session> make_endless_quickstart(const DataSplit& data, int64_t batch_size = 64,
                                                 Device device = kCpu);

}  // namespace gradus::bench
