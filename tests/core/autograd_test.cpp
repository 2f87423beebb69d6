// What keeps the graph honest. What the curriculum teaches of it: curriculum_test.cpp.
#include <gtest/gtest.h>

#include <functional>

#include "core/autograd/backward_task.h"
#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
#include "core/autograd/history.h"
#include "core/op/functions.h"
#include "core/tensor/pools.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

Tensor leaf(std::initializer_list<float> values) {
  const int64_t n = static_cast<int64_t>(values.size());
  return Tensor::from<float>(values, n == 1 ? Dims{} : Dims{n}).set_requires_grad(true);
}

TEST(Backward, StepsOneNodeAtATimeAndEndsInTheSame) {
  const Tensor x = leaf({2});
  const Tensor y = x * x + x;
  BackwardTask task(y, {}, false);
  std::vector<std::string> names;
  while (!task.done()) names.push_back(task.step().node->name());
  EXPECT_EQ(names, (std::vector<std::string>{"AddBackward0", "MulBackward0", "AccumulateGrad"}));
  EXPECT_EQ(x.grad().item(), 5);
}

TEST(Backward, RefusesAnOverwrittenValueAndSaysWho) {
  const Tensor x = leaf({2, 3});
  const Tensor y = x * 2.0;
  const Tensor z = sum(y * y);
  add_(y, ones(Dims{2}));
  const std::string message = message_of([&] { backward(z); });
  EXPECT_NE(message.find("add_() has overwritten"), std::string::npos) << message;
}

TEST(InPlace, KeepsHistoryAndProtectsLeaves) {
  const Tensor x = leaf({2, 3});
  EXPECT_NE(message_of([&] { add_(x, ones(Dims{2})); }).find("leaf"), std::string::npos);
  EXPECT_NE(message_of([&] { zero_(x); }).find("leaf"), std::string::npos);
  const Tensor y = x * 2.0;
  mul_(y, number(3.0, y));
  EXPECT_EQ(y.grad_fn()->name(), "MulBackward0");
  backward(sum(y));
  EXPECT_EQ(x.grad().to_vector<float>(), (std::vector<float>{6, 6}));
}

TEST(InPlace, SavesWhatItOverwritesAsPyTorchDoes) {
  const Tensor x = leaf({2, 3});
  const Tensor w = leaf({4, 5});
  const Tensor y = x * 2.0;
  mul_(y, w);
  GraphCopier copier;
  EXPECT_TRUE(copier.copy(y).defined());
  backward(sum(y));
  EXPECT_EQ(x.grad().to_vector<float>(), (std::vector<float>{8, 10}));
  EXPECT_EQ(w.grad().to_vector<float>(), (std::vector<float>{4, 6}));
}

TEST(InPlace, RefusesWhatItCannotDoRight) {
  const Tensor x = leaf({2, 3});
  const Tensor one = ones(Dims{1});
  EXPECT_NE(message_of([&] { add_(expand(one, Dims{4}), ones(Dims{4})); }).find("expanded"),
            std::string::npos);
  EXPECT_EQ(one.item(), 1);
  const Tensor square = ones(Dims{2, 2});
  EXPECT_NE(message_of([&] {
              call_inplace(ops::mm, {square, square});
            }).find("no in-place form"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              sgd_step(slice(ones(Dims{2, 6}), 1, 0, 6, 2), ones(Dims{2, 3}), {}, 0.1, 0, false);
            }).find("laid out densely"),
            std::string::npos);
}

// What a node keeps has no history: overwriting a tensor later makes no cycle, which would leak and
// send copies round for ever.
TEST(InPlace, MakesNoCycles) {
  const auto leaf = [] {
    const Tensor x = Tensor::from<float>(std::vector<float>{1, 2}, Dims{2});
    x.set_requires_grad(true);
    return x;
  };
  const auto live = [] { return Runtime::current().pools().tensors.live(); };
  const auto before = live();
  {
    const Tensor x = leaf();
    const Tensor y = x * 2.0;
    mul_(y, y);
    backward(sum(y));
    EXPECT_EQ(x.grad().to_vector<float>(), (std::vector<float>{8, 16}));  // 2 · 2x · 2
  }
  {
    const Tensor x = leaf();
    const Tensor y = x * 2.0;
    const Tensor z = y * x;
    add_(y, z);
    GraphCopier copier;
    EXPECT_EQ(copier.copy(y).to_vector<float>(), y.to_vector<float>());
    EXPECT_THROW(backward(sum(y)), Error) << "y*x needs y as it was";
  }
  EXPECT_EQ(live(), before);
}

TEST(InPlace, RefusesMemoryThatOverlapsItself) {
  const Tensor x = Tensor::from<float>(std::vector<float>{1, 2, 3}, Dims{3});
  const Tensor windows = x.as_strided(Dims{2, 2}, Dims{1, 1}, 0);
  EXPECT_THROW(add_(windows, windows), Error);
  const Tensor turned = x.as_strided(Dims{1, 3}, Dims{3, 1}, 0);
  EXPECT_NO_THROW(add_(turned, turned));
}

TEST(Arithmetic, OfWholeNumbersTakesWholeFactors) {
  const Tensor x = Tensor::from<int64_t>(std::vector<int64_t>{1, 2}, Dims{2});
  EXPECT_THROW(add(x, x, 0.5), Error);
  EXPECT_EQ((x * 2).dtype(), DType::int64);
  EXPECT_EQ((x * 0.5).dtype(), DType::float32) << "as PyTorch";
  EXPECT_EQ((x * 0.5).to_vector<float>(), (std::vector<float>{0.5, 1}));
  EXPECT_EQ(add(x, x, 3).to_vector<int64_t>(), (std::vector<int64_t>{4, 8}));
}

TEST(Grad, HasItsTensorsShapeAndType) {
  const Tensor x = Tensor::from<float>(std::vector<float>{1, 2}, Dims{2});
  x.set_grad(Tensor::from<float>(std::vector<float>{3, 4}, Dims{2}));
  EXPECT_THROW(x.set_grad(Tensor::from<float>(std::vector<float>{3}, Dims{1})), Error);
  EXPECT_THROW(x.set_grad(Tensor::from<double>(std::vector<double>{3, 4}, Dims{2})), Error);
  x.set_grad({});
  EXPECT_FALSE(x.grad().defined());
}

TEST(Graph, OfAnyDepthIsFreedAndWalkedWithoutRecursion) {
  const Tensor x = leaf({1});
  Tensor y = x;
  for (int i = 0; i < 200000; ++i) y = y + 0.0;
  GraphCopier copier;
  const Tensor copy = copier.copy(y);
  backward(y);
  EXPECT_EQ(x.grad().item(), 1);
  EXPECT_FALSE(copy.is(y));
}

TEST(Graph, DeepCopySharesNothing) {
  const Tensor x = leaf({2, 3});
  const Tensor y = sum(x * x);
  GraphCopier copier;
  const Tensor other = copier.copy(y);
  const Tensor other_x = copier.copy(x);
  EXPECT_FALSE(other_x.shares_storage(x));
  backward(other);
  EXPECT_FALSE(x.grad().defined());
  EXPECT_EQ(other_x.grad().to_vector<float>(), (std::vector<float>{4, 6}));
  backward(y);
  EXPECT_EQ(x.grad().to_vector<float>(), (std::vector<float>{4, 6}));
}

}  // namespace
}  // namespace gradus
