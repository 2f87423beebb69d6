// What is measured; see workloads.h.
#include "tests/bench/workloads.h"

#include "core/autograd/backward_task.h"
#include "core/io/examples.h"
#include "core/op/functions.h"

namespace gradus::bench {
namespace {

Tensor pair(float first, float second) { return Tensor::from<float>({first, second}, Dims{2}); }

}  // namespace

SmallAdd::SmallAdd() : a_(pair(1, 2)), b_(pair(3, 4)) {
  a_.set_requires_grad(true);
  b_.set_requires_grad(true);
}

Tensor SmallAdd::run() const { return a_ + b_; }

A1::A1() : a_(pair(2, 3)), b_(pair(6, 4)), ones_(pair(1, 1)) {
  a_.set_requires_grad(true);
  b_.set_requires_grad(true);
}

void A1::run() const {
  a_.set_grad({});
  b_.set_grad({});
  const Tensor q = 3.0 * pow(a_, 3) - pow(b_, 2);
  backward(q, ones_);
}

std::unique_ptr<Session> make_quickstart(const DataSplit& data,
                                         const QuickstartSettings& settings) {
  NetGraph graph = quickstart_network();
  graph.training.seed = settings.seed;
  graph.training.epochs = settings.epochs;
  graph.training.batch_size = settings.batch_size;
  graph.training.optimizer = settings.optimizer;
  if (!settings.evaluates) graph.training.loop.each_epoch.clear();
  return std::make_unique<Session>(std::move(graph), data,
                                   Session::Options{.device = settings.device});
}

std::unique_ptr<Session> make_endless_quickstart(const DataSplit& data, int64_t batch_size,
                                                 Device device) {
  QuickstartSettings settings{.epochs = 1'000'000, .batch_size = batch_size, .evaluates = false};
  settings.device = device;
  return make_quickstart(data, settings);
}

}  // namespace gradus::bench
