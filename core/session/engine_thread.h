// The thread that runs a session. Whoever owns it (the window, the command line) sends commands and
// drains events; both are plain data, so the engine could as well be another process.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "core/session/host_copy.h"
#include "core/session/mailbox.h"
#include "core/session/session.h"
#include "core/tensor/runtime.h"

namespace gradus {

namespace command {
// Makes the session. The data is loaded on the engine thread.
struct Load {
  int64_t id = 0;  // comes back with what it leads to
  NetGraph graph;
  std::function<DataSplit()> data;
  Session::Options options = {};
};
struct Run {
  Grain until = Grain::all;
};
struct Step {
  Grain grain = Grain::op;
  size_t values = 8;  // numbers of each tensor that events carry
};
struct Back {
  Grain grain = Grain::op;
  size_t values = 8;
};
struct SetHyper {
  optim::Hyper hyper;
};
struct Adopt {  // what a run can take up on its way, see Session::adopt
  NetGraph graph;
};
struct Look {  // a request for values
  std::vector<ValueRequest> requests;
};
struct Predict {  // of samples of the test set
  std::vector<int64_t> samples;
};
struct MapBoundary {  // the predictions over a part of the plane, for samples of two numbers
  double left = 0, right = 1, bottom = 0, top = 1;
  int32_t columns = 64, rows = 64;
};
struct SaveWeights {
  std::filesystem::path file;
};
struct UseDevice {  // the run goes on there
  Device device;
};
struct ListDevices {};
}  // namespace command
using Command =
    std::variant<command::Load, command::Run, command::Step, command::Back, command::SetHyper,
                 command::Adopt, command::Look, command::Predict, command::MapBoundary,
                 command::SaveWeights, command::UseDevice, command::ListDevices>;

namespace event {
struct Loaded {
  int64_t id = 0;
  std::string plan;  // as text
  std::vector<std::string> parameters;
  std::vector<Dims> parameter_sizes;
  std::vector<std::pair<std::string, ValueId>> results;  // of ops, by their nodes' names
  int64_t batches_per_epoch = 0;
  int64_t train_size = 0;
  int64_t test_size = 0;
  std::string dataset;
  Dims sample_shape;
  std::vector<std::string> class_names;
  Device device;
};
struct BatchLoss {
  int64_t epoch = 0;
  int64_t batch = 0;
  int64_t samples = 0;
  std::optional<double> loss;  // none where the loop computes none
};
// While running: all batches since the last event, merged.
struct Progress {
  std::vector<BatchLoss> batches;
  double training_seconds = 0;  // spent in training so far, evaluation not counted
  int64_t training_samples = 0;
};
struct EpochDone {
  int64_t epoch = 0;
  Metrics metrics;
  double training_seconds = 0;
  int64_t training_samples = 0;
};
struct Stepped {
  StepEvent step;
  Cursor cursor;
  GraphProgress graph;
  optim::Hyper hyper;
  Metrics metrics;
  bool backwards = false;  // `step` is the one now last
};
struct Values {
  std::vector<ValueWindow> windows;
};
struct Predictions {
  std::vector<int64_t> samples;  // of the test set
  std::vector<float> pixels;     // of all of them, as the network gets them
  std::vector<int64_t> labels;
  std::vector<int64_t> predicted;  // -1 where the scores are no numbers
  std::vector<float> confidence;   // softmax of the predicted class, 0 to 1
};
struct Boundary {
  command::MapBoundary area;
  std::vector<int64_t> predicted;  // rows from the top, row-major; -1 as above
  std::vector<float> confidence;   // 0 to 1
  std::vector<float> points;       // x and y of training samples
  std::vector<int64_t> labels;
};
struct Stopped {  // a run ended
  Cursor cursor;
  Metrics metrics;
  GraphProgress graph;
  bool finished = false;  // all epochs are done
};
struct Adopted {  // what a run takes up on its way
  Cursor cursor;
};
struct Saved {
  std::string file;
};
// The run goes on elsewhere: as was asked for, or since its device was lost. Then it stands where
// the host's last copy was taken, and what came after is done again.
struct Moved {
  Device from;
  Device to;
  std::string lost;  // why it had to; empty if it was asked for
  Cursor cursor;
  int64_t batches_redone = 0;  // of training and evaluation
};
struct Devices {
  std::vector<DeviceInfo> all;
  std::string why_no_more;  // where the CPU is alone
};
struct Failed {
  std::string message;
  bool diverged = false;
  NodeId node = 0;    // of the network, that is to blame; 0 if none is
  int64_t load = 0;   // the Load that failed; 0 if it was something else
  bool move = false;  // a Run, Step or Back; then this is where it stands:
  Cursor cursor;
  GraphProgress graph;
  bool look = false;                    // a Look, Predict or MapBoundary
  std::optional<Device> stays_on = {};  // a UseDevice; the run is still there
};
}  // namespace event
using Event =
    std::variant<event::Loaded, event::Progress, event::EpochDone, event::Stepped, event::Values,
                 event::Predictions, event::Boundary, event::Stopped, event::Adopted, event::Saved,
                 event::Moved, event::Devices, event::Failed>;

class EngineThread {
 public:
  // `wake` is called by the engine thread whenever there is an event to take. It must return at
  // once and not throw.
  explicit EngineThread(
      Runtime& runtime, std::function<void()> wake = [] {});
  // Stops after the current op and waits.
  ~EngineThread();

  // Never waits, so the thread that sends is free to take the events.
  void send(Command command);
  // Ends what was sent so far after the current step (at most one op).
  void stop() { stop_up_to_ = sent_.load(); }

  Mailbox<Event>& events() { return events_; }

 private:
  void work();
  void post(Event event);
  void perform(Command& command);
  // Goes on with the command on the CPU, from the host's last copy.
  void resume_without_device(const DeviceLost& lost, Command& command);
  void serve_lookers(bool between_batches);
  void handle(command::Load& load);
  void handle(command::Run& run);
  void handle(command::Step& step);
  void handle(command::Back& back);
  void handle(command::SetHyper& set);
  void handle(command::Adopt& adopt);
  void handle(command::Look& look);
  void handle(command::Predict& predict);
  void handle(command::MapBoundary& map);
  void handle(command::SaveWeights& save);
  void handle(command::UseDevice& use);
  void handle(command::ListDevices& list);
  Session& session();
  void post_progress(event::BatchLoss batch);
  void flush_progress();  // waits for room
  void post_stepped(const StepResult& last, size_t values, bool backwards);

  Runtime& runtime_;
  std::function<void()> wake_;
  std::unique_ptr<Session> session_;
  HostCopy host_copy_;
  // A stop holds for the commands sent before it, handled or not, and for none after.
  struct Numbered {
    uint64_t number = 0;
    Command command;
  };
  bool stopping() const { return quit_ || running_ <= stop_up_to_; }

  Mailbox<Numbered> commands_;  // unbounded: whoever sends must never wait for who reads events
  Mailbox<Event> events_{1024};
  bool runs_ = false;         // a Run is under way
  event::Progress progress_;  // its batches have not found room yet
  std::atomic<uint64_t> sent_{0};
  std::atomic<uint64_t> stop_up_to_{0};
  uint64_t running_ = 0;  // engine thread's
  std::atomic<bool> quit_{false};
  std::thread thread_;
};

}  // namespace gradus
