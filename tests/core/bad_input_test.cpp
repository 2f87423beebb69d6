// What is said where something is wrong, word by word (tests/vulkan looks at the same on a device).
#include <gtest/gtest.h>

#include "tests/support/bad_calls.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

class BadInput : public testing::TestWithParam<BadCall> {};

TEST_P(BadInput, IsToldWithTheCure) {
  EXPECT_EQ(message_of([] { GetParam().call(kCpu); }), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Each, BadInput, testing::ValuesIn(bad_calls()),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(MixedDevices, AreNamed) {
  const Tensor here = ones(Dims{2});
  const Tensor nowhere = Tensor::empty(Dims{2}, DType::float32, kMeta);
  EXPECT_EQ(message_of([&] { here* nowhere; }),
            "[mul] its inputs live on cpu and meta: make both on the same device");
}

}  // namespace
}  // namespace gradus
