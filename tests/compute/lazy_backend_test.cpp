// The backend interface, proved on a device that does everything late.
#include <gtest/gtest.h>

#include "core/io/examples.h"
#include "core/session/session.h"
#include "tests/support/lazy_backend.h"
#include "tests/support/synthetic.h"

namespace gradus {
namespace {

TEST(BackendInterface, CarriesADeviceThatDoesEverythingLate) {
  LazyBackend& lazy = LazyBackend::add(7);
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 8;
  graph.training.optimizer = {.lr = 0.05, .momentum = 0.9};
  Session late(graph, synthetic_images(36, 12), {.device = lazy.device()});
  Session now(graph, synthetic_images(36, 12), {.device = kCpu});
  late.run(Grain::batch);
  const int64_t before = lazy.waits;
  late.run(Grain::batch);
  EXPECT_EQ(lazy.waits - before, 1) << "a batch waits once, to read its loss";
  late.run(Grain::all);
  now.run(Grain::all);
  EXPECT_TRUE(same_bits(late.state(), now.state()));
  late.set_step_mode(true);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(late.back());
  for (int i = 0; i < 40; ++i) late.step();
  EXPECT_TRUE(same_bits(late.state(), now.state()));
}

}  // namespace
}  // namespace gradus
