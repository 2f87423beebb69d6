// Every op against PyTorch, on the CPU. An op without samples fails by name.
#include "tests/parity/op_parity.h"

namespace gradus {
namespace {

class OpParity : public testing::TestWithParam<const OpDef*> {};

TEST_P(OpParity, ValuesAndGradientsArePyTorchs) { parity::expect_pytorchs(*GetParam(), kCpu); }

INSTANTIATE_TEST_SUITE_P(EveryOp, OpParity, testing::ValuesIn(all_ops().begin(), all_ops().end()),
                         [](const auto& each) { return std::string(each.param->name()); });

TEST(ParityReport, HasEnoughCases) {
  size_t count = 0;
  for (const auto& [name, record] : parity::golden()) count += !parity::exception_for(name);
  EXPECT_GE(count, 3000u);
}

}  // namespace
}  // namespace gradus
