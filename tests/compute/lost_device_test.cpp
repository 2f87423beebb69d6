// Changing the device under a run, and losing it: the run goes on as if it had always been there.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/session/host_copy.h"
#include "core/tensor/runtime.h"
#include "tests/support/events.h"
#include "tests/support/lazy_backend.h"
#include "tests/support/sessions.h"

namespace gradus {
namespace {

NetGraph toy_graph() {
  NetGraph graph = toy_network();
  graph.training.epochs = 3;
  return graph;
}

std::unique_ptr<Session> toy_on(Device device) {
  return std::make_unique<Session>(toy_graph(), make_two_moons(64),
                                   Session::Options{.device = device});
}

// Like a state of the other device, but for where it is.
void expect_same(const Session& a, const Session& b) {
  EXPECT_TRUE(same_bits(a.snapshot(kCpu), b.snapshot(kCpu)));
}

TEST(ChangingTheDevice, KeepsEveryBitAnywhereInABatch) {
  const Device lazy = LazyBackend::add(20).device();
  for (const int steps : {0, 1, 4, 9, 13, 17, 30, 55, 120}) {
    const auto stays = toy_on(kCpu);
    auto moves = toy_on(kCpu);
    stays->set_step_mode(true);
    moves->set_step_mode(true);
    for (int i = 0; i < steps; ++i) {
      stays->step();
      moves->step();
    }
    moves = moves->resume_on(lazy, &moves->state());
    EXPECT_EQ(moves->device(), lazy);
    expect_same(*moves, *stays);
    for (const Tensor& parameter : moves->state().parameters) EXPECT_EQ(parameter.device(), lazy);
    for (int i = 0; i < 20; ++i) {
      stays->step();
      moves->step();
    }
    expect_same(*moves, *stays);
    moves = moves->resume_on(kCpu, &moves->state());
    for (int i = 0; i < 20; ++i) {
      stays->step();
      moves->step();
    }
    expect_same(*moves, *stays);
    // And all the way back, over both changes.
    while (moves->back()) {
    }
    EXPECT_EQ(moves->state().cursor.step, 0);
    expect_same(*moves, *toy_on(kCpu));
  }
}

// What a run by itself learns.
std::string weights_of(EngineThread& engine) {
  const std::string file = testing::TempDir() + "/lost_device.safetensors";
  engine.send(command::SaveWeights{file});
  wait_for<event::Saved>(engine);
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  std::filesystem::remove(file);
  return bytes;
}

command::Load load_toy(Device device) {
  return {1, toy_graph(), [] { return make_two_moons(64); }, {.device = device}};
}

std::string weights_without_trouble() {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(kCpu));
  engine.send(command::Run{});
  wait_for<event::Stopped>(engine);
  return weights_of(engine);
}

class LosingTheDevice : public testing::Test {
 protected:
  // Each test loses one of its own.
  LosingTheDevice() : lazy_(LazyBackend::add(next_++)) {}
  LazyBackend& lazy_;

 private:
  static inline int8_t next_ = 30;
};

TEST_F(LosingTheDevice, RunsOnOnTheCpuFromTheLastCopy) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(lazy_.device()));
  wait_for<event::Loaded>(engine);
  lazy_.lose_at = lazy_.waits + 29;  // in the second epoch
  engine.send(command::Run{});
  std::vector<Event> others;
  const auto moved = wait_for<event::Moved>(engine, &others);
  EXPECT_EQ(moved.from, lazy_.device());
  EXPECT_EQ(moved.to, kCpu);
  EXPECT_NE(moved.lost.find("was lost"), std::string::npos);
  EXPECT_EQ(moved.cursor, Cursor{}) << "the copy is that of the start: it is not 4 seconds old";
  int64_t told = 0;
  for (const Event& event : others) {
    if (const auto* progress = std::get_if<event::Progress>(&event)) {
      told += static_cast<int64_t>(progress->batches.size());
    }
  }
  EXPECT_GT(told, 8);
  EXPECT_EQ(moved.batches_redone, told + 8) << "and those of an evaluation";
  others.clear();
  const auto stopped = wait_for<event::Stopped>(engine, &others);
  EXPECT_TRUE(stopped.finished);
  int64_t again = 0;
  for (const Event& event : others) {
    const auto* progress = std::get_if<event::Progress>(&event);
    for (size_t i = 0; progress && i < progress->batches.size(); ++i, ++again) {
      EXPECT_EQ(progress->batches[i].epoch * 8 + progress->batches[i].batch, again);
    }
  }
  EXPECT_EQ(again, 24) << "every batch after the copy is told of";
  EXPECT_EQ(weights_of(engine), weights_without_trouble());
}

