// gradus-cli train: the tutorial's loop, with the tutorial's lines.
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/cli/svg_chart.h"
#include "app/devices.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/session/engine_thread.h"

namespace gradus::cli {
namespace {

struct TrainOptions {
  NetworkOptions network;
  std::string save;
  std::string log;
  std::string svg;
  bool json = false;
  bool times = false;
};

nlohmann::ordered_json or_null(std::optional<double> number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
}

// Follows one training run from its events.
class Follower {
 public:
  Follower(const TrainOptions& options, const NetGraph& graph, EngineThread& engine)
      : options_(options), training_(graph.training), engine_(engine) {
    if (!options.log.empty()) {
      log_.open(options.log);
      if (!log_) fail(options.log, "cannot be written");
    }
  }

  // Handles events until the run has ended. Returns the exit code.
  int follow() {
    bool stopping = false;
    while (!ended_) {
      for (Event& event : engine_.events().wait_and_drain(std::chrono::milliseconds(100))) {
        std::visit([this](auto& e) { on(e); }, event);
      }
      if ((interrupted() || output_lost()) && !stopping) {
        stopping = true;
        engine_.stop();
      }
    }
    bar_.clear();
    return finish();
  }

 private:
  void on(event::Loaded& loaded) {
    batches_ = loaded.batches_per_epoch;
    train_size_ = loaded.train_size;
    started_ = true;
    if (interrupted()) {
      ended_ = true;  // nothing was learnt yet
    } else {
      engine_.send(command::Run{});
    }
  }
  void on(event::Progress& progress) {
    for (const event::BatchLoss& batch : progress.batches) on_batch(batch);
    rate_ = static_cast<double>(progress.training_samples) / progress.training_seconds;
    const event::BatchLoss& last = progress.batches.back();
    const int64_t done = std::min((last.batch + 1) * training_.batch_size, train_size_);
    bar_.show(fmt::format("epoch {}/{}", last.epoch + 1, training_.epochs),
              last.epoch * train_size_ + done, training_.epochs * train_size_, rate_, "samples");
  }
  void on_batch(const event::BatchLoss& batch) {
    const double x = static_cast<double>(batch.epoch) +
                     static_cast<double>(batch.batch + 1) / static_cast<double>(batches_);
    if (batch.loss) loss_curve_.emplace_back(x, *batch.loss);
    if (log_.is_open()) {
      log_ << nlohmann::ordered_json{{"event", "batch"},
                                     {"epoch", batch.epoch + 1},
                                     {"batch", batch.batch + 1},
                                     {"loss", or_null(batch.loss)}}
                  .dump()
           << '\n';
    }
    if (batch.batch == 0) {
      bar_.clear();
      say("Epoch {}\n-------------------------------\n", batch.epoch + 1);
    }
    if (batch.batch % 100 == 0 && batch.loss) {
      bar_.clear();
      const int64_t seen = std::min((batch.batch + 1) * training_.batch_size, train_size_);
      say("loss: {:>7f}  [{:>5d}/{:>5d}]\n", *batch.loss, seen, train_size_);
    }
  }
  void on(event::EpochDone& done) {
    bar_.clear();
    const Metrics& m = done.metrics;
    if (m.test_loss) {
      say("Test Error: Accuracy: {:.1f}%, Avg loss: {:.6f}\n\n", 100 * *m.test_accuracy,
          *m.test_loss);
    }
    metrics_ = m;
    epochs_ = done.epoch + 1;
    const double x = static_cast<double>(epochs_);
    if (m.train_loss) train_curve_.emplace_back(x, *m.train_loss);
    if (m.test_loss) {
      test_curve_.emplace_back(x, *m.test_loss);
      accuracy_curve_.emplace_back(x, *m.test_accuracy);
    }
    rate_ = static_cast<double>(done.training_samples) / done.training_seconds;
    if (log_.is_open()) {
      log_ << nlohmann::ordered_json{{"event", "epoch"},
                                     {"epoch", epochs_},
                                     {"train_loss", or_null(m.train_loss)},
                                     {"train_accuracy", or_null(m.train_accuracy)},
                                     {"test_loss", or_null(m.test_loss)},
                                     {"test_accuracy", or_null(m.test_accuracy)},
                                     {"samples_per_second", rate_}}
                  .dump()
           << '\n';
    }
  }
  void on(event::Stopped& stopped) {
    finished_ = stopped.finished;
    if (options_.save.empty()) {
      ended_ = true;
    } else {
      save();
    }
  }
  void on(event::Saved& saved) {
    bar_.clear();
    say("Saved the weights to {}\n", saved.file);
    ended_ = true;
  }
  void on(event::Failed& failed) {
    bar_.clear();
    complain("error: {}\n", failed.message);
    failed_ = true;
    // What was learnt before is saved all the same.
    if (started_ && !saving_ && !options_.save.empty()) {
      save();
    } else {
      ended_ = true;
    }
  }
  void save() {
    saving_ = true;
    engine_.send(command::SaveWeights{options_.save});
  }
  // What is done again is drawn again.
  void on(event::Moved& moved) {
    bar_.clear();
    say("{}\n", moved_text(moved));
    const Cursor& at = moved.cursor;
    const double done =
        static_cast<double>(at.epoch) +
        static_cast<double>(at.after_batches ? batches_ : at.batch) / static_cast<double>(batches_);
    const double half_batch = 0.5 / static_cast<double>(batches_);
    for (auto* curve : {&loss_curve_, &train_curve_, &test_curve_, &accuracy_curve_}) {
      std::erase_if(*curve, [&](const auto& point) { return point.first > done + half_batch; });
    }
    if (log_.is_open()) {
      log_ << nlohmann::ordered_json{{"event", "device_lost"},
                                     {"device", to_string(moved.from)},
                                     {"goes_on_with", to_string(moved.to)},
                                     {"epoch", at.epoch + 1},
                                     {"batches_done", at.after_batches ? batches_ : at.batch},
                                     {"batches_redone", moved.batches_redone}}
                  .dump()
           << '\n';
    }
  }
  void on(event::Stepped&) {}
  void on(event::Values&) {}
  void on(event::Predictions&) {}
  void on(event::Boundary&) {}
  void on(event::Adopted&) {}
  void on(event::Devices&) {}

