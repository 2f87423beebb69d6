// What the tutorials teach of tensors (T) and autograd (A), row by row, with their numbers.
#include <gtest/gtest.h>

#include "core/autograd/backward_task.h"
#include "core/autograd/function.h"
#include "core/autograd/grad_mode.h"
#include "core/autograd/history.h"
#include "core/autograd/print.h"
#include "core/autograd/why_no_grad.h"
#include "core/op/indexing.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

using Floats = std::vector<float>;
using Wholes = std::vector<int64_t>;

Floats floats(const Tensor& x) { return x.to_vector<float>(); }
Wholes wholes(const Tensor& x) { return x.to_vector<int64_t>(); }

Tensor leaf(std::initializer_list<float> values) {
  const int64_t n = static_cast<int64_t>(values.size());
  return Tensor::from<float>(values, n == 1 ? Dims{} : Dims{n}).set_requires_grad(true);
}

TEST(Curriculum, T1_FromData) {
  EXPECT_EQ(tensor({{1, 2}, {3, 4}}).dtype(), DType::int64);
  EXPECT_EQ(tensor({{1, 2}, {3, 4}}).sizes(), (Dims{2, 2}));
  EXPECT_EQ(tensor({1.0, 2.5}).dtype(), DType::float32);
  EXPECT_EQ(tensor({1, 2.5}).dtype(), DType::float32);
  EXPECT_EQ(tensor({true, false}).dtype(), DType::boolean);
  EXPECT_EQ(tensor({true, 2}).dtype(), DType::int64);
  EXPECT_EQ(tensor(7).sizes(), Dims{});
  EXPECT_EQ(tensor({{1, 2}}, DType::uint8).dtype(), DType::uint8);
  EXPECT_EQ(wholes(arange(5)), (Wholes{0, 1, 2, 3, 4}));
  EXPECT_EQ(wholes(tensor({int64_t{1} << 62})), (Wholes{int64_t{1} << 62}));
  const Tensor x = tensor({1.0, 2.0});
  EXPECT_FALSE(clone(x).shares_storage(x));
  EXPECT_NE(message_of([] {
              tensor({{1, 2}, {3}});
            }).find("a list of 1 stands beside one of 2"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              tensor({{1, 2}, 3});
            }).find("a number stands beside a list"),
            std::string::npos);
}

// What a beginner meets beside the ops themselves; numbers from PyTorch's documentation.
TEST(Functions, ComposedOfOps) {
  const Tensor x = tensor({{3.0, 1.0, 2.0}, {9.0, 7.0, 8.0}});
  EXPECT_EQ(argmax(x).item(), 3);
  EXPECT_EQ(argmin(x).item(), 1);
  EXPECT_EQ(wholes(argsort(x)), (Wholes{1, 2, 0, 1, 2, 0}));
  EXPECT_EQ(floats(roll(x, 1)), (Floats{8, 3, 1, 2, 9, 7}));
  EXPECT_EQ(floats(roll(x, 1, 0)), (Floats{9, 7, 8, 3, 1, 2}));
  EXPECT_EQ(floats(roll(x, Dims{1, 1}, Dims{0, 1})), (Floats{8, 9, 7, 2, 3, 1}));
  EXPECT_EQ(floats(masked_select(x, gt(x, 2))), (Floats{3, 9, 7, 8}));
  EXPECT_EQ(floats(clamp(x, full_like(x, 2), full_like(x, 8))), (Floats{3, 2, 2, 8, 7, 8}));
  EXPECT_EQ(sum(tensor({200, 100}, DType::uint8), DType::float32).dtype(), DType::float32);
  EXPECT_EQ(floats(addmm(ones(Dims{2}), eye(2), eye(2), 3, 2)), (Floats{5, 3, 3, 5}));
  EXPECT_TRUE(allclose(x, x + 1e-6));
  EXPECT_FALSE(allclose(x, x + 1e-3));
  EXPECT_TRUE(allclose(tensor({INFINITY}), tensor({INFINITY})));
  EXPECT_FALSE(allclose(tensor({NAN}), tensor({NAN})));
  EXPECT_TRUE(allclose(tensor({NAN}), tensor({NAN}), 1e-5, 1e-8, true));
  EXPECT_TRUE(equal(x, clone(x)));
  EXPECT_FALSE(equal(x, t(x)));
  const Tensor hot = zeros(Dims{10});
  scatter_(hot, 0, tensor({3}), 1.0);
  EXPECT_EQ(sum(hot).item(), 1);
  EXPECT_EQ(hot.to_vector<float>()[3], 1);
}

