// The command line as a user meets it: what it prints, and what it says of bad input. Each bad
// input gets a message that names the thing, an exit code that is not 0, and no crash.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "core/base/file.h"
#include "core/io/examples.h"
#include "core/io/project.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string text;  // stdout and stderr
};

Outcome run(const std::string& arguments) {
  const std::string command = std::string(GRADUS_CLI) + " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  Outcome outcome;
  char chunk[4096];
  for (size_t n; (n = fread(chunk, 1, sizeof chunk, pipe)) > 0;) outcome.text.append(chunk, n);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("gradus-test-" + std::to_string(getpid()) + "-" +
                                     testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  fs::path folder_;
};

void expect_refusal(const Outcome& outcome, const std::string& word) {
  EXPECT_NE(outcome.code, 0) << outcome.text;
  EXPECT_NE(outcome.code, -1) << "crashed: " << outcome.text;
  EXPECT_LT(outcome.code, 128) << "crashed: " << outcome.text;
  EXPECT_NE(outcome.text.find(word), std::string::npos) << outcome.text;
}

TEST_F(Cli, TrainPrintsTheTutorialsLinesAndJson) {
  const Outcome outcome =
      run("train --network toy --epochs 3 --seed 1 --json --log " + path("log.jsonl") + " --save " +
          path("w.safetensors") + " --svg " + path("c.svg"));
  ASSERT_EQ(outcome.code, 0) << outcome.text;
  EXPECT_TRUE(std::regex_search(outcome.text, std::regex(R"(loss: 0\.\d{6}  \[    8/  256\])")))
      << outcome.text;
  EXPECT_TRUE(std::regex_search(outcome.text,
                                std::regex(R"(Test Error: Accuracy: [\d.]+%, Avg loss: 0\.\d{6})")))
      << outcome.text;
  const std::string last =
      outcome.text.substr(outcome.text.rfind('\n', outcome.text.size() - 2) + 1);
  const auto json = nlohmann::json::parse(last);
  EXPECT_EQ(json.at("epochs"), 3);
  EXPECT_GT(json.at("test_accuracy").get<double>(), 0.6);
  EXPECT_LE(json.at("test_accuracy").get<double>(), 1.0);
  EXPECT_GT(json.at("samples_per_second").get<double>(), 0);
  EXPECT_GT(json.at("test_loss").get<double>(), 0);
  EXPECT_GT(json.at("train_loss").get<double>(), 0);
  std::ifstream log(path("log.jsonl"));
  int batches = 0;
  int epochs = 0;
  for (std::string line; std::getline(log, line);) {
    const auto entry = nlohmann::json::parse(line);
    (entry.at("event") == "batch" ? batches : epochs) += 1;
  }
  EXPECT_EQ(batches, 96);
  EXPECT_EQ(epochs, 3);
  EXPECT_TRUE(read_file(path("c.svg")).starts_with("<svg"));
  const std::string weights = read_file(path("w.safetensors"));
  uint64_t length = 0;
  std::memcpy(&length, weights.data(), 8);
  const auto header = nlohmann::json::parse(weights.substr(8, length));
  EXPECT_EQ(header.at("hidden.weight").at("shape"), nlohmann::json({3, 2}));
  EXPECT_EQ(weights.size(), 8 + length + (6 + 3 + 6 + 2) * 4);
}

TEST_F(Cli, TheSameSeedGivesTheSameWeights) {
  const std::string base = "train --network toy --epochs 2 --seed 5 --save ";
  ASSERT_EQ(run(base + path("a")).code, 0);
  ASSERT_EQ(run(base + path("b")).code, 0);
  EXPECT_EQ(read_file(path("a")), read_file(path("b")));
}

TEST_F(Cli, StepsForwardAndBackWithNumbers) {
  const Outcome outcome =
      run("step --network toy --commands 'batch; back batch; op 3; show hidden.bias'");
  ASSERT_EQ(outcome.code, 0) << outcome.text;
  for (const char* word : {"AddmmBackward0", "AccumulateGrad", "SGD", "nll_loss",
                           "back to the very start", "not computed yet", "[8, 3]"}) {
    EXPECT_NE(outcome.text.find(word), std::string::npos) << word;
  }
}

TEST_F(Cli, ListsOpsAndDevices) {
  EXPECT_NE(run("ops").text.find("LogSoftmaxBackward0"), std::string::npos);
  EXPECT_NE(run("devices").text.find("threads"), std::string::npos);
  for (const char* command : {"", "train", "step", "ops", "devices"}) {
    const Outcome help = run(std::string(command) + " --help");
    EXPECT_EQ(help.code, 0);
    EXPECT_GT(help.text.size(), 60u);
  }
}

TEST_F(Cli, RunsDrawings) {
  const Outcome a6 = run("run a6_accumulation");
  EXPECT_EQ(a6.code, 0);
  for (const char* line :
       {"x = tensor(2., requires_grad=True)", "f = tensor(-0.7568, grad_fn=<SinBackward0>)",
        "backward of f, retain_graph\n  x.grad = tensor(-2.6146)", "x.grad = tensor(-14.4869)",
        "zero_grad\n  x.grad = None", "x.grad = tensor(-11.8723)", "x.grad = tensor(16.)",
        "None: not a leaf, not retained", "h.grad_fn\n  AddBackward0 (h)\n    PowBackward0"}) {
    EXPECT_NE(a6.text.find(line), std::string::npos) << line << '\n' << a6.text;
  }
  const Outcome t10 = run("run t10_broadcasting");
  EXPECT_NE(t10.text.find("four_dimensions = tensor of size [8, 7, 6, 5], float32"),
            std::string::npos)
      << t10.text;
  expect_refusal(run("run t10_does_not_fit"), "cannot broadcast 4×3 with 4");
  expect_refusal(run("run nothing"), "a1_vector_gradient");
  expect_refusal(run("run missing.gradus"), "missing.gradus");
  expect_refusal(run("run quickstart"), "gradus-cli train");
  expect_refusal(run("train --network a6_accumulation"), "gradus-cli run");
  EXPECT_EQ(run("run").code, 2);
  // What is not computed yet is left out, a layer's parameters are not.
  NetGraph learns = example("a5_chain_rule");
  learns.add({.id = 9, .type = "Linear", .name = "lin", .attrs = {{"out_features", int64_t{1}}}});
  learns.add({.id = 10, .type = "Tensor", .name = "z", .attrs = {{"data", std::string("[1.]")}}});
  learns.connect(10, 9);
  learns.training.loop.each_batch = {
      {Phase::zero_grad}, {Phase::forward}, {.phase = Phase::backward, .of = 9}, {Phase::update}};
  write("learns.gradus", to_json(learns));
  const Outcome linear = run("run " + path("learns.gradus"));
  EXPECT_EQ(linear.code, 0) << linear.text;
  for (const char* part : {"lin.weight.grad = tensor([[1.]])", "AccumulateGrad (lin.bias)",
                           "update\n  x = ", "lin.weight  True           True     None"}) {
    EXPECT_NE(linear.text.find(part), std::string::npos) << part << '\n' << linear.text;
  }
  learns.training.epochs = 0;
  write("nothing.gradus", to_json(learns));
  EXPECT_EQ(run("run " + path("nothing.gradus")).code, 0);
  std::string text = to_json(example("a6_accumulation"));
  write("twice.gradus",
        std::regex_replace(text, std::regex("\"retain_graph\": true"), "\"retain_graph\": false"));
  expect_refusal(run("run " + path("twice.gradus")), "retain_graph=true to the first backward");
  const Outcome step =
      run("step --network a3_leaves --commands 'phase 9; back phase; show w; show b'");
  EXPECT_EQ(step.code, 0);
  EXPECT_NE(step.text.find("None. It is not a leaf"), std::string::npos) << step.text;
  EXPECT_NE(step.text.find("a.grad"), std::string::npos) << step.text;
}

TEST_F(Cli, RefusesBadArguments) {
  expect_refusal(run("train --network toy --lr nan"), "learning rate");
  expect_refusal(run("train --network toy --lr -1"), "learning rate");
  expect_refusal(run("train --network toy --lr abc"), "--lr");
  expect_refusal(run("train --network toy --batch-size 0"), "batch size");
  expect_refusal(run("train --network toy --batch-size 1.5"), "--batch-size");
  expect_refusal(run("train --network toy --epochs -2"), "epochs");
  expect_refusal(run("train --network nothing"), "quickstart");
  expect_refusal(run("train --network toy --device tpu"), "tpu");
  expect_refusal(run("train --network toy --momentum inf"), "momentum");
  expect_refusal(run("train --network toy --log /nowhere/at/all"), "/nowhere/at/all");
  expect_refusal(run("train --network toy --epochs 1 --save /nowhere/at/all"), "/nowhere/at/all");
  expect_refusal(run("fly"), "fly");
  expect_refusal(run("step --network toy --commands 'jump'"), "jump");
  expect_refusal(run("step --network toy --commands 'op zero'"), "zero");
}

TEST_F(Cli, TakesEverySeedThatPyTorchTakes) {
  expect_refusal(run("train --network toy --seed 18446744073709551616"), "2^64");
  expect_refusal(run("train --network toy --seed 1.5"), "1.5");
  const std::string base = "train --network toy --epochs 1 --save ";
  ASSERT_EQ(run(base + path("a") + " --seed 18446744073709551615").code, 0);
  ASSERT_EQ(run(base + path("b") + " --seed -1").code, 0);
  EXPECT_EQ(read_file(path("a")), read_file(path("b")));
}

TEST_F(Cli, WhatIsNotComputedIsNotPrintedAsZero) {
  NetGraph graph = toy_network();
  graph.training.epochs = 1;
  graph.training.loop.each_epoch.clear();
  save_project(graph, path("a.gradus"));
  const Outcome outcome = run("train --json --network " + path("a.gradus"));
  EXPECT_EQ(outcome.code, 0) << outcome.text;
  EXPECT_EQ(outcome.text.find("Accuracy"), std::string::npos) << outcome.text;
  EXPECT_NE(outcome.text.find("\"test_accuracy\":null"), std::string::npos) << outcome.text;
}

TEST_F(Cli, LostOutputIsAFailureAndTheWeightsAreSaved) {
  const std::string save = " --network toy --epochs 300 --save " + path("w");
  const Outcome full = run("train" + save + " 2>&1 >/dev/full; echo code $?");
  EXPECT_NE(full.text.find("could not be written"), std::string::npos) << full.text;
  EXPECT_NE(full.text.find("code 1"), std::string::npos) << full.text;
  EXPECT_TRUE(fs::exists(path("w")));
  fs::remove(path("w"));
  run("train" + save + " | head -n 1");
  EXPECT_TRUE(fs::exists(path("w")));
}

TEST_F(Cli, AChartThatCannotBeDrawnTakesNothingElseAlong) {
  const Outcome outcome = run("train --network toy --epochs 1 --json --svg /dev/full");
  expect_refusal(outcome, "/dev/full");
  EXPECT_NE(outcome.text.find("\"epochs\":1"), std::string::npos) << outcome.text;
}

TEST_F(Cli, ALossThatIsNotComputedIsNotPrinted) {
  std::string text = to_json(toy_network());
  const auto from = text.find("\"each_batch\": [");
  const auto to = text.find(']', from);
  text.replace(from, to - from + 1, "\"each_batch\": [\"fetch\", \"zero_grad\"]");
  write("a.gradus", text);
  const Outcome outcome = run("train --epochs 1 --network " + path("a.gradus"));
  EXPECT_EQ(outcome.code, 0) << outcome.text;
  EXPECT_EQ(outcome.text.find("\nloss:"), std::string::npos) << outcome.text;
}

TEST_F(Cli, ProgressCountsTheLastSmallerBatch) {
  const Outcome outcome = run("train --network toy --epochs 1 --batch-size 200");
  EXPECT_NE(outcome.text.find("[  200/  256]"), std::string::npos) << outcome.text;
}

TEST_F(Cli, StepperStopsAtTheEndAndReportsErrors) {
  const Outcome outcome = run("step --commands 'epoch 1000'");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.text.find("the run is over"), outcome.text.rfind("the run is over"));
  EXPECT_EQ(run("step --commands 'bogus; op'").code, 1);
  expect_refusal(run("step --commands 'op 3 4'"), "one word too many");
  expect_refusal(run("step --commands 'lr 0.1abc'"), "too many");
}

