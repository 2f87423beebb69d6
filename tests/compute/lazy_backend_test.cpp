// The backend interface, proved on a device that does everything late: calls are queued and run
// only when somebody waits, as a GPU's command buffers would. Results must be the CPU's, to the
// bit.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "compute/cpu/cpu_backend.h"
#include "core/net/examples.h"
#include "core/op/call.h"
#include "core/session/session.h"
#include "core/tensor/runtime.h"
#include "tests/support/synthetic.h"

namespace gradus {
namespace {

constexpr Device kLazy{DeviceType::vulkan, 7};

class LazyBackend final : public Backend {
 public:
  Device device() const override { return kLazy; }
  DeviceInfo info() const override { return {.device = kLazy, .name = "lazy", .type = "test"}; }
  Block allocate(size_t bytes) override { return cpu_->allocate(bytes); }
  void free(Block block) noexcept override { deferred_.push_back(block); }
  int64_t available_bytes() const override { return cpu_->available_bytes(); }
  MemoryStats memory_stats() const override { return cpu_->memory_stats(); }
  void upload(const void* from, Block to, size_t to_offset, size_t bytes) override {
    // What is uploaded may change once this returns, so it is staged.
    std::vector<char> staged(static_cast<const char*>(from),
                             static_cast<const char*>(from) + bytes);
    queue_.push_back([=, this] { cpu_->upload(staged.data(), to, to_offset, bytes); });
  }
  void download(Block from, size_t from_offset, void* to, size_t bytes) override {
    synchronize();
    cpu_->download(from, from_offset, to, bytes);
  }
  void copy(Block from, Block to, size_t bytes) override {
    queue_.push_back([=, this] { cpu_->copy(from, to, bytes); });
  }
  void run(const KernelCall& call) override {
    Tensors inputs{call.inputs.begin(), call.inputs.end()};
    Tensors outputs{call.outputs.begin(), call.outputs.end()};
    queue_.push_back([this, &op = call.op, inputs, outputs, attrs = call.attrs] {
      cpu_->run({op, inputs, outputs, attrs});
    });
  }
  void synchronize() override {
    ++waits;
    std::vector<std::function<void()>> queue = std::move(queue_);
    queue_.clear();
    for (auto& work : queue) work();
    queue.clear();  // drops tensors, which defers more frees
    for (Block block : deferred_) cpu_->free(block);
    deferred_.clear();
  }
  void set_timing(bool on) override { cpu_->set_timing(on); }
  std::vector<OpTime> take_times() override { return cpu_->take_times(); }
  void* host_pointer(Block block) const override { return cpu_->host_pointer(block); }

  int waits = 0;
  ~LazyBackend() override { synchronize(); }

 private:
  std::unique_ptr<Backend> cpu_ = cpu::make_cpu_backend();
  std::vector<std::function<void()>> queue_;
  std::vector<Block> deferred_;
};

TEST(BackendInterface, CarriesADeviceThatDoesEverythingLate) {
  auto owned = std::make_unique<LazyBackend>();
  LazyBackend* lazy = owned.get();
  Runtime::current().add_backend(std::move(owned));
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 8;
  graph.training.optimizer = {.lr = 0.05, .momentum = 0.9};
  Session late(graph, synthetic_images(36, 12), {.device = kLazy});
  Session now(graph, synthetic_images(36, 12), {.device = kCpu});
  late.run(Grain::batch);
  const int before = lazy->waits;
  late.run(Grain::batch);
  EXPECT_EQ(lazy->waits - before, 1) << "a batch waits once, to read its loss";
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
