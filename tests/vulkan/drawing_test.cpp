// Drawings on the device: the same numbers as on the CPU, and tensors that move between both.
#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/backward_task.h"
#include "core/autograd/transfer.h"
#include "core/op/creation.h"
#include "core/op/functions.h"
#include "tests/support/drawing.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

constexpr Device kGpu{DeviceType::vulkan, 0};

TEST(VulkanDrawing, EveryExampleGivesTheCpusNumbers) {
  int compared = 0;
  for (const Example& one : all_examples()) {
    const NetGraph graph = example(one.name);
    if (graph.training.has_data() || one.name == "t10_does_not_fit") continue;
    Drawing cpu(graph);
    Drawing gpu(graph, kGpu);
    while (!cpu.session.state().cursor.done) {
      cpu.phases(1);
      gpu.phases(1);
      for (const NetNode& node : graph.nodes()) {
        EXPECT_EQ(gpu.tensor(node.name).device(), kGpu);
        for (const auto& [here, there] : {std::pair{cpu.value(node.name), gpu.value(node.name)},
                                          std::pair{cpu.grad(node.name), gpu.grad(node.name)}}) {
          ASSERT_EQ(here.size(), there.size()) << one.name << ' ' << node.name;
          for (size_t i = 0; i < here.size(); ++i) {
            ASSERT_NEAR(here[i], there[i], 1e-5 * std::abs(here[i]))
                << one.name << ' ' << node.name;
          }
          ++compared;
        }
      }
    }
    EXPECT_TRUE(gpu.session.state().cursor.done);
  }
  EXPECT_GT(compared, 100);
}

TEST(Curriculum, T4_ToTheDeviceAndBack) {
  const Tensor x = tensor({1.0, 2.0, 3.0}).set_requires_grad(true);
  const Tensor there = to(t(reshape(x, Dims{3, 1})), kGpu);
  EXPECT_EQ(there.device(), kGpu);
  EXPECT_EQ(there.grad_fn()->name(), "ToCopyBackward0");
  EXPECT_TRUE(to(there, kGpu).is(there));
  EXPECT_NE(message_of([&] { x + there; }).find("cpu and vulkan"), std::string::npos);
  const Tensor back = to(there * there, kCpu);
  EXPECT_EQ(back.to_vector<float>(), (std::vector<float>{1, 4, 9}));
  backward(sum(back));
  EXPECT_EQ(x.grad().device(), kCpu);
  EXPECT_EQ(x.grad().to_vector<float>(), (std::vector<float>{2, 4, 6}));
  EXPECT_NE(message_of([&] {
              backward(there * there, ones(Dims{1, 3}));
            }).find("the gradient is on cpu, the tensor on vulkan"),
            std::string::npos);
  EXPECT_EQ(message_of([] { to(tensor({1.0}, DType::float64), kGpu); }),
            "[to] vulkan:0 does not work with float64: convert the tensor first, to float32");
  NetGraph graph = example("a5_chain_rule");
  graph.set_attr(1, "dtype", DType::float64);
  EXPECT_NE(message_of([&] { Drawing(graph, kGpu); }).find("[x] is float64"), std::string::npos);
  const Tensor whole = to(tensor({7, 8}), kGpu);
  copy_(whole, number(2.5, whole));
  EXPECT_EQ(whole.to_vector<int64_t>(), (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(to(tensor({{1, 2}, {3, 4}}), kGpu).to_vector<int64_t>(),
            (std::vector<int64_t>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace gradus
