// The one place where the window and the engine meet: commands go to the engine thread, its events
// come out as Qt signals: at once, and ten times a second while it runs. Nothing else in ui/
// knows of threads.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <atomic>
#include <memory>

#include "core/session/engine_thread.h"

namespace gradus::ui {

class EngineBridge final : public QObject {
  Q_OBJECT

 public:
  enum class State {
    empty,     // no network that can be trained
    loading,   // data and parameters are being made
    ready,     // at rest; can step, run, go back
    running,   // at full speed
    stepping,  // within a step, or on the way back
    finished,  // all epochs are done
    diverged,  // at rest, before the step that gave no number
    failed,    // loading went wrong
    changed,   // the drawing is another network than the one that has learnt, which is kept
  };
  Q_ENUM(State)

  // Where data sets come from, by their name in the network. Called on the engine thread.
  using DataSource = std::function<DataSplit(const std::string& name)>;

  EngineBridge(Runtime& runtime, DataSource data, QObject* parent = nullptr);
  ~EngineBridge() override;

  State state() const { return changed_ ? State::changed : state_; }
  const Cursor& cursor() const { return cursor_; }
  const GraphProgress& graphProgress() const { return graph_; }
  bool busy() const { return state_ == State::running || state_ == State::stepping; }
  bool atRest() const { return !changed_ && (state_ == State::ready || state_ == State::diverged); }
  // Whether values can be asked for, and would be of what is drawn.
  bool canBeAsked() const { return hasSession() && !changed_; }
  // Whether the last move was a run at full speed, which keeps no results of ops.
  bool wasAtFullSpeed() const { return fullSpeed_; }
  // What the next step belongs to: "forward", "backward of f"; empty at the end.
  QString nextPhase() const;
  // Whether what is loaded learns from a data set; a drawing without one just computes.
  bool hasData() const { return !course_ || course_->training.has_data(); }
  // Whether what was learnt since the start, or since weights were last saved, would be lost.
  bool hasUnsavedWeights() const { return unsaved_ && hasSession(); }
  // In state changed: whether the changed network can be trained.
  bool canStartOver() const { return trainable_; }

  // Where the network is, or will be loaded.
  Device device() const { return device_; }

  // The drawing or its settings have changed. A run takes up what it can on its way, and goes on;
  // where it cannot, it is stopped and kept, and goes on should the change be undone. False if
  // nothing has been learnt yet: load it anew.
  bool follow(const NetGraph& graph, bool trainable);

 public slots:
  void load(const gradus::NetGraph& graph);
  void unload();
  // The network has changed: what the engine still says of the old one is dropped from now on.
  void invalidate();
  void run();
  void step(gradus::Grain grain);
  void back(gradus::Grain grain);
  void stop();
  void look(const std::vector<gradus::ValueRequest>& requests);
  void predict(const gradus::command::Predict& what);
  void mapBoundary(const gradus::command::MapBoundary& what);
  void saveWeights(const QString& file);
  // A run goes on there; where there is none, the next one will be there.
  void useDevice(gradus::Device device);
  void listDevices();

 signals:
  void stateChanged(gradus::ui::EngineBridge::State state);
  void loaded(const gradus::event::Loaded& loaded);
  void progressed(const gradus::event::Progress& progress);
  void epochDone(const gradus::event::EpochDone& epoch);
  void stepped(const gradus::event::Stepped& stepped);
  void valuesCame(const gradus::event::Values& values);
  void predictionsCame(const gradus::event::Predictions& predictions);
  void boundaryCame(const gradus::event::Boundary& boundary);
  void stopped(const gradus::event::Stopped& stopped);
  void saved(const QString& file);
  void moved(const gradus::event::Moved& moved);
  void devicesCame(const gradus::event::Devices& devices);
  void failed(const QString& message, gradus::NodeId node);  // 0 if none is to blame
  void diverged(const QString& message, gradus::NodeId node);
  void lookFailed(const QString& message);
  // Going back has undone a change of the settings.
  void hyperCame(const gradus::optim::Hyper& hyper);

 private:
  bool hasSession() const;
  template <typename Command>
  void ask(const Command& command);
  void move(Command command, State during);
  void answer(bool done);  // a move
  void setChanged(bool changed);
  void wake();  // engine's thread
  void drain();
  void drainSoon();
  void setState(State state);

  void on(event::Loaded& event);
  void on(event::Progress& event);
  void on(event::EpochDone& event);
  void on(event::Stepped& event);
  void on(event::Values& event);
  void on(event::Predictions& event);
  void on(event::Boundary& event);
  void on(event::Stopped& event);
  void on(event::Adopted& event);
  void on(event::Saved& event);
  void on(event::Moved& event);
  void on(event::Devices& event);
  void on(event::Failed& event);

  DataSource data_;
  Device device_ = kCpu;  // where it is wanted
  std::atomic<bool> woken_{false};
  QTimer timer_;
  QElapsedTimer drained_;
  EngineThread engine_;
  State state_ = State::empty;      // the engine's
  std::optional<NetGraph> course_;  // what the engine was given last
  bool changed_ = false;
  bool trainable_ = false;
  bool unsaved_ = false;
  bool fullSpeed_ = false;
  bool hurried_ = false;  // a stop waits to be answered
  Cursor cursor_;
  GraphProgress graph_;
  int64_t loads_ = 0;      // sent
  int64_t loadsDone_ = 0;  // answered
  int64_t moves_ = 0;      // runs, steps and ways back that are not answered
  int64_t movesSent_ = 0;
  int64_t hyperAfter_ = 0;  // how many moves had been sent when hyper-parameters were last sent
};

}  // namespace gradus::ui