TEST_F(LosingTheDevice, LeavesALearnerWhereTheyStood) {
  const auto undisturbed = toy_on(kCpu);
  undisturbed->set_step_mode(true);
  EngineThread engine(Runtime::current());
  engine.send(load_toy(lazy_.device()));
  wait_for<event::Loaded>(engine);
  for (int i = 0; i < 30; ++i) {
    engine.send(command::Step{});
    wait_for<event::Stepped>(engine);
    undisturbed->step();
  }
  lazy_.lose_at = 0;
  engine.send(command::Step{Grain::op, 100});
  const auto moved = wait_for<event::Moved>(engine);
  EXPECT_EQ(moved.cursor.step, 30);
  const StepEvent stepped = wait_for<event::Stepped>(engine).step;
  const StepEvent expected = undisturbed->describe(undisturbed->step(), 100);
  EXPECT_EQ(stepped.op, expected.op);
  EXPECT_EQ(stepped.result.step, 31);
  ASSERT_EQ(stepped.outputs.size(), expected.outputs.size());
  for (size_t i = 0; i < expected.outputs.size(); ++i) {
    EXPECT_EQ(stepped.outputs[i].first, expected.outputs[i].first);
  }
  // The way back still leads to the very start.
  for (int64_t step = 30; step >= 0; --step) {
    engine.send(command::Back{});
    EXPECT_EQ(wait_for<event::Stepped>(engine).cursor.step, step);
  }
}

TEST_F(LosingTheDevice, IsAnsweredWhereOneOnlyLooks) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(lazy_.device()));
  wait_for<event::Loaded>(engine);
  lazy_.lose_at = 0;
  engine.send(command::Look{{{{ValueRef::Kind::parameter, 0}, 6, 4}}});
  wait_for<event::Moved>(engine);
  EXPECT_EQ(wait_for<event::Values>(engine).windows[0].picture.cells.size(), 6u);
  engine.send(command::Run{});
  EXPECT_TRUE(wait_for<event::Stopped>(engine).finished);
  EXPECT_EQ(weights_of(engine), weights_without_trouble());
}

TEST_F(LosingTheDevice, BeforeAnythingIsThereStartsOnTheCpu) {
  lazy_.lose_at = 0;
  EngineThread engine(Runtime::current());
  engine.send(load_toy(lazy_.device()));
  EXPECT_EQ(wait_for<event::Loaded>(engine).device, kCpu);
  const auto moved = wait_for<event::Moved>(engine);
  EXPECT_EQ(moved.from, lazy_.device());
  EXPECT_NE(moved.lost, "");
  engine.send(command::Run{});
  EXPECT_TRUE(wait_for<event::Stopped>(engine).finished);
  EXPECT_EQ(weights_of(engine), weights_without_trouble());
}

TEST_F(LosingTheDevice, WhileWeightsAreSavedSavesThoseThatWereLearnt) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(lazy_.device()));
  engine.send(command::Run{});
  wait_for<event::Stopped>(engine);
  lazy_.lose_at = 0;
  EXPECT_EQ(weights_of(engine), weights_without_trouble());
}

TEST_F(LosingTheDevice, AfterGoingBackNeverGoesForward) {
  const auto undisturbed = toy_on(kCpu);
  undisturbed->set_step_mode(true);
  EngineThread engine(Runtime::current());
  engine.send(load_toy(lazy_.device()));
  const auto step = [&](Grain grain) {
    engine.send(command::Step{grain});
    wait_for<event::Stepped>(engine);
    undisturbed->run(grain);
  };
  const auto back = [&](Grain grain) {
    engine.send(command::Back{grain});
    wait_for<event::Stepped>(engine);
    undisturbed->back(grain);
  };
  wait_for<event::Loaded>(engine);
  for (int i = 0; i < 5; ++i) step(Grain::op);
  step(Grain::batch);
  std::this_thread::sleep_for(std::chrono::milliseconds(4100));  // the next copy is a later one
  step(Grain::batch);
  step(Grain::batch);
  for (int i = 0; i < 2; ++i) back(Grain::batch);
  back(Grain::op);
  engine.send(command::SetHyper{{.lr = 3}});
  undisturbed->set_hyper({.lr = 3});
  for (int i = 0; i < 40; ++i) step(Grain::op);
  lazy_.lose_at = 0;
  engine.send(command::Step{Grain::op, 100});
  const auto moved = wait_for<event::Moved>(engine);
  EXPECT_EQ(moved.cursor, undisturbed->state().cursor);
  EXPECT_GE(moved.batches_redone, 0);
  wait_for<event::Stepped>(engine);
  undisturbed->step();
  engine.send(command::Look{{{{ValueRef::Kind::parameter, 0}, 100, 0}}});
  EXPECT_EQ(wait_for<event::Values>(engine).windows[0].first,
            undisturbed->state().parameters[0].to_vector<double>());
}