TEST(Curriculum, T2_Creation) {
  EXPECT_EQ(floats(zeros(Dims{2})), (Floats{0, 0}));
  EXPECT_EQ(floats(ones(Dims{2})), (Floats{1, 1}));
  EXPECT_EQ(floats(full(Dims{2}, 7)), (Floats{7, 7}));
  EXPECT_EQ(floats(eye(2, 3)), (Floats{1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(wholes(arange(int64_t{1}, int64_t{10}, int64_t{3}, DType::int64)), (Wholes{1, 4, 7}));
  EXPECT_EQ(floats(linspace(0, 1, 5)), (Floats{0, 0.25, 0.5, 0.75, 1}));
  EXPECT_EQ(wholes(linspace(0, 10, 5, DType::int64)), (Wholes{0, 2, 5, 7, 10}));
  EXPECT_EQ(wholes(arange(-2.5, 2.5, 1, DType::int32)), (Wholes{-2, -1, 0, 1, 2}));
  EXPECT_EQ(arange(0, 1000, 7.7, DType::int32).numel(), 130);
  EXPECT_EQ(wholes(arange(0, 2.9, 1, DType::uint8)), (Wholes{0, 1, 2}));
  EXPECT_EQ(ones_like(zeros(Dims{2, 3}), DType::int64).meta(), (TensorMeta{{2, 3}, DType::int64}));
  EXPECT_EQ(Tensor::empty(Dims{3, 2}).sizes(), (Dims{3, 2}));
  const Tensor like = zeros(Dims{2, 3}, DType::float64);
  EXPECT_EQ(ones_like(like).meta(), like.meta());
  Generator generator(42);
  EXPECT_EQ(rand_like(like, generator).meta(), like.meta());
  EXPECT_EQ(normal(1, 2, Dims{4}, generator).sizes(), Dims{4});
  EXPECT_EQ(randperm(5, generator).numel(), 5);
  Generator again(42);
  rand_like(like, again);
  EXPECT_EQ(floats(normal(1, 2, Dims{4}, again)).size(), 4u);
  Generator a(7), b(7);
  EXPECT_EQ(floats(rand(Dims{3}, a)), floats(rand(Dims{3}, b))) << "manual_seed";
  EXPECT_NE(message_of([] { arange(0, 1, 0); }).find("step"), std::string::npos);
  EXPECT_NE(message_of([] { arange(0, 5, -1); }).find("does not lead"), std::string::npos);
  EXPECT_NE(message_of([&] { normal(0, -1, Dims{2}, a); }).find("not negative"), std::string::npos);
}

TEST(Curriculum, T3_WhatATensorIs) {
  const Tensor x = rand(Dims{3, 4}, Runtime::current().default_generator());
  EXPECT_EQ(x.sizes(), (Dims{3, 4}));
  EXPECT_EQ(x.dim(), 2);
  EXPECT_EQ(x.numel(), 12);
  EXPECT_EQ(x.dtype(), DType::float32);
  EXPECT_EQ(x.device(), kCpu);
  EXPECT_EQ(x.strides(), (Dims{4, 1}));
  EXPECT_EQ(T(x).strides(), (Dims{1, 4}));
  EXPECT_FALSE(x.requires_grad());
  EXPECT_TRUE(x.is_leaf());
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(x.grad_fn());
}

TEST(Curriculum, T4_Devices) {
  const Tensor x = ones(Dims{2});
  EXPECT_EQ(x.device(), kCpu) << "born on the CPU unless asked";
  const Tensor meta = Tensor::empty(Dims{2}, DType::float32, kMeta);
  EXPECT_NE(message_of([&] { x + meta; }).find("cpu and meta"), std::string::npos);
}

// As PyTorch has it: what follows a mask is looked at before the mask is, as if that were one
// dimension.
// Results lie in memory as their inputs do, which shows where memory is looked at. From PyTorch.
TEST(Curriculum, T9_ResultsAreLaidOutAsTheirInputs) {
  const Tensor x = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const Tensor y = t(x);
  EXPECT_EQ(exp(y).strides(), (Dims{1, 3}));
  EXPECT_EQ((y + 1).strides(), (Dims{1, 3}));
  EXPECT_EQ((ones(Dims{3, 2}) + y).strides(), (Dims{2, 1})) << "the first one decides";
  EXPECT_EQ((y * tensor({1.0, 2.0})).strides(), (Dims{1, 3}));
  EXPECT_EQ(gt(y, 2).strides(), (Dims{1, 3}));
  EXPECT_EQ(clone(y).strides(), (Dims{1, 3}));
  EXPECT_EQ(contiguous(y).strides(), (Dims{2, 1}));
  EXPECT_EQ(zeros_like(y).strides(), (Dims{1, 3}));
  EXPECT_EQ(exp(slice(x, 1, 0, 3, 2)).strides(), (Dims{2, 1}));
  const Tensor cube = permute(zeros(Dims{2, 3, 4}), Dims{2, 0, 1});
  EXPECT_EQ(neg(cube).strides(), (Dims{1, 12, 4}));
  EXPECT_EQ(neg(expand(ones(Dims{3, 1}), Dims{3, 4})).strides(), (Dims{4, 1}));
  EXPECT_NE(message_of([&] { view(y + 1, Dims{-1}); }).find("use reshape"), std::string::npos);
  EXPECT_EQ(floats(exp(y) / exp(y)), Floats(6, 1));
  EXPECT_EQ(floats(y + tensor({{10.0}, {20.0}, {30.0}})), (Floats{11, 14, 22, 25, 33, 36}));
  const Tensor copied = reshape(y + 0, Dims{-1});
  EXPECT_EQ(floats(copied), (Floats{1, 4, 2, 5, 3, 6}));
}

TEST(Curriculum, T5_MasksBesideOtherIndices) {
  const Tensor x = reshape(arange(8), Dims{2, 2, 2});
  const Tensor mask = tensor({{true, false}, {true, true}});
  EXPECT_EQ(wholes(index(x, {mask, 0})), (Wholes{0, 4, 5}));
  EXPECT_EQ(wholes(index(x, {mask})), (Wholes{0, 1, 4, 5, 6, 7}));
  const Tensor y = reshape(arange(24), Dims{2, 3, 4});
  const Tensor wide = gt(reshape(arange(6), Dims{2, 3}), 2);
  EXPECT_NE(message_of([&] { index(y, {wide, 0}); }), "no error");
  const Tensor z = tensor({1.0, -2.0, 3.0});
  index_put_(z, {gt(z, 0)}, tensor(5));
  EXPECT_EQ(floats(z), (Floats{5, -2, 5}));
}

TEST(Curriculum, T5_IndexAndSlice) {
  const Tensor t = reshape(arange(12), Dims{3, 4});
  EXPECT_EQ(wholes(index(t, {0})), (Wholes{0, 1, 2, 3}));
  EXPECT_EQ(wholes(index(t, {Slice{}, 0})), (Wholes{0, 4, 8}));
  EXPECT_EQ(wholes(index(t, {Ellipsis{}, -1})), (Wholes{3, 7, 11}));
  EXPECT_EQ(wholes(index(t, {Slice{0, 3, 2}, Slice{1, {}, 2}})), (Wholes{1, 3, 9, 11}));
  EXPECT_EQ(index(t, {NewAxis{}, Slice{}, NewAxis{}}).sizes(), (Dims{1, 3, 1, 4}));
  EXPECT_EQ(wholes(index(t, {gt(t, 8)})), (Wholes{9, 10, 11}));
  EXPECT_EQ(wholes(index(t, {tensor({2, 0})})), (Wholes{8, 9, 10, 11, 0, 1, 2, 3}));
  EXPECT_EQ(wholes(index(t, {tensor({0, 2}), tensor({1, 3})})), (Wholes{1, 11}));
  EXPECT_EQ(wholes(index(t, {Slice{}, tensor({-1})})), (Wholes{3, 7, 11}));
  EXPECT_EQ(index(t, {true}).sizes(), (Dims{1, 3, 4}));
  EXPECT_EQ(index(t, {false}).sizes(), (Dims{0, 3, 4}));
  const Tensor x = ones(Dims{4, 4});
  index_put_(x, {Slice{}, 1}, 0.0);
  EXPECT_EQ(floats(index(x, {0})), (Floats{1, 0, 1, 1}));
  index_put_(x, {eq(x, 0)}, 5.0);
  EXPECT_EQ(floats(index(x, {3})), (Floats{1, 5, 1, 1}));
  index_put_(x, {tensor({0, 0}), tensor({2, 3})}, tensor({7.0, 8.0}));
  EXPECT_EQ(floats(index(x, {0})), (Floats{1, 5, 7, 8}));
  const Tensor y = index(x, {0, Slice{}});
  add_(y, ones(Dims{4}));
  EXPECT_EQ(floats(index(x, {0})), (Floats{2, 6, 8, 9})) << "a slice is a view";
  EXPECT_NE(message_of([&] {
              index(t, {3});
            }).find("index 3 is out of range for dimension 0 of 3×4, whose size is 3"),
            std::string::npos);
  EXPECT_NE(message_of([&] { index(t, {0, 0, 0}); }).find("too many"), std::string::npos);
  EXPECT_NE(message_of([&] { index(t, {tensor({5})}); }).find("index 5 is out of range"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              index(t, {tensor({true, false})});
            }).find("a mask of shape 2"),
            std::string::npos);
  EXPECT_NE(message_of([&] { index(t, {Slice{{}, {}, -1}}); }).find("use flip"), std::string::npos);
  EXPECT_NE(message_of([&] { index(t, {tensor({1.0})}); }).find("whole numbers or bools"),
            std::string::npos);
}

TEST(Curriculum, T6_CatAndStack) {
  const Tensor x = ones(Dims{2, 3});
  EXPECT_EQ(cat({x, x, x}, 1).sizes(), (Dims{2, 9}));
  EXPECT_EQ(stack({x, x}, 0).sizes(), (Dims{2, 2, 3}));
  EXPECT_NE(message_of([&] { cat({x, ones(Dims{2, 2})}, 0); }).find("2×2"), std::string::npos);
}

TEST(Curriculum, T7_Arithmetic) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  EXPECT_EQ(floats(x + x), floats(add(x, x)));
  const Tensor out = zeros(Dims{2, 2});
  call_out(ops::add, {&out, 1}, std::vector<Tensor>{x, x}, Attrs{});
  EXPECT_EQ(floats(out), floats(x + x));
  EXPECT_EQ(floats(matmul(x, T(x))), (Floats{5, 11, 11, 25}));
  EXPECT_EQ(floats(x * x), (Floats{1, 4, 9, 16}));
  EXPECT_EQ(sum(x).item(), 10);
  EXPECT_EQ(floats(x * 2 + 1), (Floats{3, 5, 7, 9}));
  EXPECT_EQ(floats(1 - x), (Floats{0, -1, -2, -3}));
  EXPECT_EQ(floats(2 / x), floats(reciprocal(x) * 2));
  EXPECT_EQ(floats(einsum("ij,kj->ik", {x, x})), floats(matmul(x, T(x))));
}

TEST(Curriculum, T8_InPlace) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  add_(x, full(Dims{}, 5));
  EXPECT_EQ(floats(x), (Floats{6, 7, 8, 9}));
  copy_(x, zeros(Dims{2, 2}));
  fill_(x, 3);
  mul_(x, x);
  EXPECT_EQ(floats(x), (Floats{9, 9, 9, 9}));
  zero_(x);
  EXPECT_EQ(x.version(), 5u);
  const Tensor w = leaf({1, 2});
  EXPECT_NE(message_of([&] { add_(w, w); }).find("leaf"), std::string::npos);
  const Tensor y = w * w;
  const Tensor z = exp(y);
  add_(z, ones(Dims{2}));
  EXPECT_NE(message_of([&] { backward(sum(z)); }).find("add_() has overwritten it"),
            std::string::npos);
}

