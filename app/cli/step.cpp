// gradus-cli step: a plain-text stepper, forwards and backwards.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <sstream>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/devices.h"
#include "core/base/error.h"
#include "core/session/engine_thread.h"

namespace gradus::cli {
namespace {

constexpr const char* kHelp =
    "  Enter or op [N]     one op, gradient node or parameter update (or N)\n"
    "  layer|phase|batch|epoch [N]   on to the end of that\n"
    "  back [op|layer|phase|batch|epoch] [N]   undo\n"
    "  show NAME           the numbers of a parameter or result, its gradient, and momentum\n"
    "  lr X                change the learning rate\n"
    "  plan                the calls of a batch\n"
    "  help, quit\n";

std::string number_text(double value, DType dtype) {
  if (!is_floating_point(dtype)) return fmt::format("{}", static_cast<int64_t>(value));
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-3 || size >= 1e5)) return fmt::format("{:.3e}", value);
  return fmt::format("{:.4f}", value);
}

std::string window_text(const ValueWindow& window) {
  if (!window.computed) {
    return fmt::format("{:<28} {:<14} {}", window.name, to_string(window.sizes),
                       window.why_not.empty() ? "not computed yet" : "None. " + window.why_not);
  }
  std::string numbers;
  for (double value : window.first) {
    numbers += (numbers.empty() ? "" : " ") + number_text(value, window.dtype);
  }
  if (static_cast<int64_t>(window.first.size()) < numel(window.sizes)) numbers += " …";
  return fmt::format("{:<28} {:<14} {}", window.name, to_string(window.sizes), numbers);
}

std::string title(const StepEvent& event) {
  const StepResult& r = event.result;
  return fmt::format("step {}  epoch {}  batch {}  {}  {}{}", r.step, r.epoch + 1, r.batch + 1,
                     to_string(r.phase), event.op,
                     event.where.empty() ? "" : "  in " + event.where);
}

class Stepper {
 public:
  Stepper(EngineThread& engine, size_t values) : engine_(engine), values_(values) {}

  // Reads commands from `in` until it ends or says quit. Returns the exit code.
  int run(const NetGraph& graph, std::function<DataSplit()> data, Device device, std::istream& in,
          bool prompt) {
    learning_ = graph.training.optimizer;
    engine_.send(command::Load{1, graph, std::move(data), {.device = device}});
    loaded_ = ask<event::Loaded>();
    updates_ = graph.training.loop.updates();
    if (graph.training.has_data()) {
      say("{}: {} batches per epoch. Type help for the commands.\n", graph.title,
          loaded_.batches_per_epoch);
    } else {
      say("{}. Type help for the commands.\n", graph.title);
    }
    int exit_code = 0;
    while (!interrupted() && !output_lost()) {
      if (prompt) {
        say("> ");
      }
      std::string line;
      if (!std::getline(in, line)) break;
      std::istringstream words(line);
      try {
        if (!obey(words)) break;
      } catch (const Error& error) {
        complain("error: {}\n", error.what());
        exit_code = 1;
      }
    }
    if (!interrupted()) return exit_code;
    say("\n");
    return 130;
  }

 private:
  static bool parse_grain(const std::string& word, Grain& grain) {
    for (Grain g : {Grain::op, Grain::layer, Grain::phase, Grain::batch, Grain::epoch}) {
      if (word == to_string(g)) {
        grain = g;
        return true;
      }
    }
    return false;
  }

  static int64_t parse_count(std::istringstream& words) {
    std::string word;
    if (!(words >> word)) return 1;
    try {
      size_t used = 0;
      const int64_t count = std::stoll(word, &used);
      if (used == word.size() && count >= 1) return count;
    } catch (const std::exception&) {
    }
    fail("step", "{:?} is not a number of times", word);
  }

  static void end(std::istringstream& words) {
    std::string word;
    words.clear();
    if (words >> word) fail("step", "{:?} is one word too many", word);
  }

  // False to quit.
  bool obey(std::istringstream& words) {
    std::string word;
    words >> word;
    Grain grain = Grain::op;
    if (word.empty() || parse_grain(word, grain)) {
      const int64_t count = parse_count(words);
      end(words);
      for (int64_t i = 0; i < count && !interrupted() && forward(grain); ++i) {
      }
    } else if (word == "back") {
      std::string which;
      const auto spot = words.tellg();
      if (words >> which && !parse_grain(which, grain)) {
        words.clear();
        words.seekg(spot);
      }
      const int64_t count = parse_count(words);
      end(words);
      for (int64_t i = 0; i < count && !interrupted(); ++i) backward(grain);
    } else if (word == "show") {
      std::string name;
      words >> name;
      end(words);
      show(name);
    } else if (word == "lr") {
      double lr = -1;
      if (!(words >> lr)) fail("lr", "needs a number, as in: lr 0.01");
      end(words);
      learning_.lr = lr;
      optim::check(learning_);
      engine_.send(command::SetHyper{learning_});
    } else if (word == "plan") {
      say("{}", loaded_.plan);
    } else if (word == "help") {
      say("{}", kHelp);
    } else if (word == "quit" || word == "exit") {
      return false;
    } else {
      fail("step", "there is no command {:?}; type help", word);
    }
    return true;
  }

