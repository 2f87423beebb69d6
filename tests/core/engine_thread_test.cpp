// The engine thread: commands in, plain events out, and an answer to stop within one op.
#include "core/session/engine_thread.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/io/examples.h"
#include "core/tensor/runtime.h"
#include "tests/support/events.h"
#include "tests/support/synthetic.h"

namespace gradus {
namespace {

using namespace std::chrono_literals;

command::Load load_toy(int64_t epochs = 2) {
  NetGraph graph = toy_network();
  graph.training.epochs = epochs;
  return {1, graph, [] { return make_two_moons(64); }, {}};
}

TEST(EngineThread, RunsAndReportsEveryBatch) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy());
  const auto loaded = wait_for<event::Loaded>(engine);
  EXPECT_EQ(loaded.batches_per_epoch, 8);
  EXPECT_EQ(loaded.parameters.size(), 4u);
  engine.send(command::Run{});
  std::vector<Event> others;
  const auto stopped = wait_for<event::Stopped>(engine, &others);
  EXPECT_TRUE(stopped.finished);
  size_t batches = 0;
  size_t epochs = 0;
  for (const Event& event : others) {
    if (const auto* progress = std::get_if<event::Progress>(&event)) {
      batches += progress->batches.size();
    }
    if (std::holds_alternative<event::EpochDone>(event)) ++epochs;
  }
  EXPECT_EQ(batches, 16u);
  EXPECT_EQ(epochs, 2u);
}

TEST(EngineThread, StopsAtOnceAndGoesOn) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(1'000'000));
  wait_for<event::Loaded>(engine);
  engine.send(command::Run{});
  wait_for<event::Progress>(engine);
  engine.stop();
  const auto stopped = wait_for<event::Stopped>(engine);
  EXPECT_FALSE(stopped.finished);
  engine.send(command::Step{Grain::op});
  const auto stepped = wait_for<event::Stepped>(engine);
  EXPECT_EQ(stepped.step.result.step, stopped.cursor.step + 1);
  engine.send(command::Back{Grain::op});
  EXPECT_EQ(wait_for<event::Stepped>(engine).cursor, stopped.cursor);
}

TEST(EngineThread, KeepsItsEventsWhenNobodyTakesThem) {
  EngineThread engine(Runtime::current());
  constexpr int64_t kEpochs = 2000;  // more than the events that fit
  engine.send(load_toy(kEpochs));
  engine.send(command::Run{});
  std::this_thread::sleep_for(300ms);
  std::vector<Event> others;
  const auto stopped = wait_for<event::Stopped>(engine, &others);
  EXPECT_TRUE(stopped.finished);
  int64_t next = 0;
  for (const Event& event : others) {
    const auto* progress = std::get_if<event::Progress>(&event);
    for (size_t i = 0; progress && i < progress->batches.size(); ++i, ++next) {
      ASSERT_EQ(progress->batches[i].epoch * 8 + progress->batches[i].batch, next);
    }
  }
  EXPECT_EQ(next, kEpochs * 8) << "every batch, in order";
}

TEST(EngineThread, ServesLookersWhileItRuns) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(1'000'000));
  wait_for<event::Loaded>(engine);
  engine.send(command::Run{});
  wait_for<event::Progress>(engine);
  engine.send(command::SetHyper{{.lr = 0.25, .momentum = 0}});
  engine.send(command::Look{{{{ValueRef::Kind::parameter, 0}, 6, 4}}});
  const auto values = wait_for<event::Values>(engine);
  EXPECT_EQ(values.windows[0].picture.cells.size(), 6u);
  engine.send(command::Predict{{0, 1, 2, 99999}});
  const auto predictions = wait_for<event::Predictions>(engine);
  ASSERT_EQ(predictions.samples, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(predictions.pixels.size(), 6u);
  for (float confidence : predictions.confidence) {
    EXPECT_GE(confidence, 0.5f);
    EXPECT_LE(confidence, 1.0f);
  }
  engine.send(command::MapBoundary{-1, 2, -1, 1.5, 8, 6});
  const auto boundary = wait_for<event::Boundary>(engine);
  EXPECT_EQ(boundary.predicted.size(), 48u);
  EXPECT_EQ(boundary.points.size(), 128u);
  engine.stop();
  wait_for<event::Stopped>(engine);
  engine.send(command::Step{});
  EXPECT_EQ(wait_for<event::Stepped>(engine).hyper.lr, 0.25);
}

TEST(EngineThread, SendingNeverWaits) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy());
  constexpr int kSteps = 3000;  // more than the events that fit
  for (int i = 0; i < kSteps; ++i) engine.send(command::Step{});
  for (int i = 0; i < kSteps; ++i) wait_for<event::Stepped>(engine);
}

TEST(EngineThread, GoingBackByRunningCanBeStopped) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(1'000'000));
  engine.send(command::Run{});
  wait_for<event::Progress>(engine);
  engine.stop();
  const auto stopped = wait_for<event::Stopped>(engine);
  engine.send(command::Back{Grain::epoch});
  engine.stop();
  EXPECT_LE(wait_for<event::Stepped>(engine).cursor.step, stopped.cursor.step);
}

TEST(EngineThread, AStopOutlivesWhatIsSentAfterIt) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(1'000'000));
  wait_for<event::Loaded>(engine);
  for (int i = 0; i < 20; ++i) {
    engine.send(command::Run{});
    engine.stop();
    engine.send(command::Look{{{{ValueRef::Kind::parameter, 0}, 3}}});
    wait_for<event::Values>(engine);
  }
}

TEST(EngineThread, ReportsFailuresAndLivesOn) {
  EngineThread engine(Runtime::current());
  engine.send(command::Step{});
  EXPECT_NE(std::get<event::Failed>(*engine.events().take()).message.find("no network"),
            std::string::npos);
  command::Load bad = load_toy();
  bad.graph.training.batch_size = 0;
  engine.send(bad);
  EXPECT_NE(std::get<event::Failed>(*engine.events().take()).message.find("batch size"),
            std::string::npos);
  engine.send(load_toy());
  wait_for<event::Loaded>(engine);
  engine.send(command::Back{});
  EXPECT_NE(std::get<event::Failed>(*engine.events().take()).message.find("very start"),
            std::string::npos);
  engine.send(command::Look{{{{ValueRef::Kind::parameter, 0}, 3}}});
  const auto values = wait_for<event::Values>(engine);
  EXPECT_EQ(values.windows[0].name, "hidden.weight");
  EXPECT_EQ(values.windows[0].first.size(), 3u);
}

TEST(EngineThread, EndsWhileItRuns) {
  EngineThread engine(Runtime::current());
  engine.send(load_toy(1'000'000));
  engine.send(command::Run{});
  wait_for<event::Progress>(engine);
}  // the destructor stops and joins

TEST(Mailbox, WaitsWhenFullAndWakesWhenClosed) {
  Mailbox<int> box(2);
  EXPECT_TRUE(box.post(1));
  EXPECT_TRUE(box.post(2));
  std::thread producer([&] {
    EXPECT_TRUE(box.post(3));
    EXPECT_FALSE(box.post(4) && box.post(5) && box.post(6));
  });
  EXPECT_EQ(box.take(), 1);
  std::this_thread::sleep_for(20ms);
  box.close();
  producer.join();
  EXPECT_GE(box.drain().size(), 2u);
}

}  // namespace
}  // namespace gradus
