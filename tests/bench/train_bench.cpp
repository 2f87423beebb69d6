// gradus-bench-train [DATA_FOLDER]: reads commands from stdin, one per line, and answers each with
// one line of JSON. compare_pytorch.py drives it, so that one process that stays alive can take
// turns with PyTorch. Seeds mean what they mean to PyTorch: weights and batch order are the same.
//
//   step N                             N quickstart steps at batch 64 -> seconds, samples
//   step_on DEVICE BATCH N             the same on a device, with batches of that size
//   device DEVICE                      -> name
//   epoch                              the tutorial's epoch -> train_seconds, evaluate_seconds
//   add N                              N small adds that are recorded -> seconds
//   op NAME SIZE N                     N calls of an op on that many numbers, unrecorded -> seconds
//   a1 N                               N forward and backward passes of A1 -> seconds
//   losses SEED N LR                   the losses of the first N batches -> losses
//   accuracy SEED EPOCHS BATCH LR MOMENTUM   trains -> accuracy on the test set, 0 to 1
//   peak                               float32 operations -> gflops, threads, isa
//   quit
//
// A command that fails answers {"error": "..."}.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>

#include "app/devices.h"
#include "compute/cpu/short_spins.h"
#include "core/autograd/grad_mode.h"
#include "core/base/error.h"
#include "core/data/fashion_mnist.h"
#include "core/op/functions.h"
#include "core/tensor/runtime.h"
#include "tests/bench/fp32_peak.h"
#include "tests/bench/workloads.h"

namespace gradus::bench {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The words after a command's name.
class Words {
 public:
  explicit Words(const std::string& line) : in_(line) { in_ >> name_; }
  const std::string& name() const { return name_; }
  template <typename T>
  T take(const char* what) {
    T value;
    if (!(in_ >> value)) fail(name_, "needs {}", what);
    return value;
  }

 private:
  std::istringstream in_;
  std::string name_;
};

class Bench {
 public:
  explicit Bench(std::string folder) : folder_(std::move(folder)) {}

  Json answer(Words& words) {
    const std::string& name = words.name();
    if (name == "step") return step(kCpu, 64, words.take<int64_t>("N"));
    if (name == "step_on") {
      const Device device = parse_device(words.take<std::string>("DEVICE"));
      const auto batch_size = words.take<int64_t>("BATCH");
      return step(device, batch_size, words.take<int64_t>("N"));
    }
    if (name == "device") {
      const Device device = parse_device(words.take<std::string>("DEVICE"));
      return {{"name", Runtime::current().backend(device).info().name}};
    }
    if (name == "epoch") return epoch();
    if (name == "add") return add(words.take<int64_t>("N"));
    if (name == "op") {
      const auto op = words.take<std::string>("NAME");
      const auto size = words.take<int64_t>("SIZE");
      return one_op(op, size, words.take<int64_t>("N"));
    }
    if (name == "a1") return a1(words.take<int64_t>("N"));
    if (name == "losses") {
      const auto seed = words.take<uint64_t>("SEED");
      const auto count = words.take<int64_t>("N");
      return losses(seed, count, words.take<double>("LR"));
    }
    if (name == "accuracy") {
      QuickstartSettings settings;
      settings.seed = words.take<uint64_t>("SEED");
      settings.epochs = words.take<int64_t>("EPOCHS");
      settings.batch_size = words.take<int64_t>("BATCH");
      settings.optimizer.lr = words.take<double>("LR");
      settings.optimizer.momentum = words.take<double>("MOMENTUM");
      return accuracy(settings);
    }
    if (name == "peak") {
      const Fp32Peak peak = measure_fp32_peak();
      return {{"gflops", peak.gflops}, {"threads", peak.threads}, {"isa", peak.isa}};
    }
    fail("command",
         "{:?} is none; there are step, step_on, device, epoch, add, op, a1, losses, accuracy, "
         "peak, "
         "quit",
         name);
  }