TEST(Curriculum, T9_ViewsAndCopies) {
  const Tensor x = reshape(arange(6), Dims{2, 3});
  EXPECT_TRUE(view(x, Dims{3, -1}).shares_storage(x));
  EXPECT_FALSE(reshape(T(x), Dims{6}).shares_storage(x));
  EXPECT_FALSE(clone(x).shares_storage(x));
  EXPECT_TRUE(contiguous(T(x)).is_contiguous());
  EXPECT_EQ(transpose(x, 0, 1).sizes(), (Dims{3, 2}));
  EXPECT_EQ(permute(reshape(x, Dims{1, 2, 3}), Dims{2, 0, 1}).sizes(), (Dims{3, 1, 2}));
  EXPECT_EQ(squeeze(reshape(x, Dims{1, 6, 1})).sizes(), (Dims{6}));
  EXPECT_EQ(unsqueeze(x, -1).sizes(), (Dims{2, 3, 1}));
  EXPECT_EQ(flatten(reshape(x, Dims{1, 2, 3}), 1).sizes(), (Dims{1, 6}));
}

TEST(Curriculum, T10_Broadcasting) {
  EXPECT_EQ((ones(Dims{8, 1, 6, 1}) + ones(Dims{7, 1, 5})).sizes(), (Dims{8, 7, 6, 5}));
  EXPECT_EQ((ones(Dims{256, 256, 3}) * ones(Dims{3})).sizes(), (Dims{256, 256, 3}));
  EXPECT_EQ(wholes(tensor({{1, 2}}) + tensor({{1}, {2}, {3}})), (Wholes{2, 3, 3, 4, 4, 5}));
  const Tensor a = tensor({0.0, 10.0, 20.0, 30.0});
  const Tensor b = tensor({1.0, 2.0, 3.0});
  EXPECT_EQ((index(a, {Slice{}, NewAxis{}}) + b).sizes(), (Dims{4, 3}));
  const std::string message = message_of([] { ones(Dims{4, 3}) + ones(Dims{4}); });
  EXPECT_NE(message.find("4×3 with 4"), std::string::npos) << message;
  EXPECT_NE(message.find("dimension 1"), std::string::npos) << message;
}