  int finish() {
    if (log_.is_open() && !log_.flush()) {
      complain("error: [{}] could not be written in full\n", options_.log);
      failed_ = true;
    }
    if (!options_.svg.empty() && started_) {
      std::vector<Chart> charts = {
          {"Loss",
           "epochs",
           "",
           {{"per batch", "#BBBBBB", loss_curve_},
            {"train", "#0072B2", train_curve_, true},
            {"test", "#D55E00", test_curve_, true}}},
          {"Test accuracy", "epochs", "", {{"test", "#D55E00", accuracy_curve_, true}}, true}};
      try {
        write_file_atomically(options_.svg, draw_svg(charts));
        say("Drew the curves in {}\n", options_.svg);
      } catch (const Error& error) {
        complain("error: {}\n", error.what());
        failed_ = true;
      }
    }
    if (options_.json && started_) {
      say("{}\n", nlohmann::ordered_json{{"epochs", epochs_},
                                         {"train_loss", or_null(metrics_.train_loss)},
                                         {"train_accuracy", or_null(metrics_.train_accuracy)},
                                         {"test_loss", or_null(metrics_.test_loss)},
                                         {"test_accuracy", or_null(metrics_.test_accuracy)},
                                         {"samples_per_second", rate_}}
                      .dump());
    }
    if (failed_) return 1;
    if (interrupted() && !finished_) {
      complain("stopped by Ctrl-C\n");
      return 130;
    }
    return 0;
  }

  const TrainOptions& options_;
  const Training training_;
  EngineThread& engine_;
  ProgressBar bar_;
  std::ofstream log_;
  int64_t batches_ = 0;
  int64_t train_size_ = 0;
  int64_t epochs_ = 0;
  Metrics metrics_;
  double rate_ = 0;
  bool started_ = false, ended_ = false, failed_ = false, finished_ = false, saving_ = false;
  std::vector<std::pair<double, double>> loss_curve_, train_curve_, test_curve_, accuracy_curve_;
};

void print_times(Backend& backend) {
  std::vector<OpTime> times;
  try {
    times = backend.take_times();
  } catch (const DeviceLost&) {
    say("The times of the ops went with the device.\n");
    return;
  }
  std::ranges::sort(times, std::ranges::greater(), &OpTime::seconds);
  double total = 0;
  for (const OpTime& time : times) total += time.seconds;
  if (total == 0) {
    say("{} does not tell times.\n", to_string(backend.device()));
    return;
  }
  say("{:<24} {:>10} {:>12} {:>12} {:>7}\n", "op", "calls", "total, ms", "each, us", "share");
  for (const OpTime& time : times) {
    say("{:<24} {:>10} {:>12.1f} {:>12.2f} {:>6.1f}%\n", time.op, time.calls, time.seconds * 1e3,
        time.seconds * 1e6 / static_cast<double>(std::max<int64_t>(time.calls, 1)),
        100 * time.seconds / total);
  }
}

}  // namespace

void add_train(CLI::App& app, Action& run) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command = app.add_subcommand("train", "Train a network and print how it learns");
  options->network.add_to(*command);
  command->add_option("--save", options->save, "Write the weights here at the end (.safetensors)");
  command->add_option("--log", options->log, "Write every batch and epoch here (JSON lines)");
  command->add_option("--svg", options->svg, "Draw the curves here (SVG)");
  command->add_flag("--json", options->json, "End with one line of JSON");
  command->add_flag("--times", options->times, "End with what the device spent on each op");
  command->callback([&run, options] {
    run = [options](Runtime& runtime) {
      const NetGraph graph = options->network.graph();
      if (!graph.training.has_data()) {
        fail("train", "{} has no data set to learn from: see gradus-cli run and gradus-cli step",
             options->network.network);
      }
      const Device device = parse_device(options->network.device);
      const auto data = options->network.data_for(graph);
      for (const std::string& file : {options->save, options->svg}) {
        if (!file.empty()) require_writable(file);
      }
      if (options->times) runtime.backend(device).set_timing(true);
      int code = 0;
      {
        EngineThread engine(runtime);
        Follower follower(*options, graph, engine);
        engine.send(command::Load{1, graph, data, {.device = device}});
        code = follower.follow();
      }
      if (options->times) print_times(runtime.backend(device));
      return code;
    };
  });
}

}  // namespace gradus::cli
