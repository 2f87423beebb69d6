// Rows longer than 65,535: Mesa's software driver leaves a loop after so many turns, without a
// word. What would take more gives the CPU's numbers all the same, or is refused by name.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/autograd/transfer.h"
#include "core/base/error.h"
#include "core/op/creation.h"
#include "core/op/functions.h"

namespace gradus {
namespace {

constexpr Device kGpu{DeviceType::vulkan, 0};

struct Long {
  const char* name;
  std::function<Tensor(const Tensor& x)> of;  // x: the numbers, a vector
  bool may_refuse = false;
};

class LongRows : public testing::TestWithParam<int64_t> {};

TEST_P(LongRows, GiveTheCpusNumbersOrAreRefused) {
  const int64_t n = GetParam();
  Generator generator(1);
  const Tensor x = rand(Dims{n}, generator);
  const auto matrix = [](const Tensor& v) { return reshape(v, Dims{1, -1}); };
  const auto first = [](const Tensor& v) { return zeros(v.sizes(), DType::int64, v.device()); };
  const std::vector<Long> all = {
      {"dot", [](const Tensor& v) { return dot(v, v); }},
      {"mm", [&](const Tensor& v) { return mm(matrix(v), t(matrix(v))); }},
      {"mv",
       [&](const Tensor& v) {
         return mv(expand(matrix(v), Dims{2, -1}), v);
       }},
      {"addmm",
       [&](const Tensor& v) {
         return addmm(ones(Dims{1}, DType::float32, v.device()), matrix(v), t(matrix(v)));
       }},
      {"softmax", [](const Tensor& v) { return softmax(v, 0); }},
      {"log_softmax", [](const Tensor& v) { return log_softmax(v, 0); }},
      {"logsumexp", [](const Tensor& v) { return logsumexp(v, Dims{0}); }},
      {"sum", [](const Tensor& v) { return sum(v); }},
      {"var", [](const Tensor& v) { return var(v); }},
      {"max", [](const Tensor& v) { return max(v); }},
      {"argmax", [](const Tensor& v) { return argmax(v, 0); }, true},
      {"cumsum", [](const Tensor& v) { return cumsum(v, 0); }, true},
      {"sort", [](const Tensor& v) { return sort(v, 0).values; }},
      {"scatter_add",
       [&](const Tensor& v) {
         return scatter_add(zeros(Dims{2}, DType::float32, v.device()), 0, first(v), v);
       }},
  };
  for (const Long& each : all) {
    const std::vector<double> wanted = each.of(x).to_vector<double>();
    std::vector<double> found;
    try {
      found = each.of(to(x, kGpu)).to_vector<double>();
    } catch (const Error& error) {
      EXPECT_TRUE(each.may_refuse) << each.name << ": " << error.what();
      EXPECT_NE(std::string(error.what()).find("gives up after 65535"), std::string::npos);
      continue;
    }
    ASSERT_EQ(found.size(), wanted.size()) << each.name;
    for (size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_NEAR(found[i], wanted[i], 2e-4 * std::abs(wanted[i]))
          << each.name << " of " << n << " at " << i;
    }
  }
}

// A reduction's lanes share a row, so it goes wrong later.
TEST(LongReductions, GiveTheCpusNumbers) {
  const Tensor x = arange(0, 9'000'000) - 4'000'000.0;
  const Tensor there = to(x, kGpu);
  for (const auto& of : std::initializer_list<Tensor (*)(const Tensor&)>{
           [](const Tensor& v) { return sum(gt(v, 0)); },
           [](const Tensor& v) { return max(v); },
           [](const Tensor& v) { return min(v); },
           [](const Tensor& v) { return mean(v); },
           [](const Tensor& v) { return all(ge(v, -4'000'000.0)); },
       }) {
    EXPECT_NEAR(of(there).item(), of(x).item(), 1e-5 * std::abs(of(x).item()) + 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Lengths, LongRows, testing::Values(21'000, 59'000, 66'000, 140'000));

}  // namespace
}  // namespace gradus
