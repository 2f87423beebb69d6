// A training run that moves by single steps: one op, one gradient node or one parameter update at
// a time. run() is a loop over step(); there is no other engine, so what a learner steps through is
// what trains.
//
// Thread: one at a time, with a RuntimeGuard (the engine thread).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/data/loader.h"
#include "core/net/lower.h"
#include "core/session/journal.h"
#include "core/session/session_state.h"
#include "core/session/step_event.h"

namespace gradus {

// An error that a node of the NetGraph is to blame for; 0 if none is.
class NodeError : public Error {
 public:
  NodeError(const std::string& message, NodeId culprit) : Error(message), node(culprit) {}
  NodeId node;
};

// Thrown when the loss is no longer a number. The session stands before backward, with all that was
// learnt up to the batch before.
class Diverged : public NodeError {
 public:
  using NodeError::NodeError;
};

class Session {
 public:
  struct Options {
    Device device = kCpu;
    int64_t journal_bytes = int64_t{256} << 20;
    int loader_workers = 1;
  };

  // Checks everything before it allocates anything: settings, shapes, memory. Throws Error. `data`
  // is not looked at where the drawing has none.
  Session(NetGraph graph, DataSplit data, Options options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- moving ---
  // Does exactly one step. Throws Diverged, or NodeError for what a node or its data got wrong; the
  // state is then as before the step or, at full speed, stands at the start of the batch. Throws
  // DeviceLost when the device is gone: then only what resume_on() needs is still there.
  StepResult step();
  // Steps until one `ends` the grain, or until `stop` says so after a step. Returns the last step.
  StepResult run(Grain grain, const std::function<bool(const StepResult&)>& stop = {});
  // Undoes to where the step before ended the grain, to the same bits, hyper-parameters included;
  // past the journal it restores the nearest snapshot and runs to the spot again. Going back enters
  // step mode. False, and nothing has changed, at the very start and where `stop` said so during
  // such a run.
  bool back(Grain grain = Grain::op, const std::function<bool()>& stop = {});

  // Step mode keeps a journal and all values of the batch; full speed keeps neither.
  void set_step_mode(bool on);
  bool step_mode() const { return step_mode_; }
  // How many steps the journal can undo.
  size_t journalled_steps() const { return journal_.steps(); }

  // Takes effect at the next update.
  void set_hyper(const optim::Hyper& hyper);
  // Takes up the network as it is drawn now: names, places and how many epochs there are. Throws
  // Error where more has changed than a run can take up on its way. Hyper-parameters stay.
  void adopt(const NetGraph& graph);

  // --- state ---
  const SessionState& state() const { return state_; }
  // On that device, if one is given.
  SessionState snapshot(std::optional<Device> on = {}) const { return state_.deep_copy(on); }
  // Throws Error if the snapshot is of another network. It may be on another device.
  void restore(const SessionState& snapshot);
  // A second run from the same spot.
  std::unique_ptr<Session> fork() const;
  // This run on that device, as it was at `from`, a state of it that may be anywhere, or at its
  // very start. Needs nothing of the device that this run is on. On its way it meets the changes of
  // hyper-parameters that led here.
  std::unique_ptr<Session> resume_on(Device device, const SessionState* from) const;
  // Goes on to the spot of `other`, a later state of this very run, of which only the spot need be
  // left. Enters step mode. False if `stop` said so on the way.
  bool catch_up(const SessionState& other, const std::function<bool()>& stop = {});
  // Keeps a snapshot for back() to start from; a few are kept, the first one always, the others the
  // denser the newer.
  void remember();

  // --- looking ---
  Device device() const { return options_.device; }
  bool at_batch_start() const;
  const NetGraph& graph() const { return graph_; }
  const Plan& plan() const { return *plan_for(true, graph_.training.batch_size); }
  int64_t batches_per_epoch() const { return train_loader_->batch_count(); }
  int64_t test_batches() const { return test_loader_->batch_count(); }
  bool has_data() const { return graph_.training.has_data(); }
  bool evaluates() const { return !graph_.training.loop.each_epoch.empty(); }
  int64_t train_size() const { return data_.train->size(); }
  int64_t samples_in(const StepResult& step) const { return train_loader_->size_of(step.batch); }
  const DataSplit& data() const { return data_; }
  // The step in words and values, with at most `count` numbers of each tensor.
  StepEvent describe(const StepResult& result, size_t count) const;
  ValueWindow window(const ValueRequest& request) const;
  GraphProgress graph_progress() const;
  // The scores of `count` samples as the network is now; the run does not notice.
  Tensor predict(std::span<const float> samples, int64_t count) const;
  // Names as PyTorch's state_dict, and values.
  std::vector<std::pair<std::string, Tensor>> state_dict() const;

 private:
  using PlanKey = std::pair<bool, int64_t>;  // training, batch size
  const std::shared_ptr<const Plan>& plan_for(bool training, int64_t batch_size) const;

  StepResult step_inside();
  void fetch(DataLoader& loader, std::optional<int64_t> seed, int64_t batch, bool training);
  std::vector<Tensor> bound_values(const Plan& plan, std::span<const float> samples,
                                   std::span<const int64_t> labels) const;
  void call_op(int32_t index);
  void check_loss();
  [[noreturn]] void report_divergence(double loss);
  [[noreturn]] void report_bad_evaluation(double loss);
  // What made the loss of a batch non-finite.
  struct Culprit {
    std::string text;  // a sentence or two
    NodeId node = 0;
  };
  Culprit find_culprit(DataLoader& loader, std::optional<int64_t> seed, int64_t batch,
                       bool training);
  Tensor correct() const;  // how many of the batch's predictions are right
  // After a jump or a change of the settings: what follows from them.
  void settle();
  StepResult step_item(const LoopItem& item);
  void bind_leaves();  // of a drawing without data: its tensors are there, its results not yet
  void start_backward(const LoopItem& item);
  BackwardTask::Step step_backward();
  const Tensor& value_of(NodeId node) const;  // its result
  // Results stay until the next batch, to be looked at.
  bool keeps_values() const { return step_mode_ || !has_data(); }
  StepResult step_evaluation();
  void end_item(StepResult& result);
  void finish_batch();
  bool run_to_before(Grain grain, const std::function<bool()>& stop);
  bool run_to(int64_t step, const std::vector<HyperChange>& changes,
              const std::function<bool()>& stop);
  void meet_changes(const std::vector<HyperChange>& changes);
  void change_hyper(const optim::Hyper& hyper);
  // Rethrows an error as one that `node` is to blame for.
  [[noreturn]] void blame(NodeId node, const Error& error) const;
  NodeId node_of(const Node& node) const;
  int32_t parameter_of(const Node& node) const;  // -1 unless a leaf

  NetGraph graph_;
  DataSplit data_;
  Options options_;
  std::unique_ptr<DataLoader> train_loader_;
  std::unique_ptr<DataLoader> test_loader_;
  mutable std::map<PlanKey, std::shared_ptr<const Plan>> plans_;

  SessionState state_;
  bool step_mode_ = false;
  std::optional<std::tuple<Cursor, Metrics, Tensor>> batch_start_;  // at full speed
  std::vector<HyperChange> to_come_;  // changes that this run, which was here before, meets again
  Journal journal_;
  std::vector<SessionState> remembered_;
};

}  // namespace gradus