TEST_F(LosingTheDevice, KeepsChangesOfTheLearningRate) {
  const auto undisturbed = toy_on(kCpu);
  undisturbed->run(Grain::batch);
  undisturbed->set_hyper({.lr = 0.5, .momentum = 0.5});
  undisturbed->run(Grain::all);
  for (const int64_t waits : {1, 5, 30}) {
    lazy_.lose_at = INT64_MAX;
    LazyBackend& lazy = waits == 1 ? lazy_ : LazyBackend::add(static_cast<int8_t>(90 + waits));
    EngineThread engine(Runtime::current());
    engine.send(load_toy(lazy.device()));
    engine.send(command::Run{Grain::batch});
    wait_for<event::Stopped>(engine);
    engine.send(command::SetHyper{{.lr = 0.5, .momentum = 0.5}});
    lazy.lose_at = lazy.waits + waits;
    engine.send(command::Run{});
    wait_for<event::Moved>(engine);
    EXPECT_EQ(wait_for<event::Stopped>(engine).metrics.test_loss,
              undisturbed->state().metrics.test_loss)
        << waits;
  }
}

TEST_F(LosingTheDevice, JustAfterARunCameThereInTheMiddleOfABatch) {
  const auto undisturbed = toy_on(kCpu);
  undisturbed->set_step_mode(true);
  EngineThread engine(Runtime::current());
  engine.send(load_toy(kCpu));
  wait_for<event::Loaded>(engine);
  for (int i = 0; i < 30; ++i) {
    engine.send(command::Step{});
    wait_for<event::Stepped>(engine);
    undisturbed->step();
  }
  engine.send(command::UseDevice{lazy_.device()});
  EXPECT_EQ(wait_for<event::Moved>(engine).lost, "");
  lazy_.lose_at = 0;
  engine.send(command::Step{Grain::op, 100});
  EXPECT_NE(wait_for<event::Moved>(engine).lost, "");
  const StepEvent stepped = wait_for<event::Stepped>(engine).step;
  const StepEvent expected = undisturbed->describe(undisturbed->step(), 100);
  EXPECT_EQ(stepped.result.step, 31);
  ASSERT_EQ(stepped.outputs.size(), expected.outputs.size());
  for (size_t i = 0; i < expected.outputs.size(); ++i) {
    EXPECT_EQ(stepped.outputs[i].first, expected.outputs[i].first);
  }
}

TEST_F(LosingTheDevice, IsNoReasonToLeaveAnother) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(kCpu));
  wait_for<event::Loaded>(engine);
  lazy_.lose_at = 0;
  engine.send(command::UseDevice{lazy_.device()});
  for (int i = 0; i < 1000; ++i) {
    const std::optional<Event> event = engine.events().take();
    if (!event) continue;
    EXPECT_TRUE(std::holds_alternative<event::Failed>(*event));
    break;
  }
  engine.send(command::Run{});
  EXPECT_TRUE(wait_for<event::Stopped>(engine).finished) << "the run is still on the CPU";
}

TEST_F(LosingTheDevice, FindsACopyOfAFewSecondsAgo) {
  const auto session = toy_on(lazy_.device());
  HostCopy copy;
  copy.keep(*session);
  ASSERT_NE(copy.before(*session), nullptr);
  EXPECT_EQ(copy.before(*session)->cursor.step, 0);
  session->run(Grain::batch);
  copy.keep(*session);
  EXPECT_EQ(copy.before(*session)->cursor.step, 0) << "not four seconds later";
  const auto start = std::chrono::steady_clock::now();
  while (copy.before(*session)->cursor.step == 0) {
    session->step();
    if (session->state().cursor.done) session->restore(*copy.before(*session));
    copy.keep(*session);
    ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  }
  EXPECT_TRUE(std::chrono::steady_clock::now() - start > std::chrono::seconds(3));
}

TEST(ChangingTheDevice, OnTheWayOfARun) {
  const Device lazy = LazyBackend::add(21).device();
  EngineThread engine(Runtime::current());
  engine.send(load_toy(kCpu));
  wait_for<event::Loaded>(engine);
  engine.send(command::Run{Grain::batch});
  engine.send(command::UseDevice{lazy});
  engine.send(command::Run{});
  const auto moved = wait_for<event::Moved>(engine);
  EXPECT_EQ(moved.to, lazy);
  EXPECT_EQ(moved.lost, "");
  EXPECT_EQ(moved.batches_redone, 0);
  EXPECT_TRUE(wait_for<event::Stopped>(engine).finished);
  EXPECT_EQ(weights_of(engine), weights_without_trouble());
}

}  // namespace
}  // namespace gradus