TEST(Curriculum, T12_Printing) {
  EXPECT_EQ(to_string(tensor({{6, 8}, {10, 12}})), "tensor([[ 6,  8],\n        [10, 12]])");
  EXPECT_EQ(to_string(leaf({1, 2})), "tensor([1., 2.], requires_grad=True)");
  EXPECT_EQ(to_string(leaf({1, 2}) + 1), "tensor([2., 3.], grad_fn=<AddBackward0>)");
}

TEST(Curriculum, A1_PowersWithAGradientOfOnes) {
  const Tensor a = leaf({2, 3});
  const Tensor b = leaf({6, 4});
  backward(3.0 * pow(a, 3) - pow(b, 2), ones(Dims{2}));
  EXPECT_EQ(a.grad().to_vector<float>(), (std::vector<float>{36, 81}));
  EXPECT_EQ(b.grad().to_vector<float>(), (std::vector<float>{-12, -8}));
  a.set_grad({});
  backward(sum(3.0 * pow(a, 3) - pow(b, 2)));
  EXPECT_EQ(a.grad().to_vector<float>(), (std::vector<float>{36, 81}));
}

TEST(Curriculum, A3_LeavesAndWhatIsRetained) {
  const Tensor x = leaf({2});
  const Tensor w = leaf({1});
  const Tensor a = x + w;
  retain_grad(a);
  const Tensor b = w + 1.0;
  const Tensor y = a * b;
  backward(y);
  EXPECT_TRUE(w.is_leaf() && x.is_leaf());
  EXPECT_FALSE(a.is_leaf() || b.is_leaf() || y.is_leaf());
  EXPECT_EQ(w.grad().item(), 5);
  EXPECT_EQ(x.grad().item(), 2);
  EXPECT_EQ(a.grad().item(), 2);
  EXPECT_FALSE(b.grad().defined());
  EXPECT_FALSE(y.grad().defined());
  EXPECT_FALSE(x.grad_fn());
  EXPECT_EQ(a.grad_fn()->name(), "AddBackward0");
  EXPECT_EQ(b.grad_fn()->name(), "AddBackward0");
  EXPECT_EQ(y.grad_fn()->name(), "MulBackward0");
}

