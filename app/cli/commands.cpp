#include "app/cli/commands.h"

#include <algorithm>
#include <charconv>

#include "app/cli/output.h"
#include "app/datasets.h"

#include "core/base/error.h"
#include "core/io/examples.h"
#include "core/io/project.h"
#include "core/op/op_def.h"

namespace gradus::cli {
namespace {

// As torch.manual_seed, which counts negative numbers from 2^64 down.
uint64_t parse_seed(const std::string& text) {
  const char* end = text.data() + text.size();
  uint64_t seed = 0;
  int64_t negative = 0;
  if (auto [stop, error] = std::from_chars(text.data(), end, seed);
      error == std::errc() && stop == end) {
    return seed;
  }
  if (auto [stop, error] = std::from_chars(text.data(), end, negative);
      error == std::errc() && stop == end) {
    return static_cast<uint64_t>(negative);
  }
  fail("--seed", "{:?} is not a whole number from -2^63 to 2^64-1", text);
}

}  // namespace

void add_device_option(CLI::App& app, std::string& device) {
  app.add_option("--device", device,
                 "cpu, vulkan (the best GPU) or vulkan:N; see gradus-cli devices")
      ->capture_default_str();
}

NetGraph load_network(const std::string& name) {
  if (name == "toy") return toy_network();
  return name.ends_with(".gradus") ? load_project(name) : example(name);
}

void NetworkOptions::add_to(CLI::App& app) {
  app.add_option("--network", network, "A FILE.gradus or an example: quickstart, toy")
      ->capture_default_str();
  app.add_option("--data", data, "Folder of the data set's files");
  add_device_option(app, device);
  app.add_option("--epochs", epochs, "Times to go through the data");
  app.add_option("--batch-size", batch_size, "Samples per step");
  app.add_option("--lr", lr, "Learning rate");
  app.add_option("--momentum", momentum, "Share of the last direction that is kept");
  app.add_option("--seed", seed, "Seed of all random numbers, as torch.manual_seed");
}

NetGraph NetworkOptions::graph() const {
  NetGraph graph = load_network(network);
  Training& training = graph.training;
  if (epochs) training.epochs = *epochs;
  if (batch_size) training.batch_size = *batch_size;
  if (lr) training.optimizer.lr = *lr;
  if (momentum) training.optimizer.momentum = *momentum;
  if (seed) training.seed = parse_seed(*seed);
  check(training);
  return graph;
}

std::function<DataSplit()> NetworkOptions::data_for(const NetGraph& graph) const {
  const std::string& name = graph.training.dataset;
  check_dataset(name, data);
  return [name, folder = data] { return load_dataset(name, folder); };
}

namespace {

// What stands in each column of `gradus-cli ops`.
std::vector<std::string> row_of(const OpDef& op) {
  std::string arguments;
  for (const InputSpec& input : op.inputs) {
    arguments += (arguments.empty() ? "" : ", ") + std::string(input.name);
  }
  if (op.variadic) arguments += ", ...";
  Attrs defaults;
  for (const AttrSpec& attr : op.attrs) {
    arguments += fmt::format(", {}=", attr.name);
    defaults.push_back(attr.default_value);
  }
  return {op.name(), to_string(op.category), arguments,
          op.backward ? op.backward_name(defaults) : "-", op.summary};
}

}  // namespace

void add_ops(CLI::App& app, Action& run) {
  CLI::App* command = app.add_subcommand("ops", "List every op the engine knows");
  command->callback([&run] {
    run = [](Runtime&) {
      std::vector<std::vector<std::string>> rows{
          {"op", "category", "inputs, attributes", "autograd node", "what it does"}};
      for (const OpDef* op : all_ops()) rows.push_back(row_of(*op));
      say_table(rows);
      return 0;
    };
  });
}

void add_devices(CLI::App& app, Action& run) {
  CLI::App* command = app.add_subcommand("devices", "List the devices that can compute");
  command->callback([&run] {
    run = [](Runtime& runtime) {
      std::string why;
      const std::vector<DeviceInfo> all = runtime.devices(&why);
      for (const DeviceInfo& info : all) {
        say("{}\n  name     {}\n  type     {}{}\n  memory   {:.1f} GiB\n", to_string(info.device),
            info.name, info.type,
            info.software ? ": slow, used only when asked for by its number" : "",
            static_cast<double>(info.memory_bytes) / 0x1p30);
        for (const auto& [key, value] : info.details) say("  {:<8} {}\n", key, value);
        if (!info.problem.empty()) say("  cannot be used: {}\n", info.problem);
      }
      if (all.size() == 1) say("No GPU: {}\n", why);
      return 0;
    };
  });
}

}  // namespace gradus::cli
