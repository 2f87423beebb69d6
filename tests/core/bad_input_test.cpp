// What is said where something is wrong, word by word (tests/vulkan looks at the same on a device).
#include <gtest/gtest.h>

#include <functional>

#include "core/op/creation.h"
#include "core/op/functions.h"
#include "core/op/random.h"
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

TEST(TooLarge, IsToldByName) {
  const auto says = [](const std::function<void()>& call, const std::string& what) {
    const std::string message = message_of(call);
    EXPECT_NE(message.find(what), std::string::npos) << message;
  };
  Generator generator(1);
  const int64_t huge = int64_t{1} << 45;
  says([&] { repeat(ones(Dims{4}), Dims{int64_t{1} << 62}); }, "[repeat] [4611686018427387904]");
  says(
      [&] {
        const Tensor wide = expand(zeros(Dims{1}, DType::boolean), Dims{int64_t{1} << 59});
        cat(std::vector<Tensor>(32, wide));
      },
      "[cat] 32 tensors");
  says([&] { rand(Dims{huge}, generator); }, "[rand] 35184372088832 elements do not fit");
  says([&] { randperm(huge, generator); }, "[randperm] ");
  says([&] { arange(0.0, 1e15); }, "[arange] ");
  says([&] { arange(INT64_MIN, INT64_MAX, 1, DType::int64); }, "[arange] ");
  says([&] { linspace(0, 1, huge); }, "[linspace] ");
  says([&] { rand(Dims{huge, huge}, generator); }, "too ");
}

TEST(RandomNumbers, SayWhatTheyCannotDraw) {
  Generator g(1);
  const auto says = [](const std::function<void()>& call, const std::string& what) {
    const std::string message = message_of(call);
    EXPECT_NE(message.find(what), std::string::npos) << message;
  };
  const Tensor x = zeros(Dims{3});
  says([&] { multinomial(x, 1, g); }, "the weights of a row are all 0");
  says([&] { multinomial(x + 1, 4, g); }, "cannot draw 4 of 3 places without putting them back");
  says([&] { multinomial(x - 1, 1, g); }, "weights are finite and not negative, got -1");
  says([&] { multinomial(zeros(Dims{2}, DType::int64), 1, g); }, "got int64 2");
  says([&] { bernoulli_(x, 1.5, g); }, "a probability is from 0 to 1, got 1.5");
  says([&] { exponential_(x, 0, g); }, "needs a rate above 0");
  says([&] { exponential_(zeros(Dims{2}, DType::int64), 1, g); }, "got int64");
  says([&] { random_(x, 5, 5, g); }, "needs low < high");
  says([&] { uniform_(ones(Dims{2}).set_requires_grad(true), 0, 1, g); }, "overwrite a leaf");
}

TEST(Bools, TakePartWherePyTorchConvertsThem) {
  const Tensor m = tensor({true, false});
  EXPECT_EQ(remainder(m, number(int64_t{2}, m)).to_vector<int64_t>(), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(floor_divide(m, number(int64_t{2}, m)).dtype(), DType::int64);
  EXPECT_EQ(pow(m, tensor({2.5, 0.5})).to_vector<float>(), (std::vector<float>{1, 0}));
  EXPECT_EQ(message_of([&] { remainder(m, m); }),
            "[remainder] does not work on bool tensors: make them numbers first, with to()");
}

}  // namespace
}  // namespace gradus