TEST(Curriculum, A4_WalkingTheGraph) {
  const Tensor x = leaf({2});
  const Tensor y = leaf({3});
  const Tensor loss = pow(x * y + x, 2);
  const Node* node = loss.grad_fn().get();
  EXPECT_EQ(node->name(), "PowBackward0");
  node = node->next_functions()[0].node.get();
  EXPECT_EQ(node->name(), "AddBackward0");
  EXPECT_EQ(node->next_functions()[0].node->name(), "MulBackward0");
  EXPECT_EQ(node->next_functions()[1].node->name(), "AccumulateGrad");
  backward(loss);
  EXPECT_EQ(x.grad().item(), 64);
  EXPECT_EQ(y.grad().item(), 32);
}

TEST(Curriculum, A5_TheChainRule) {
  const Tensor x = leaf({2});
  backward(exp(sin(x * x)));
  EXPECT_NEAR(x.grad().item(), -1.226664662361145, 1e-6);
}

TEST(Curriculum, A6_GradientsAddUp) {
  const Tensor x = leaf({2});
  const Tensor first = sin(pow(x, 2));
  backward(first, {}, /*retain_graph=*/true);
  EXPECT_NEAR(x.grad().item(), -2.614574432373047, 1e-6);
  backward(cos(pow(x, 3)));
  EXPECT_NEAR(x.grad().item(), -14.486873626708984, 1e-5);
  zero_(x.grad());
  backward(cos(pow(x, 3)));
  EXPECT_NEAR(x.grad().item(), -11.872299194335938, 1e-5);
  x.set_grad({});
  backward(pow(x, 2) + pow(x, 3));
  EXPECT_EQ(x.grad().item(), 16);
}

