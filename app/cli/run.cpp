// gradus-cli run: a drawing that computes with its own tensors, from the first step of its loop to
// the last, with what each has changed, as PyTorch prints it.
#include <algorithm>
#include <map>
#include <set>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/datasets.h"
#include "app/devices.h"
#include "core/autograd/print.h"
#include "core/autograd/why_no_grad.h"
#include "core/base/error.h"
#include "core/session/session.h"

namespace gradus::cli {
namespace {

// "x = tensor([[1, 2],", and the lines after it below.
void say_value(const std::string& name, const Tensor& value) {
  constexpr int64_t kMost = 100;  // of a larger one, its shape says enough
  std::string text = "None";
  if (value.defined()) {
    text = value.numel() <= kMost ? to_string(value)
                                  : fmt::format("tensor of size {}, {}", to_string(value.sizes()),
                                                to_string(value.dtype()));
  }
  const auto width = std::ranges::count_if(name, [](char c) { return (c & 0xC0) != 0x80; });
  const std::string margin(static_cast<size_t>(width) + 5, ' ');
  for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, margin);
  }
  say("  {} = {}\n", name, text);
}

class Runner {
 public:
  explicit Runner(Session& session) : session_(session), plan_(session.plan()) {
    session_.set_step_mode(true);
  }

  void run() {
    const Loop& loop = session_.graph().training.loop;
    while (!interrupted() && !output_lost()) {
      const Cursor before = session_.state().cursor;
      const StepResult last = session_.run(Grain::phase);
      if (last.kind == StepResult::Kind::nothing) break;
      if (before.item == 0 && session_.graph().training.epochs > 1) {
        say("\n--- {} of {} ---\n", before.epoch + 1, session_.graph().training.epochs);
      }
      const LoopItem& item = loop.each_batch[static_cast<size_t>(before.item)];
      say("\n{}\n", to_string(item, session_.graph()));
      show(item);
    }
    if (interrupted() || plan_.grad_nodes.empty()) return;
    say_leaves_and_results();
    say_graph();
  }

 private:
  struct Named {
    std::string name;
    Tensor tensor;  // undefined before it is computed
  };
  // Leaves, which are the layers' parameters too, and results, as far as they are there.
  std::vector<Named> leaves() const {
    std::vector<Named> all;
    for (size_t i = 0; i < plan_.parameters.size(); ++i) {
      all.push_back({plan_.parameters[i].name, session_.state().parameters[i]});
    }
    return all;
  }
  std::vector<Named> results() const {
    std::vector<Named> all;
    for (const NodeId id : session_.graph().order()) {
      const auto value = static_cast<size_t>(plan_.results.at(id));
      const Tensor& tensor = session_.state().values[value];
      if (plan_.values[value].kind != PlanValue::Kind::result || !tensor.defined()) continue;
      all.push_back({session_.graph().node(id).name, tensor});
    }
    return all;
  }

  void show(const LoopItem& item) {
    for (const auto& [name, leaf] : leaves()) {
      const bool learns = leaf.requires_grad();
      const bool graded = item.phase == Phase::zero_grad || item.phase == Phase::backward;
      if (graded && learns) say_value(name + ".grad", leaf.grad());
      if (item.phase == Phase::forward || (item.phase == Phase::update && learns)) {
        say_value(name, leaf);
      }
    }
    for (const auto& [name, result] : results()) {
      if (item.phase == Phase::forward) say_value(name, result);
      const bool kept = item.phase == Phase::backward && result.retains_grad();
      if (kept) say_value(name + ".grad", result.grad());
    }
  }

  // One row for each tensor of the drawing; each reason in full, for the first it applies to.
  void say_leaves_and_results() {
    std::map<NoGradReason, std::pair<std::string, std::string>> reasons;
    std::vector<std::vector<std::string>> rows{
        {"tensor", "requires_grad", "is_leaf", "grad_fn", "grad"}};
    std::vector<Named> all = leaves();
    std::ranges::move(results(), std::back_inserter(all));
    for (const auto& [name, tensor] : all) {
      const auto yes_no = [](bool yes) { return yes ? "True" : "False"; };
      const WhyNoGrad why = why_no_grad(tensor);
      const bool there = why.reason == NoGradReason::none;
      rows.push_back({name, yes_no(tensor.requires_grad()), yes_no(tensor.is_leaf()),
                      tensor.grad_fn() ? tensor.grad_fn()->name() : "None",
                      fmt::format("{}{}", there ? "" : "None: ", to_string(why.reason))});
      if (!there) reasons.try_emplace(why.reason, name, why.text);
    }
    say("\n");
    say_table(rows);
    if (!reasons.empty()) say("\n");
    for (const auto& [reason, first] : reasons) {
      say("Why is {}.grad None? {}\n", first.first, first.second);
    }
  }

  // The autograd graphs as trees, from their roots to the leaves; what stands above already is only
  // named.
  void say_graph() {
    constexpr size_t kDeepest = 30;  // from there on it goes straight down
    std::set<int32_t> inner;
    for (const PlanGradNode& node : plan_.grad_nodes) {
      for (const PlanGradNode::Edge& edge : node.next_functions) inner.insert(edge.to);
    }
    std::set<int32_t> said;
    for (size_t root = 0; root < plan_.grad_nodes.size(); ++root) {
      if (inner.contains(static_cast<int32_t>(root))) continue;
      say("\n{}.grad_fn\n", session_.graph().node(plan_.grad_nodes[root].node).name);
      std::vector<std::pair<int32_t, size_t>> waiting{{static_cast<int32_t>(root), 1}};
      while (!waiting.empty()) {
        const auto [place, depth] = waiting.back();
        waiting.pop_back();
        const PlanGradNode& node = plan_.grad_nodes[static_cast<size_t>(place)];
        const bool again = !said.insert(place).second && !node.next_functions.empty();
        const std::string& of = node.parameter < 0
                                    ? session_.graph().node(node.node).name
                                    : plan_.parameters[static_cast<size_t>(node.parameter)].name;
        say("{:{}}{} ({}){}\n", "", 2 * std::min(depth, kDeepest), node.name, of,
            again ? ", see above" : "");
        if (again) continue;
        for (size_t i = node.next_functions.size(); i-- > 0;) {
          waiting.emplace_back(node.next_functions[i].to, depth + 1);
        }
      }
    }
  }

  Session& session_;
  const Plan& plan_;
};

}  // namespace

void add_run(CLI::App& app, Action& run) {
  struct Options {
    std::string drawing;
    std::string device = "cpu";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "run", "Run a drawing that computes with its own tensors, and print what each step changes");
  command->add_option("drawing", options->drawing, "A FILE.gradus or an example: a6_accumulation")
      ->required();
  add_device_option(*command, options->device);
  command->callback([&run, options] {
    run = [options](Runtime& runtime) {
      const NetGraph graph = load_network(options->drawing);
      if (graph.training.has_data()) {
        fail("run", "{} learns from the data set {}: see gradus-cli train and gradus-cli step",
             options->drawing, graph.training.dataset);
      }
      const Device device = parse_device(options->device);
      runtime.backend(device);
      Session session(graph, load_dataset(graph.training.dataset, ""), {.device = device});
      say("{}\n", graph.title);
      if (!graph.note.empty()) say("{}\n", graph.note);
      Runner(session).run();
      return interrupted() ? 130 : 0;
    };
  });
}

}  // namespace gradus::cli
