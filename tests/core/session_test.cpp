// Training by single steps: where grains end, loops of any shape, divergence, what is refused.
#include "core/session/session.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/tensor/runtime.h"
#include "tests/support/sessions.h"

namespace gradus {
namespace {

TEST(Session, ForgottenZeroGradAccumulates) {
  NetGraph graph = toy_network();
  graph.training.optimizer.lr = 0;
  graph.training.batch_size = 20;
  std::erase_if(graph.training.loop.each_batch,
                [](const LoopItem& item) { return item.phase == Phase::zero_grad; });
  Session s(graph, make_two_moons(20), {});
  s.run(Grain::batch);
  const double once = s.state().parameters[3].grad().to_vector<double>()[0];
  s.run(Grain::epoch);
  s.run(Grain::batch);
  const double twice = s.state().parameters[3].grad().to_vector<double>()[0];
  EXPECT_NEAR(twice, 2 * once, 1e-5);
}

TEST(Session, WhatIsNotComputedIsAbsent) {
  NetGraph graph = toy_network();
  graph.training.epochs = 1;
  graph.training.loop.each_epoch.clear();
  Session s(graph, make_two_moons(20), {});
  s.run(Grain::all);
  EXPECT_TRUE(s.state().metrics.train_loss.has_value());
  EXPECT_FALSE(s.state().metrics.test_loss.has_value());
  EXPECT_FALSE(s.state().metrics.test_accuracy.has_value());
}

// With a learning rate of 0, what training counts is what an evaluation of the same samples finds.
TEST(Session, TrainingAccuracyIsThatOfItsBatches) {
  NetGraph graph = toy_network();
  graph.training.optimizer.lr = 0;
  graph.training.epochs = 1;
  graph.training.batch_size = 30;  // the last batch is smaller
  DataSplit data = make_two_moons(100);
  data.test = data.train;
  Session s(graph, data, {});
  s.run(Grain::all);
  const Metrics& metrics = s.state().metrics;
  ASSERT_TRUE(metrics.train_accuracy && metrics.test_accuracy);
  EXPECT_GT(*metrics.train_accuracy, 0);
  EXPECT_LT(*metrics.train_accuracy, 1);
  EXPECT_EQ(*metrics.train_accuracy, *metrics.test_accuracy);
}

TEST(Session, MoreEpochsGoOnFromTheEnd) {
  const auto toy_for = [](int64_t epochs) {
    NetGraph graph = toy_network();
    graph.training.epochs = epochs;
    return graph;
  };
  Session straight(toy_for(3), make_two_moons(20), {});
  straight.run(Grain::all);
  Session s(toy_for(1), make_two_moons(20), {});
  s.run(Grain::all);
  ASSERT_TRUE(s.state().cursor.done);
  s.remember();
  s.adopt(toy_for(3));
  EXPECT_FALSE(s.state().cursor.done);
  s.run(Grain::all);
  EXPECT_TRUE(same_bits(s.state(), straight.state()));
  // The way back leads past the end that once was, and the same way forward again.
  ASSERT_TRUE(s.back(Grain::epoch));
  ASSERT_TRUE(s.back(Grain::epoch));
  EXPECT_EQ(s.state().cursor.epoch, 1);
  EXPECT_FALSE(s.state().cursor.done);
  s.run(Grain::all);
  EXPECT_TRUE(same_bits(s.state(), straight.state()));
}

TEST(Session, FewerEpochsEndAtTheNextOne) {
  NetGraph graph = toy_network();
  graph.training.epochs = 100;
  Session s(graph, make_two_moons(20), {});
  for (int i = 0; i < 2; ++i) s.run(Grain::epoch);
  s.run(Grain::batch);
  graph.training.epochs = 1;
  s.adopt(graph);
  EXPECT_FALSE(s.state().cursor.done) << "the epoch under way is finished";
  s.run(Grain::all);
  EXPECT_EQ(s.state().cursor.epoch, 3);
  EXPECT_TRUE(s.state().cursor.done);
  s.set_step_mode(false);  // no journal: the way back runs from the start, past the first epoch
  ASSERT_TRUE(s.back(Grain::batch));
  EXPECT_EQ(s.state().cursor.epoch, 2);
}

TEST(Session, ANewNameKeepsWhatWasLearnt) {
  auto s = toy();
  s->set_step_mode(true);
  for (int i = 0; i < 9; ++i) s->step();
  const SessionState before = s->snapshot();
  NetGraph graph = s->graph();
  const NodeId node = graph.nodes()[1].id;
  graph.rename(node, "first");
  s->adopt(graph);
  EXPECT_TRUE(same_bits(s->state(), before));
  EXPECT_EQ(s->state_dict()[0].first, "first.weight");
  EXPECT_EQ(s->window({.ref = {ValueRef::Kind::parameter, 0}}).name, "first.weight");
  ASSERT_TRUE(s->back());
  EXPECT_EQ(s->window({.ref = {ValueRef::Kind::parameter, 0}}).name, "first.weight");
  graph.set_attr(node, "out_features", AttrValue(int64_t{5}));
  EXPECT_THROW(s->adopt(graph), Error) << "that is another network";
}

TEST(Session, LoopsOfAnyShapeRun) {
  const auto run_loop = [](std::vector<LoopItem> items) {
    NetGraph graph = toy_network();
    graph.training.epochs = 1;
    graph.training.loop.each_batch = std::move(items);
    Session s(graph, make_two_moons(20), {});
    s.run(Grain::batch);
    return s.state().parameters[3].grad().to_vector<double>();
  };
  const LoopItem fetch{Phase::fetch}, zero{Phase::zero_grad}, forward{Phase::forward},
      loss{Phase::loss}, backward{Phase::backward}, keep{Phase::backward, true};
  const std::vector<double> once = run_loop({fetch, zero, forward, loss, backward});
  const std::vector<double> twice = run_loop({fetch, zero, forward, loss, keep, backward});
  const std::vector<double> again =
      run_loop({fetch, zero, forward, loss, backward, forward, loss, backward});
  for (size_t i = 0; i < once.size(); ++i) {
    EXPECT_NEAR(twice[i], 2 * once[i], 1e-6);
    EXPECT_NEAR(again[i], 2 * once[i], 1e-6);
  }
  EXPECT_THROW(run_loop({fetch, zero, forward, loss, backward, backward}), Error)
      << "a second backward needs retain_graph in the first";
}

TEST(Session, FetchingTwiceKeepsTheShuffle) {
  const auto labels = [](std::vector<LoopItem> items) {
    NetGraph graph = toy_network();
    graph.training.loop.each_batch = std::move(items);
    Session s(graph, make_two_moons(20), {});
    s.set_step_mode(true);
    s.run(Grain::batch);
    return s.state().values[static_cast<size_t>(s.plan().target)].to_vector<int64_t>();
  };
  const LoopItem fetch{Phase::fetch}, forward{Phase::forward};
  EXPECT_EQ(labels({fetch, forward}), labels({fetch, fetch, forward}));
}

TEST(Session, DivergenceNamesTheCulpritAndKeepsTheState) {
  auto s = toy();
  s->set_hyper({.lr = 1e30, .momentum = 0.9});
  std::string message;
  NodeId culprit = 0;
  try {
    s->run(Grain::all);
  } catch (const Diverged& error) {
    message = error.what();
    culprit = error.node;
  }
  ASSERT_NE(culprit, 0);
  EXPECT_NE(message.find(s->graph().node(culprit).name), std::string::npos) << message;
  EXPECT_NE(message.find("stopped before backward"), std::string::npos) << message;
  EXPECT_TRUE(message.find("addmm in ") != std::string::npos ||
              message.find("The parameter ") != std::string::npos)
      << message;
}

TEST(Session, DivergenceAtTheEvaluationNamesTheOp) {
  NetGraph graph = toy_network();
  graph.training.optimizer = {.lr = 1e25, .momentum = 0};
  graph.training.batch_size = 64;
  graph.training.epochs = 1;
  std::string message;
  Session s(graph, make_two_moons(64), {});
  try {
    s.run(Grain::all);
  } catch (const Diverged& error) {
    message = error.what();
  }
  EXPECT_NE(message.find("test set"), std::string::npos) << message;
  EXPECT_NE(message.find(" in "), std::string::npos) << message;
  const Cursor cursor = s.state().cursor;
  EXPECT_THROW(s.run(Grain::batch), Diverged) << "the batch can be tried again";
  EXPECT_EQ(s.state().cursor, cursor);
}

TEST(Session, BadDataIsNamed) {
  std::string message;
  NetGraph graph = toy_network();
  try {
    Session s(graph, with_nan(make_two_moons(20), 5), {});
    s.run(Grain::all);
  } catch (const Diverged& error) {
    message = error.what();
  }
  EXPECT_NE(message.find("The data is to blame"), std::string::npos) << message;
}

std::string refusal(const std::function<void(NetGraph&)>& change) {
  NetGraph graph = toy_network();
  change(graph);
  try {
    Session s(graph, make_two_moons(20), {});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Session, RefusesBadSettings) {
  EXPECT_NE(refusal([](NetGraph& g) { g.training.optimizer.lr = NAN; }).find("learning rate"),
            std::string::npos);
  EXPECT_NE(refusal([](NetGraph& g) { g.training.batch_size = 0; }).find("batch size"),
            std::string::npos);
  EXPECT_NE(refusal([](NetGraph& g) { g.training.epochs = -1; }).find("epochs"), std::string::npos);
  EXPECT_NE(refusal([](NetGraph& g) {
              g.training.loop.each_batch.erase(g.training.loop.each_batch.begin());
            }).find("needs fetch"),
            std::string::npos);
  EXPECT_NE(refusal([](NetGraph& g) {
              g.set_attr(4, "out_features", int64_t{1});
            }).find("set the last layer's out_features to 2"),
            std::string::npos);
  EXPECT_NE(
      refusal([](NetGraph& g) { g.set_attr(1, "shape", Dims{3}); }).find("samples of shape 3"),
      std::string::npos);
}

TEST(Session, RefusesLoopsThatCannotRun) {
  const LoopItem fetch{Phase::fetch}, forward{Phase::forward}, loss{Phase::loss},
      backward{Phase::backward}, update{Phase::update};
  for (const std::vector<LoopItem>& items :
       std::vector<std::vector<LoopItem>>{{},
                                          {update},
                                          {update, fetch, forward, loss, backward},
                                          {fetch, forward, loss, fetch, backward, update},
                                          {fetch, forward, fetch, loss, backward, update},
                                          {fetch, {Phase::evaluate}}}) {
    const std::string message = refusal([&](NetGraph& g) { g.training.loop.each_batch = items; });
    EXPECT_NE(message.find("[loop]"), std::string::npos) << message;
  }
}

TEST(Session, AnErrorInTheDataLeavesTheStepUndone) {
  Session s(toy_network(), with_bad_label(make_two_moons(20)), {});
  EXPECT_THROW(s.run(Grain::all), Error);
  const Cursor before = s.state().cursor;
  EXPECT_THROW(s.run(Grain::all), Error);
  EXPECT_EQ(s.state().cursor, before);
}

TEST(Session, RefusesANetworkThatDoesNotFitBeforeAllocating) {
  const MemoryStats before = Runtime::current().backend(kCpu).memory_stats();
  const std::string message =
      refusal([](NetGraph& g) { g.set_attr(2, "out_features", int64_t{900'000'000}); });
  EXPECT_NE(message.find("GiB are free"), std::string::npos) << message;
  const MemoryStats after = Runtime::current().backend(kCpu).memory_stats();
  EXPECT_EQ(before.bytes_held, after.bytes_held);
}

}  // namespace
}  // namespace gradus