TEST(Curriculum, A7_WhatRequiresGrad) {
  const Tensor plain = ones(Dims{2});
  const Tensor tracked = leaf({1, 2});
  EXPECT_FALSE((plain + plain).requires_grad());
  EXPECT_TRUE((plain + tracked).requires_grad());
  EXPECT_FALSE(tracked.detach().requires_grad());
  EXPECT_TRUE(tracked.detach().shares_storage(tracked));
  const NoGradGuard no_grad;
  EXPECT_FALSE((plain + tracked).requires_grad());
}

TEST(Curriculum, A9_BackwardTwice) {
  const Tensor x = leaf({2, 3});
  const Tensor y = sum(x * x);
  backward(y);
  EXPECT_NE(message_of([&] { backward(y); }).find("second time"), std::string::npos);
  EXPECT_NE(message_of([&] { backward(x * x); }).find("shape 2"), std::string::npos);
  EXPECT_NE(message_of([&] { backward(ones(Dims{})); }).find("does not require grad"),
            std::string::npos);
  EXPECT_NE(message_of([&] { backward(x * x, ones(Dims{3})); }).find("that dtype and shape"),
            std::string::npos);
}

TEST(Curriculum, A13_WeightsOfALinear) {
  const Tensor weight = ones(Dims{3, 4}).set_requires_grad(true);
  const Tensor bias = ones(Dims{3}).set_requires_grad(true);
  const Tensor y = addmm(bias, ones(Dims{2, 4}), t(weight));
  EXPECT_FALSE(weight.grad_fn());
  EXPECT_EQ(y.grad_fn()->name(), "AddmmBackward0");
  EXPECT_EQ(y.grad_fn()->next_functions()[0].node->name(), "AccumulateGrad");
  EXPECT_FALSE(y.grad_fn()->next_functions()[1].node);
  EXPECT_EQ(y.grad_fn()->next_functions()[2].node->name(), "TBackward0");
  backward(sum(y));
  EXPECT_EQ(bias.grad().to_vector<float>(), (std::vector<float>{2, 2, 2}));
  EXPECT_TRUE(weight.grad().is_contiguous());
}

TEST(Curriculum, A2_BinaryCrossEntropy) {
  Generator generator(1);
  const Tensor x = ones(Dims{5});
  const Tensor y = zeros(Dims{3});
  const Tensor w = randn(Dims{5, 3}, generator).set_requires_grad(true);
  const Tensor b = randn(Dims{3}, generator).set_requires_grad(true);
  const Tensor z = matmul(x, w) + b;
  const Tensor loss = binary_cross_entropy_with_logits(z, y);
  EXPECT_EQ(z.grad_fn()->name(), "AddBackward0");
  EXPECT_EQ(loss.grad_fn()->name(), "BinaryCrossEntropyWithLogitsBackward0");
  backward(loss);
  const Floats of_b = floats(b.grad());
  const Floats sigma = floats(sigmoid(z));
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(of_b[i], sigma[i] / 3, 1e-6);
  EXPECT_EQ(w.grad().sizes(), (Dims{5, 3}));
}

