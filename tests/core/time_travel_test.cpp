// Going back, restoring, forking: stepping is running, back restores everything, whatever the walk.
#include <gtest/gtest.h>

#include <random>

#include "core/tensor/runtime.h"
#include "tests/support/sessions.h"

namespace gradus {
namespace {

class BothNetworks : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Session> make() const { return GetParam() ? quickstart() : toy(); }
};

TEST_P(BothNetworks, StepRunEquivalence) {
  auto stepped = make();
  auto run = make();
  stepped->set_step_mode(true);
  int64_t steps = 0;
  while (stepped->step().kind != StepResult::Kind::nothing) ++steps;
  run->run(Grain::all);
  EXPECT_EQ(run->state().cursor.step, steps);
  EXPECT_TRUE(run->state().cursor.done);
  EXPECT_TRUE(same_bits(stepped->state(), run->state()));
}

TEST_P(BothNetworks, RunsAreTheSameBits) {
  auto a = make();
  auto b = make();
  a->run(Grain::all);
  b->run(Grain::all);
  EXPECT_TRUE(same_bits(a->state(), b->state()));
}

TEST_P(BothNetworks, BackRestoresEverything) {
  auto session = make();
  session->set_step_mode(true);
  std::vector<SessionState> trail;
  const int64_t length = GetParam() ? 70 : 150;
  for (int64_t i = 0; i < length; ++i) {
    trail.push_back(session->snapshot());
    session->step();
  }
  const SessionState end = session->snapshot();
  while (!trail.empty()) {
    ASSERT_TRUE(session->back());
    ASSERT_TRUE(same_bits(session->state(), trail.back())) << "step " << trail.size();
    trail.pop_back();
  }
  EXPECT_FALSE(session->back()) << "before the start there is nothing";
  for (int64_t i = 0; i < length; ++i) session->step();
  EXPECT_TRUE(same_bits(session->state(), end));
}

TEST_P(BothNetworks, BackPastTheJournalIsTheSameBits) {
  auto session = make();
  for (int i = 0; i < 2; ++i) session->run(Grain::batch);  // full speed: no journal
  session->remember();
  session->run(Grain::layer);
  const SessionState spot = session->snapshot();
  session->run(Grain::batch);
  session->set_step_mode(true);
  while (session->state().cursor.step > spot.cursor.step) ASSERT_TRUE(session->back());
  EXPECT_TRUE(same_bits(session->state(), spot));
  while (session->state().cursor.step > 0) ASSERT_TRUE(session->back());
  EXPECT_TRUE(same_bits(session->state(), make()->state()));
}

// Random walks of step, back, snapshot, restore, fork and run end where running straight ends.
TEST_P(BothNetworks, AnyWalkEndsInTheSameBits) {
  const int walks = GetParam() ? 3 : 12;
  for (int walk = 0; walk < walks; ++walk) {
    std::mt19937 random(static_cast<unsigned>(walk));
    const auto pick = [&](int n) {
      return static_cast<int>(std::uniform_int_distribution<int>(0, n - 1)(random));
    };
    auto session = make();
    std::vector<SessionState> kept = {session->snapshot()};
    for (int move = 0; move < 30; ++move) {
      switch (pick(8)) {
        case 0:
          session->set_step_mode(pick(2) == 0);
          break;
        case 1:
          for (int i = pick(12); i >= 0; --i) session->step();
          break;
        case 2:
          for (int i = pick(12); i >= 0; --i) session->back();
          break;
        case 3:
          kept.push_back(session->snapshot());
          break;
        case 4:
          session->restore(kept[static_cast<size_t>(pick(static_cast<int>(kept.size())))]);
          break;
        case 5:
          session = session->fork();
          break;
        case 6:
          session->run(static_cast<Grain>(pick(4)));
          break;
        case 7:
          session->remember();
          break;
      }
    }
    const int64_t target = session->state().cursor.step;
    auto straight = make();
    straight->set_step_mode(true);
    while (straight->state().cursor.step < target) straight->step();
    ASSERT_TRUE(same_bits(session->state(), straight->state())) << "walk " << walk;
    session->run(Grain::all);
    straight->run(Grain::all);
    ASSERT_TRUE(same_bits(session->state(), straight->state()))
        << "walk " << walk << ", at its end";
  }
}

INSTANTIATE_TEST_SUITE_P(Network, BothNetworks, testing::Bool(),
                         [](const auto& which) { return which.param ? "Quickstart" : "Toy"; });

TEST(Session, GrainsEndWhereTheySay) {
  auto s = toy();
  s->set_step_mode(true);
  EXPECT_EQ(s->run(Grain::op).kind, StepResult::Kind::fetch);
  EXPECT_EQ(s->run(Grain::phase).kind, StepResult::Kind::zero_grad);
  const StepResult layer = s->run(Grain::layer);
  EXPECT_EQ(s->graph().node(layer.node).name, "hidden");
  EXPECT_EQ(s->state().cursor.step, 4);  // fetch, zero_grad, t, addmm
  EXPECT_EQ(s->run(Grain::phase).phase, Phase::forward);
  EXPECT_EQ(s->run(Grain::phase).phase, Phase::loss);
  EXPECT_EQ(s->run(Grain::phase).phase, Phase::backward);
  EXPECT_EQ(s->run(Grain::batch).phase, Phase::update);
  EXPECT_EQ(s->state().cursor.batch, 1);
  s->back(Grain::phase);
  EXPECT_EQ(s->state().last.phase, Phase::backward);
  s->back(Grain::layer);
  EXPECT_EQ(s->graph().node(s->state().last.node).name, "relu");
  s->back(Grain::batch);
  EXPECT_EQ(s->state().cursor.step, 0);
  EXPECT_TRUE(s->run(Grain::epoch).ends_epoch);
  EXPECT_EQ(s->state().cursor.epoch, 1);
  EXPECT_GT(s->state().metrics.test_accuracy.value(), 0.4);
}

TEST(Session, LearningRateChangesAreReplayed) {
  auto s = toy();
  s->set_step_mode(false);
  s->run(Grain::batch);
  s->set_hyper({.lr = 0.5, .momentum = 0.9});
  s->run(Grain::batch);
  s->run(Grain::batch);
  const SessionState after = s->snapshot();
  s->step();
  while (s->state().cursor.step > after.cursor.step) ASSERT_TRUE(s->back());
  EXPECT_TRUE(same_bits(s->state(), after));
  while (s->state().cursor.step > 1) ASSERT_TRUE(s->back());
  EXPECT_EQ(s->state().hyper.lr, 0.1) << "before the change the old rate holds";
}

TEST(Session, ARestoredSnapshotForgetsLaterChanges) {
  auto s = toy();
  const SessionState start = s->snapshot();
  s->run(Grain::batch);
  s->set_hyper({.lr = 0.5, .momentum = 0.9});
  s->run(Grain::batch);
  s->restore(start);
  s->run(Grain::all);
  auto straight = toy();
  straight->run(Grain::all);
  EXPECT_TRUE(same_bits(s->state(), straight->state()));
}

TEST(Session, BackUndoesAChangeOfTheLearningRate) {
  auto s = toy();
  s->set_step_mode(true);
  s->run(Grain::batch);
  s->set_hyper({.lr = 0.5, .momentum = 0.9});
  s->step();
  EXPECT_TRUE(s->back());
  EXPECT_EQ(s->state().hyper.lr, 0.5) << "made here, before the step";
  EXPECT_TRUE(s->back());
  EXPECT_EQ(s->state().hyper.lr, 0.1);
  s->run(Grain::all);
  auto straight = toy();
  straight->run(Grain::all);
  EXPECT_TRUE(same_bits(s->state(), straight->state())) << "what was undone does not come again";
}

// Past the journal, by any grain: the bits of a run that stops there.
TEST(Session, BackByAnyGrainFromFullSpeed) {
  for (Grain grain : {Grain::op, Grain::layer, Grain::phase, Grain::batch, Grain::epoch}) {
    auto s = toy();
    s->run(Grain::epoch);
    s->set_hyper({.lr = 0.05, .momentum = 0.5});
    for (int i = 0; i < 2; ++i) s->run(Grain::batch);
    s->remember();
    s->run(Grain::layer);
    s->run(Grain::phase);
    const int64_t from = s->state().cursor.step;
    ASSERT_TRUE(s->back(grain));
    const int64_t target = s->state().cursor.step;
    EXPECT_LT(target, from);
    EXPECT_TRUE(s->state().last.ends(grain));
    auto straight = toy();
    straight->run(Grain::epoch);
    if (straight->state().cursor.step <= target) straight->set_hyper({.lr = 0.05, .momentum = 0.5});
    straight->set_step_mode(true);
    int64_t last_end = straight->state().cursor.step;
    while (straight->state().cursor.step < target) straight->step();
    EXPECT_TRUE(same_bits(s->state(), straight->state())) << to_string(grain);
    while (straight->state().cursor.step < from - 1) {
      if (straight->step().ends(grain)) last_end = straight->state().cursor.step;
    }
    EXPECT_EQ(target, std::max(last_end, target)) << "the last such end, " << to_string(grain);
  }
}

TEST(Session, BackCanBeStoppedAndThenHasDoneNothing) {
  auto s = toy();
  s->run(Grain::epoch);
  s->run(Grain::batch);
  const SessionState before = s->snapshot();
  int asked = 0;
  EXPECT_FALSE(s->back(Grain::batch, [&] { return ++asked > 20; }));
  EXPECT_TRUE(same_bits(s->state(), before));
  s->run(Grain::all);
  auto straight = toy();
  straight->run(Grain::all);
  EXPECT_TRUE(same_bits(s->state(), straight->state()));
}

// A snapshot of a run that went another way: going back from it goes back on its way.
TEST(Session, BackFromAnotherRunsSnapshotStaysOnItsWay) {
  auto s = toy();
  s->run(Grain::batch);
  auto other = s->fork();
  other->set_hyper({.lr = 0.5, .momentum = 0.9});
  other->set_step_mode(true);
  other->run(Grain::batch);
  const SessionState spot = other->snapshot();
  other->step();
  const SessionState next = other->snapshot();
  s->run(Grain::batch);
  s->remember();
  s->run(Grain::batch);
  s->restore(next);
  ASSERT_TRUE(s->back());
  EXPECT_TRUE(same_bits(s->state(), spot));

  auto stranger = toy(99);
  stranger->run(Grain::batch);
  const SessionState theirs = stranger->snapshot();
  s->restore(theirs);
  EXPECT_FALSE(s->back()) << "nothing is known of what led there";
  EXPECT_TRUE(same_bits(s->state(), theirs));
  EXPECT_THROW(s->restore(quickstart()->snapshot()), Error);
  NetGraph smaller = toy_network();
  smaller.training.batch_size = 2;
  EXPECT_THROW(s->restore(Session(smaller, make_two_moons(20), {}).snapshot()), Error);
}

TEST(Session, TheJournalIsBounded) {
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 8;
  graph.training.optimizer = {.lr = 0.05, .momentum = 0.9};
  Session s(graph, synthetic_images(8 * 40, 8), {.journal_bytes = 8 << 20});
  const Backend& backend = Runtime::current().backend(kCpu);
  s.set_step_mode(true);
  s.run(Grain::batch);
  const int64_t start = backend.memory_stats().bytes_used;
  int64_t most = 0;
  for (int i = 0; i < 20; ++i) {  // a batch replaces about 12 MB
    s.run(Grain::batch);
    most = std::max(most, backend.memory_stats().bytes_used - start);
  }
  EXPECT_LT(most, 32 << 20);
  ASSERT_TRUE(s.back()) << "the newest steps are there";
}

TEST(Session, ManySmallStepsAreBoundedToo) {
  NetGraph graph = toy_network();
  graph.training.epochs = 1000;
  Session bounded(graph, make_two_moons(20), {.journal_bytes = 1 << 20});
  bounded.set_step_mode(true);
  for (int i = 0; i < 9000; ++i) bounded.step();
  EXPECT_LT(bounded.journalled_steps(), 3000u);
  EXPECT_GT(bounded.journalled_steps(), 20u);
  const int64_t step = bounded.state().cursor.step;
  for (int i = 0; i < 700; ++i) ASSERT_TRUE(bounded.back());
  EXPECT_EQ(bounded.state().cursor.step, step - 700);
}

TEST(Session, AStepCanBeLookedAtAgainAfterGoingBack) {
  auto s = toy();
  s->set_step_mode(true);
  while (s->state().last.kind != StepResult::Kind::gradient) s->step();
  s->step();
  const StepEvent seen = s->describe(s->state().last, 4);
  s->step();
  ASSERT_TRUE(s->back());
  const StepEvent again = s->describe(s->state().last, 4);
  EXPECT_EQ(again.op, seen.op);
  ASSERT_EQ(again.inputs.size(), seen.inputs.size());
  EXPECT_EQ(again.inputs[0].first, seen.inputs[0].first);
}

}  // namespace
}  // namespace gradus