  // Op by op, so that each can be seen, until one ends the grain. False at the end of the run.
  bool forward(Grain grain) {
    while (!interrupted()) {
      engine_.send(command::Step{Grain::op, values_});
      const auto stepped = ask<event::Stepped>();
      print(stepped.step);
      if (stepped.step.result.kind == StepResult::Kind::nothing) return false;
      if (stepped.step.result.ends(grain)) break;
    }
    return true;
  }

  void backward(Grain grain) {
    engine_.send(command::Back{grain, values_});
    const auto stepped = ask<event::Stepped>();
    if (stepped.cursor.step == 0) {
      say("back to the very start\n");
    } else {
      say("back to after {}\n", title(stepped.step));
    }
  }

  void print(const StepEvent& event) {
    if (event.result.kind == StepResult::Kind::nothing) {
      say("the run is over\n");
      return;
    }
    say("{}\n", title(event));
    for (const ValueWindow& window : event.inputs) say("   in  {}\n", window_text(window));
    for (const ValueWindow& window : event.outputs) say("   out {}\n", window_text(window));
  }

  void show(const std::string& name) {
    using Kind = ValueRef::Kind;
    const auto look = [this](std::initializer_list<Kind> kinds, int32_t index) {
      command::Look wanted;
      for (const Kind kind : kinds) wanted.requests.push_back({{kind, index}, 100});
      engine_.send(std::move(wanted));
      for (const ValueWindow& window : ask<event::Values>().windows) {
        say("   {}\n", window_text(window));
      }
    };
    std::string known;
    for (size_t i = 0; i < loaded_.parameters.size(); ++i) {
      known += "\n  " + loaded_.parameters[i];
      if (loaded_.parameters[i] != name) continue;
      const auto index = static_cast<int32_t>(i);
      return updates_ ? look({Kind::parameter, Kind::parameter_grad, Kind::momentum_buffer}, index)
                      : look({Kind::parameter, Kind::parameter_grad}, index);
    }
    for (const auto& [result, value] : loaded_.results) {
      known += "\n  " + result;
      if (result == name) return look({Kind::value, Kind::value_grad}, value);
    }
    fail("show", "there is no parameter or result {:?}. There are:{}", name, known);
  }

  // The next event of a kind; a failure is thrown.
  template <typename E>
  E ask() {
    while (true) {
      if (interrupted()) engine_.stop();  // the step ends early and answers all the same
      for (Event& event : engine_.events().wait_and_drain(std::chrono::milliseconds(200))) {
        if (auto* failed = std::get_if<event::Failed>(&event)) throw Error(failed->message);
        if (auto* moved = std::get_if<event::Moved>(&event)) say("{}\n", moved_text(*moved));
        if (auto* wanted = std::get_if<E>(&event)) return std::move(*wanted);
      }
    }
  }

  EngineThread& engine_;
  size_t values_;
  event::Loaded loaded_;
  bool updates_ = false;  // the loop does
  optim::Hyper learning_;
};

struct StepOptions {
  NetworkOptions network;
  std::string commands;
  size_t values = 8;
};

}  // namespace

void add_step(CLI::App& app, Action& run) {
  auto options = std::make_shared<StepOptions>();
  options->network.network = "toy";
  CLI::App* command =
      app.add_subcommand("step", "Go through training op by op, forwards and backwards");
  options->network.add_to(*command);
  command->add_option("--commands", options->commands,
                      "What to do, separated by semicolons, instead of asking: \"phase 3; back\"");
  command->add_option("--values", options->values, "Numbers of each tensor to print")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  command->footer(kHelp);
  command->callback([&run, options] {
    run = [options](Runtime& runtime) {
      const NetGraph graph = options->network.graph();
      const Device device = parse_device(options->network.device);
      EngineThread engine(runtime);
      Stepper stepper(engine, options->values);
      const auto data = options->network.data_for(graph);
      if (options->commands.empty()) {
        return stepper.run(graph, data, device, std::cin, isatty(STDIN_FILENO) != 0);
      }
      std::string lines = options->commands;
      for (char& c : lines) {
        if (c == ';') c = '\n';
      }
      std::istringstream in(lines);
      return stepper.run(graph, data, device, in, false);
    };
  });
}

}  // namespace gradus::cli