TEST(Curriculum, A8_VectorJacobianProduct) {
  const Tensor inp = eye(4, 5).set_requires_grad(true);
  const Tensor out = t(pow(inp + 1, 2));
  backward(out, ones_like(out), /*retain_graph=*/true);
  const Floats first = floats(inp.grad());
  EXPECT_EQ(first[0], 4);
  EXPECT_EQ(first[1], 2);
  backward(out, ones_like(out), /*retain_graph=*/true);
  EXPECT_EQ(floats(inp.grad())[0], 8);
  zero_(inp.grad());
  backward(out, ones_like(out), /*retain_graph=*/true);
  EXPECT_EQ(floats(inp.grad()), first);
}

TEST(Curriculum, A10_CustomFunction) {
  const Function legendre{"LegendrePolynomial3",
                          [](FunctionContext& context, std::span<const Tensor> inputs) {
                            context.save_for_backward({inputs[0]});
                            const Tensor& x = inputs[0];
                            return std::vector<Tensor>{0.5 * (5 * pow(x, 3) - 3 * x)};
                          },
                          [](FunctionContext& context, std::span<const Tensor> grads) {
                            const Tensor& x = context.saved_tensors()[0];
                            return std::vector<Tensor>{grads[0] * 1.5 * (5 * pow(x, 2) - 1)};
                          }};
  const Tensor x = leaf({2});
  const Tensor y = apply(legendre, {&x, 1})[0];
  EXPECT_EQ(y.grad_fn()->name(), "LegendrePolynomial3Backward");
  EXPECT_EQ(y.item(), 17);
  const Tensor slope = grad(y, x, {}, {.create_graph = true});
  EXPECT_EQ(slope.item(), 28.5);
  EXPECT_EQ(grad(slope, x).item(), 30) << "15 x";
}

TEST(Curriculum, A11_DynamicGraphs) {
  for (int times : {1, 3, 2}) {
    const Tensor x = leaf({2});
    Tensor y = x;
    for (int i = 0; i < times; ++i) y = y * x;
    backward(y);
    EXPECT_EQ(x.grad().item(), (times + 1) * std::pow(2.0, times));
  }
}

TEST(Curriculum, A12_WhyIsThisGradNone) {
  const auto why = [](const Tensor& tensor, const Tensor& root = {}) {
    return why_no_grad(tensor, root).reason;
  };
  const Tensor x = leaf({1, 2});
  const Tensor frozen = ones(Dims{2});
  const Tensor hidden = x * frozen;
  const Tensor loss = sum(hidden);
  EXPECT_EQ(why(x, loss), NoGradReason::not_run);
  EXPECT_EQ(why(frozen), NoGradReason::frozen);
  EXPECT_EQ(why(hidden), NoGradReason::not_retained);
  EXPECT_EQ(why_no_grad(hidden).place->name(), "MulBackward0");
  EXPECT_EQ(why(leaf({1}), loss), NoGradReason::not_on_the_path);
  EXPECT_EQ(why(hidden.detach()), NoGradReason::detached);
  EXPECT_EQ(why(exp(hidden.detach() * 2)), NoGradReason::detached) << "however far behind";
  EXPECT_EQ(why(argmax(x, 0)), NoGradReason::whole_numbers);
  EXPECT_EQ(why(to(gt(x, 0), DType::float32)), NoGradReason::no_rule);
  {
    const NoGradGuard no_grad;
    const Tensor cut = x * 2;
    EXPECT_EQ(why(cut), NoGradReason::no_grad);
    EXPECT_NE(why_no_grad(cut).text.find("mul() under no_grad"), std::string::npos);
  }
  backward(loss);
  EXPECT_EQ(why(x), NoGradReason::none);
  x.set_grad({});
  EXPECT_EQ(why(x), NoGradReason::reset);
}

}  // namespace
}  // namespace gradus
