// The subcommands of gradus-cli. Each returns the exit code; what goes wrong is thrown as Error.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "core/data/dataset.h"
#include "core/net/net_graph.h"
#include "core/tensor/runtime.h"

namespace gradus::cli {

// What train and step share: the network and how to train it.
struct NetworkOptions {
  std::string network = "quickstart";
  std::string data;
  std::string device = "cpu";
  // Given on the command line, else the network file's own.
  std::optional<int64_t> epochs;
  std::optional<int64_t> batch_size;
  std::optional<double> lr;
  std::optional<double> momentum;
  std::optional<std::string> seed;

  void add_to(CLI::App& app);
  NetGraph graph() const;  // throws Error
  std::function<DataSplit()> data_for(const NetGraph& graph) const;
};

// The network of that name: an example or a FILE.gradus. Throws Error.
NetGraph load_network(const std::string& name);
void add_device_option(CLI::App& app, std::string& device);

// Adds a subcommand; `run` is set to what it does when it was chosen.
using Action = std::function<int(Runtime&)>;
void add_train(CLI::App& app, Action& run);
void add_step(CLI::App& app, Action& run);
void add_run(CLI::App& app, Action& run);
void add_ops(CLI::App& app, Action& run);
void add_devices(CLI::App& app, Action& run);

// How often Ctrl-C was pressed. The second time, what is blocked gives up.
int interruptions();
inline bool interrupted() { return interruptions() > 0; }

}  // namespace gradus::cli
