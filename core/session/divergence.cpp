// Stopping when the loss is no longer a number, and saying why: the culprit is looked for by
// running the batch again, watched.
#include <algorithm>
#include <cmath>

#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"
#include "core/op/observer.h"
#include "core/session/session.h"

namespace gradus {

void Session::check_loss() {
  Metrics& metrics = state_.metrics;
  const double loss = state_.values[static_cast<size_t>(state_.plan->loss)].item();
  if (!std::isfinite(loss)) report_divergence(loss);
  metrics.loss = loss;
  metrics.loss_sum += loss;
  ++metrics.losses;
  metrics.samples += state_.plan->batch_size;
  const NoGradGuard no_grad;
  const ScopedValue<Observer*> unwatched(context().observer, nullptr);
  // Stays on the device until the epoch's end: to read it would be another wait.
  state_.correct = state_.correct.defined() ? add(state_.correct, correct()) : correct();
}

namespace {

bool all_finite(const Tensor& t) {
  if (!t.defined() || !is_floating_point(t.dtype())) return true;
  const std::vector<double> values = t.to_vector<double>();
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

// Finds the first call that makes something non-finite from finite inputs.
class FiniteWatch final : public Observer {
 public:
  bool wants(const OpDef&) override { return !culprit_; }
  void on_call(const CallRecord& record) override {
    const bool inputs_fine = std::all_of(record.inputs.begin(), record.inputs.end(), all_finite);
    const bool outputs_fine = std::all_of(record.outputs.begin(), record.outputs.end(), all_finite);
    if (inputs_fine && !outputs_fine) culprit_ = &record.op;
  }
  const OpDef* culprit() const { return culprit_; }

 private:
  const OpDef* culprit_ = nullptr;
};

}  // namespace

// The last update of an epoch is seen by nobody but the evaluation.
void Session::report_bad_evaluation(double loss) {
  const Cursor& cursor = state_.cursor;
  const Culprit culprit = find_culprit(*test_loader_, std::nullopt, cursor.eval_batch, false);
  throw Diverged(
      fmt::format("The loss of batch {} of the test set, after epoch {} (step {}), is {}. {}",
                  cursor.eval_batch + 1, cursor.epoch + 1, cursor.step + 1, loss, culprit.text),
      culprit.node);
}

void Session::report_divergence(double loss) {
  const Cursor& cursor = state_.cursor;
  const Culprit culprit = find_culprit(*train_loader_, state_.shuffle_seed, cursor.batch, true);
  throw Diverged(
      fmt::format("The loss of batch {} of epoch {} (step {}) is {}, so training stopped before "
                  "backward. {}",
                  cursor.batch + 1, cursor.epoch + 1, cursor.step + 1, loss, culprit.text),
      culprit.node);
}

// The batch is run again, watched, from what it started with: parameters are as they were, since
// nothing is updated before the loss is checked.
Session::Culprit Session::find_culprit(DataLoader& loader, std::optional<int64_t> seed,
                                       int64_t batch, bool training) {
  const std::string cure = "Try a smaller learning rate.";
  for (size_t i = 0; i < state_.parameters.size(); ++i) {
    if (all_finite(state_.parameters[i])) continue;
    const PlanParameter& parameter = state_.plan->parameters[i];
    return {fmt::format("The parameter {} holds nan or infinity since the last update. {}",
                        parameter.name, cure),
            parameter.node};
  }
  const Batch& data = loader.get(seed, batch);
  for (size_t i = 0; i < data.samples.size(); ++i) {
    if (std::isfinite(data.samples[i])) continue;
    return {fmt::format("The data is to blame: sample {} of the batch holds nan or infinity.",
                        i / (data.samples.size() / static_cast<size_t>(data.size))),
            0};
  }
  const NoGradGuard no_grad;
  const ScopedValue<MutationLog*> no_log(context().mutation_log, nullptr);
  FiniteWatch watch;
  const ScopedValue<Observer*> observe(context().observer, &watch);
  const SessionState kept = state_;
  fetch(loader, seed, batch, training);
  Culprit found{"No single op is to blame. " + cure, 0};
  for (size_t i = 0; i < state_.plan->calls.size(); ++i) {
    call_op(static_cast<int32_t>(i));
    if (!watch.culprit()) continue;
    found.node = state_.plan->calls[i].node;
    found.text = fmt::format("The first op to make it from finite numbers is {} in {}. {}",
                             watch.culprit()->name(), graph_.node(found.node).name, cure);
    break;
  }
  state_ = kept;
  return found;
}

}  // namespace gradus
