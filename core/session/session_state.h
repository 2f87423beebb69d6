// The whole state of a training run as one value: what is learnt, what the optimiser remembers, the
// random numbers to come, and the exact spot, down to the op, the pending backward included.
//
// Copying it copies handles, and is cheap; deep_copy() shares nothing with the original. Journal,
// snapshot, fork and resume are all made of these two.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/autograd/backward_task.h"
#include "core/net/plan.h"
#include "core/optim/sgd.h"
#include "core/random/generator.h"
#include "core/session/step_event.h"

namespace gradus {

struct Cursor {
  int64_t step = 0;            // steps done since the start
  int64_t epoch = 0;           // from 0
  int64_t batch = 0;           // within the epoch, from 0
  int32_t item = 0;            // of the loop's list
  bool after_batches = false;  // in the each_epoch list
  int32_t pc = 0;              // within the item: call, parameter, …
  int64_t eval_batch = 0;      // while evaluating
  bool done = false;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// What was not computed is absent, which is not the same as zero.
struct Metrics {
  std::optional<double> loss;  // of the batch under way, or the last one
  double loss_sum = 0;         // of the epoch so far
  int64_t losses = 0;
  int64_t samples = 0;
  std::optional<double> train_loss;      // mean over the batches of the last finished epoch
  std::optional<double> train_accuracy;  // likewise, 0 to 1
  double eval_loss_sum = 0;
  int64_t eval_correct = 0;
  int64_t eval_samples = 0;
  std::optional<double> test_loss;      // of the last finished evaluation
  std::optional<double> test_accuracy;  // 0 to 1
  friend bool operator==(const Metrics&, const Metrics&) = default;
};

// A change by the user after step `step`.
struct HyperChange {
  int64_t step = 0;
  optim::Hyper hyper;
  friend bool operator==(const HyperChange&, const HyperChange&) = default;
};

struct SessionState {
  std::shared_ptr<const NetGraph> origin;  // the network of the run this is of; forks share it
  Cursor cursor;
  StepResult last;                   // of the step that led here
  BackwardTask::Step last_gradient;  // in step mode, of the last backward step
  optim::Hyper hyper;
  std::vector<HyperChange> changes;  // all that led here
  std::vector<Tensor> parameters;    // leaves; their gradients hang on them
  std::vector<optim::ParamState> optimizer;
  GeneratorState generator;             // the run's default generator
  std::optional<int64_t> shuffle_seed;  // of the epoch under way
  Metrics metrics;
  Tensor correct;  // predictions of the epoch so far, each batch's before its update; on the device
  // Within a batch:
  std::shared_ptr<const Plan> plan;
  std::vector<Tensor> values;  // by ValueId; undefined before they are computed
  BackwardTask backward;
  bool backward_started = false;

  // On another device, if one is given.
  SessionState deep_copy(std::optional<Device> device = {}) const;
  // Calls f(tensor) for each, but for those of `backward`.
  template <typename State, typename F>
  static void for_each_tensor(State& state, F&& f) {
    for (auto& tensor : state.parameters) f(tensor);
    f(state.correct);
    for (auto& param : state.optimizer) f(param.momentum_buffer);
    for (auto& tensor : state.values) f(tensor);
    for (auto& tensor : state.last_gradient.grads_in) f(tensor);
    for (auto& tensor : state.last_gradient.grads_out) f(tensor);
  }
};

// Whether a state of a run of `a` can be gone on from in a run of `b`: the same nodes, wires and
// loop, batch size and data. Where the nodes are drawn and how they learn does not matter.
bool same_course(const NetGraph& a, const NetGraph& b);
// Whether all nodes have the same names, one by one.
bool same_names(const NetGraph& a, const NetGraph& b);
// Whether the run that goes on from `a` comes to `b`: the same run with the same changes.
bool leads_to(const SessionState& a, const SessionState& b);

// Equal in every bit: numbers of all tensors, gradients and versions, and the spot. For tests.
bool same_bits(const SessionState& a, const SessionState& b);

}  // namespace gradus