 private:
  Json step(Device device, int64_t batch_size, int64_t count) {
    std::unique_ptr<Session>& training = training_[{to_string(device), batch_size}];
    if (!training) {
      training = make_endless_quickstart(data(), batch_size, device);
    }
    Backend& backend = Runtime::current().backend(device);
    backend.synchronize();
    int64_t samples = 0;
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < count; ++i) {
      samples += training->samples_in(training->run(Grain::batch));
    }
    backend.synchronize();
    return {{"seconds", seconds_since(start)}, {"samples", samples}};
  }

  Json epoch() {
    const std::unique_ptr<Session> session = make_quickstart(data(), {});
    const int64_t batches = session->batches_per_epoch();
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < batches; ++i) session->run(Grain::batch);
    const double train = seconds_since(start);
    const Clock::time_point trained = Clock::now();
    session->run(Grain::epoch);
    const double evaluate = seconds_since(trained);
    if (!session->state().cursor.done) fail("epoch", "did not end after {} batches", batches);
    const Metrics& metrics = session->state().metrics;
    return {{"train_seconds", train},
            {"evaluate_seconds", evaluate},
            {"test_loss", metrics.test_loss.value()},
            {"test_accuracy", metrics.test_accuracy.value()}};
  }

  Json add(int64_t count) {
    const SmallAdd small_add;
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < count; ++i) small_add.run();
    return {{"seconds", seconds_since(start)}};
  }

  // An op of one or two tensors, with its default attributes, as compare_ops.py asks for it.
  Json one_op(const std::string& name, int64_t size, int64_t count) {
    const OpDef* op = find_op(name);
    if (!op) fail("op", "there is none called {:?}", name);
    const NoGradGuard no_grad;
    const Tensor a = linspace(0.5, 1.5, size);
    const Tensor b = linspace(1.5, 0.5, size);
    const std::array<Tensor, 2> inputs{a, b};
    const std::span<const Tensor> used = std::span(inputs).first(op->inputs.size());
    for (int64_t i = 0; i < std::max<int64_t>(3, count / 20); ++i) call_all(*op, used);
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < count; ++i) call_all(*op, used);
    return {{"seconds", seconds_since(start)}};
  }

  Json a1(int64_t count) {
    const A1 example;
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < count; ++i) example.run();
    return {{"seconds", seconds_since(start)}};
  }

  Json losses(uint64_t seed, int64_t count, double lr) {
    const auto session = make_quickstart(
        data(), {.seed = seed, .epochs = 1'000'000, .optimizer = {.lr = lr}, .evaluates = false});
    Json result = Json::array();
    for (int64_t i = 0; i < count; ++i) {
      session->run(Grain::batch);
      result.push_back(session->state().metrics.loss.value());
    }
    return {{"losses", std::move(result)}};
  }

  Json accuracy(const QuickstartSettings& settings) {
    const auto session = make_quickstart(data(), settings);
    session->run(Grain::all);
    return {{"accuracy", session->state().metrics.test_accuracy.value()}};
  }

  const DataSplit& data() {
    if (!data_) data_ = load_fashion_mnist(folder_);
    return *data_;
  }

  std::string folder_;
  std::optional<DataSplit> data_;
  std::map<std::pair<std::string, int64_t>, std::unique_ptr<Session>> training_;
};

void serve(const std::string& folder) {
  Bench bench(folder);
  for (std::string line; std::getline(std::cin, line);) {
    Words words(line);
    if (words.name() == "quit") return;
    Json reply;
    try {
      reply = bench.answer(words);
    } catch (const std::exception& error) {
      reply = {{"error", error.what()}};
    }
    std::cout << reply.dump() << std::endl;
  }
}

}  // namespace
}  // namespace gradus::bench

int main(int argc, char** argv) {
  gradus::cpu::use_short_spins(argv);
  gradus::Runtime runtime;
  gradus::add_devices(runtime);
  const gradus::RuntimeGuard guard(runtime);
  gradus::bench::serve(argc > 1 ? argv[1] : gradus::kFashionMnistFolder);
  return 0;
}