TEST_F(Cli, ADeepNestIsNoCrash) {
  std::string text = to_json(toy_network());
  const auto at = text.find("\"seed\": ");
  const std::string nest = std::string(100000, '[') + std::string(100000, ']');
  text.replace(at + 8, text.find_first_of(",\n", at) - at - 8, nest);
  write("a.gradus", text);
  expect_refusal(run("train --network " + path("a.gradus")), "deep");
}

TEST_F(Cli, RefusesBadData) {
  expect_refusal(run("train --data /nowhere"), "/nowhere");
  expect_refusal(run("train --data " + folder_.string()), "train-images-idx3-ubyte");
  write("train-images-idx3-ubyte", "hello, this is no IDX file at all");
  write("train-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x01\x03", 9));
  fs::copy(folder_ / "train-images-idx3-ubyte", folder_ / "t10k-images-idx3-ubyte");
  fs::copy(folder_ / "train-labels-idx1-ubyte", folder_ / "t10k-labels-idx1-ubyte");
  expect_refusal(run("train --data " + folder_.string()), "not an IDX file");
}

TEST_F(Cli, RefusesBadProjects) {
  write("a.gradus", "this is not JSON");
  expect_refusal(run("train --network " + path("a.gradus")), "JSON");
  expect_refusal(run("train --network " + path("missing.gradus")), "missing.gradus");
  std::string text = to_json(toy_network());
  write("b.gradus", std::regex_replace(text, std::regex("\"ReLU\""), "\"Magic\""));
  expect_refusal(run("train --network " + path("b.gradus")), "Magic");
  write("c.gradus", std::regex_replace(text, std::regex("\"out_features\": 3"),
                                       "\"out_features\": 3, \"in_features\": 5"));
  expect_refusal(run("train --network " + path("c.gradus")), "expects 5 features");
  write("d.gradus",
        std::regex_replace(text, std::regex("\"out_features\": 3"), "\"out_features\": 900000000"));
  expect_refusal(run("train --network " + path("d.gradus")), "GiB are free");
}

TEST_F(Cli, NeverReplacesWhatIsNoPlainFile) {
  fs::create_symlink(path("real.svg"), path("link.svg"));
  write("real.svg", "old");
  ASSERT_EQ(run("train --network toy --epochs 1 --svg " + path("link.svg")).code, 0);
  EXPECT_TRUE(fs::is_symlink(path("link.svg")));
  EXPECT_TRUE(read_file(path("real.svg")).starts_with("<svg"));
  expect_refusal(run("train --network toy --epochs 1 --save /dev/full"), "/dev/full");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(Cli, CtrlCWhileLoadingEndsAtOnce) {
  const pid_t child = fork();
  if (child == 0) {
    execl(GRADUS_CLI, GRADUS_CLI, "train", "--epochs", "1000", "--log", path("log").c_str(),
          nullptr);
    _exit(127);
  }
  // The log is opened just before the data is read.
  for (int i = 0; i < 600 && !fs::exists(path("log")); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(child, SIGINT);
  int status = 0;
  for (int i = 0; i < 200 && waitpid(child, &status, WNOHANG) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (i == 199) {
      kill(child, SIGKILL);
      ADD_FAILURE() << "it went on";
    }
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 130);
}

TEST_F(Cli, DivergedTrainingStopsAndIsNamed) {
  const Outcome outcome = run("train --network toy --lr 1e30 --epochs 2 --save " + path("w"));
  expect_refusal(outcome, "stopped before backward");
  EXPECT_TRUE(fs::exists(path("w"))) << "what was learnt before is saved";
}

TEST_F(Cli, DivergenceInTheLastUpdateIsSeen) {
  expect_refusal(run("train --network toy --epochs 1 --batch-size 256 --lr 1e30 --momentum 0"),
                 "of the test set");
}

TEST_F(Cli, CtrlCEndsCleanlyAndSaves) {
  const std::string weights = path("w.safetensors");
  const pid_t child = fork();
  if (child == 0) {
    execl(GRADUS_CLI, GRADUS_CLI, "train", "--network", "toy", "--epochs", "1000000", "--save",
          weights.c_str(), "--log", path("log").c_str(), nullptr);
    _exit(127);
  }
  // Wait until it trains, then interrupt it.
  for (int i = 0; i < 600 && (!fs::exists(path("log")) || fs::file_size(path("log")) < 1000); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_TRUE(fs::exists(weights));
}

}  // namespace
}  // namespace gradus
