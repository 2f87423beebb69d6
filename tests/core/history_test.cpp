// In-place ops on views, hooks, gradients of gradients, and what is said where something is wrong.
// What PyTorch does with each was looked at in PyTorch.
#include <gtest/gtest.h>

#include <optional>

#include "core/autograd/backward_task.h"
#include "core/autograd/function.h"
#include "core/autograd/grad_mode.h"
#include "core/autograd/graph_copier.h"
#include "core/autograd/history.h"
#include "core/autograd/hooks.h"
#include "core/autograd/why_no_grad.h"
#include "core/op/indexing.h"
#include "core/tensor/pools.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

using Floats = std::vector<float>;

Tensor leaf(std::initializer_list<float> values) {
  return Tensor::from<float>(values, Dims{static_cast<int64_t>(values.size())})
      .set_requires_grad(true);
}
Floats floats(const Tensor& x) { return x.to_vector<float>(); }

TEST(InPlaceOnViews, RebasesTheBasesHistory) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 2;
  const Tensor part = slice(y, 0, 0, 2);
  mul_(part, tensor({3.0, 5.0}));
  EXPECT_EQ(y.grad_fn()->name(), "CopySlices");
  EXPECT_EQ(y.grad_fn()->next_functions()[0].node->name(), "MulBackward0");
  EXPECT_EQ(part.grad_fn()->name(), "AsStridedBackward0");
  EXPECT_EQ(floats(y), (Floats{6, 20, 6}));
  backward(sum(y * y));
  EXPECT_EQ(floats(x.grad()), (Floats{72, 400, 24}));
}

TEST(InPlaceOnViews, TracksWhatIsWrittenIntoAnUntrackedBase) {
  const Tensor base = zeros(Dims{3});
  const Tensor first = slice(base, 0, 0, 2);
  const Tensor last = slice(base, 0, 1, 3);
  const Tensor w = leaf({4, 5});
  add_(first, w);
  EXPECT_TRUE(base.requires_grad());
  EXPECT_TRUE(last.requires_grad());
  EXPECT_EQ(last.grad_fn()->name(), "AsStridedBackward0");
  EXPECT_EQ(floats(last), (Floats{5, 0}));
  backward(sum(last * last));
  EXPECT_EQ(floats(w.grad()), (Floats{0, 10}));
}

TEST(InPlaceOnViews, SeesWhatHappensToTheBase) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 2;
  const Tensor column = view(y, Dims{3, 1});
  mul_(y, number(3.0, y));
  EXPECT_EQ(y.grad_fn()->name(), "MulBackward0");
  EXPECT_EQ(column.grad_fn()->name(), "AsStridedBackward0");
  backward(sum(column));
  EXPECT_EQ(floats(x.grad()), (Floats{6, 6, 6}));
}

TEST(InPlaceOnViews, OfViewsAndInTurn) {
  const Tensor x = leaf({1, 2, 3, 4});
  const Tensor y = x * 1;
  const Tensor square = view(y, Dims{2, 2});
  const Tensor corner = index(square, {1, 1});
  index_put_(square, {0}, tensor({7.0, 8.0}));
  mul_(corner, number(10.0, corner));
  exp_(slice(y, 0, 2, 3));
  EXPECT_EQ(floats(y)[3], 40);
  backward(sum(y));
  const Floats grad = floats(x.grad());
  EXPECT_EQ(grad[0], 0);
  EXPECT_EQ(grad[1], 0);
  EXPECT_NEAR(grad[2], std::exp(3.0), 1e-4);
  EXPECT_EQ(grad[3], 10);
}

TEST(InPlaceOnViews, CanBeDifferentiatedTwice) {
  const Tensor x = leaf({0.5, 1.5, 2.5});
  const Tensor y = x * x;
  sin_(slice(y, 0, 1, 3));
  const Tensor slope = grad(sum(y), x, {}, {.create_graph = true});
  const Floats second = floats(grad(sum(slope), x));
  EXPECT_NEAR(second[0], 2, 1e-6);
  for (size_t i = 1; i < 3; ++i) {
    const double v = 0.5 + static_cast<double>(i);
    EXPECT_NEAR(second[i], 2 * std::cos(v * v) - 4 * v * v * std::sin(v * v), 1e-4);
  }
  // An op that saves what it has written.
  const Tensor z = x * 1;
  exp_(slice(z, 0, 0, 1));
  const Tensor first = grad(sum(z), x, {}, {.create_graph = true});
  EXPECT_NEAR(floats(grad(sum(first), x))[0], std::exp(0.5), 1e-6);
}

TEST(InPlaceOnViews, RefusesWhatPyTorchRefuses) {
  const Tensor x = leaf({1, 2, 3});
  EXPECT_NE(message_of([&] { mul_(slice(x, 0, 0, 1), ones(Dims{1})); }).find("view of a leaf"),
            std::string::npos);
  Tensor hidden;
  {
    const NoGradGuard no_grad;
    hidden = slice(x * 2, 0, 0, 2);
    mul_(slice(x, 0, 0, 1), ones(Dims{1}));
  }
  EXPECT_NE(message_of([&] { mul_(hidden, slice(x, 0, 0, 2)); }).find("made under no_grad"),
            std::string::npos);
  const Tensor half = split(x * 2, 2)[0];
  EXPECT_NE(message_of([&] { mul_(half, half); }).find("several views that SplitBackward0"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              const Tensor y = x * 2;
              const Tensor z = sum(y * y);
              fill_(slice(y, 0, 0, 1), 0);
              backward(z);
            }).find("fill() has overwritten"),
            std::string::npos);
}

TEST(InPlaceOnViews, IsCopiedWithItsGraph) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 2;
  const Tensor part = slice(y, 0, 0, 2);
  mul_(part, tensor({3.0, 5.0}));
  GraphCopier copier;
  const Tensor other = copier.copy(y);
  const Tensor other_part = copier.copy(part);
  const Tensor other_x = copier.copy(x);
  EXPECT_TRUE(other_part.shares_storage(other));
  EXPECT_EQ(other.grad_fn()->name(), "CopySlices");
  exp_(other_part);
  EXPECT_EQ(floats(y), (Floats{6, 20, 6}));
  backward(sum(y));
  EXPECT_EQ(floats(x.grad()), (Floats{6, 10, 2}));
  EXPECT_FALSE(other_x.grad().defined());
}

TEST(InPlaceOnViews, LeavesNothingBehind) {
  const auto live = [] { return Runtime::current().pools().tensors.live(); };
  const auto before = live();
  {
    const Tensor x = leaf({1, 2});
    Tensor y = x * 1;
    for (int i = 0; i < 20000; ++i) add_(slice(y, 0, 0, 1), slice(y, 0, 1, 2));
    GraphCopier copier;
    const Tensor copy = copier.copy(y);
    backward(sum(y));
    EXPECT_EQ(floats(x.grad()), (Floats{1, 20001}));
  }
  EXPECT_EQ(live(), before);
}

TEST(Grad, TouchesNoGrad) {
  const Tensor x = leaf({1, 2});
  const Tensor w = leaf({3, 4});
  const Tensor y = x * w;
  const Tensor loss = sum(y * y);
  EXPECT_EQ(floats(grad(loss, y, {}, {.retain_graph = true})), (Floats{6, 16}));
  EXPECT_EQ(floats(grad(loss, w, {}, {.retain_graph = true})), (Floats{6, 32}));
  EXPECT_FALSE(x.grad().defined() || w.grad().defined());
  const Tensor stranger = leaf({1});
  EXPECT_NE(
      message_of([&] { grad(loss, stranger, {}, {.retain_graph = true}); }).find("was not used"),
      std::string::npos);
  const std::vector<Tensor> both{x, stranger};
  const std::vector<Tensor> grads =
      grad({&loss, 1}, both, {}, {.retain_graph = true}, /*allow_unused=*/true);
  EXPECT_EQ(floats(grads[0]), (Floats{18, 64}));
  EXPECT_FALSE(grads[1].defined());
  EXPECT_NE(message_of([&] { grad(loss, ones(Dims{2})); }).find("does not require grad"),
            std::string::npos);
}

TEST(Grad, OfSeveralRootsAddsUp) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * x;
  const std::vector<Tensor> roots{sum(y), sum(y * 3), y};
  const std::vector<Tensor> above{Tensor(), Tensor(), ones(Dims{2})};
  EXPECT_EQ(floats(grad(roots, {&x, 1}, above)[0]), (Floats{10, 20}));
}

TEST(DoubleBackward, GoesThroughEverything) {
  const Tensor x = leaf({0.3f, -0.7f});
  for (const auto& [f, second] :
       std::vector<std::pair<std::function<Tensor(const Tensor&)>, std::function<double(double)>>>{
           {[](const Tensor& v) { return exp(v); }, [](double v) { return std::exp(v); }},
           {[](const Tensor& v) { return tanh(v); },
            [](double v) { return -2 * std::tanh(v) / std::pow(std::cosh(v), 2); }},
           {[](const Tensor& v) { return pow(v, 3); }, [](double v) { return 6 * v; }}}) {
    const Tensor slope = grad(sum(f(x)), x, {}, {.create_graph = true});
    const Floats got = floats(grad(sum(slope), x));
    EXPECT_NEAR(got[0], second(0.3), 1e-5);
    EXPECT_NEAR(got[1], second(-0.7), 1e-5);
  }
  // Into .grad, with its history.
  backward(sum(x * x * x), {}, false, /*create_graph=*/true);
  EXPECT_TRUE(x.grad().requires_grad());
  const Tensor slope = x.grad();
  x.set_grad({});  // they would hold each other for ever
  EXPECT_NEAR(floats(grad(sum(slope), x))[0], 1.8, 1e-6);
}

TEST(Hooks, SeeAndChangeGradients) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * 2;
  std::vector<std::string> seen;
  HookHandle doubles = register_hook(y, [&](const Tensor& g) {
    seen.push_back("y");
    return g * 2;
  });
  register_hook(x, [&](const Tensor&) {
    seen.push_back("x");
    return Tensor();
  });
  register_prehook(*y.grad_fn(), [&](std::span<Tensor>) { seen.push_back("before mul"); });
  register_hook(*y.grad_fn(),
                [&](std::span<const Tensor>, std::span<Tensor>) { seen.push_back("after mul"); });
  retain_grad(y);
  backward(sum(y), {}, /*retain_graph=*/true);
  EXPECT_EQ(seen, (std::vector<std::string>{"y", "before mul", "after mul", "x"}));
  EXPECT_EQ(floats(x.grad()), (Floats{4, 4}));
  EXPECT_EQ(floats(y.grad()), (Floats{2, 2})) << "retained after the hooks, as in PyTorch 2";
  doubles.remove();
  x.set_grad({});
  backward(sum(y));
  EXPECT_EQ(floats(x.grad()), (Floats{2, 2}));
  EXPECT_NE(message_of([&] {
              register_hook(ones(Dims{2}), [](const Tensor& g) { return g; });
            }).find("does not require grad"),
            std::string::npos);
  register_hook(x, [](const Tensor&) { return ones(Dims{3}); });
  EXPECT_NE(message_of([&] { backward(sum(x * x)); }).find("a hook returned"), std::string::npos);
}

TEST(Anomaly, NamesTheNodeAndTheCallThatMadeIt) {
  const DetectAnomaly detect;
  const Tensor x = leaf({-1, 2});
  const Tensor y = sum(sqrt(x));
  const std::string message = message_of([&] { backward(y); });
  EXPECT_NE(message.find("SqrtBackward0"), std::string::npos) << message;
  EXPECT_NE(message.find("sqrt(2)"), std::string::npos) << message;
  // In place on a view, and of one's own.
  const Tensor z = x * 1;
  sqrt_(slice(z, 0, 0, 1));
  const std::string in_place = message_of([&] { backward(sum(z)); });
  EXPECT_NE(in_place.find("CopySlices"), std::string::npos) << in_place;
  EXPECT_NE(in_place.find("sqrt_(1)"), std::string::npos) << in_place;
  const Function odd{
      .name = "Odd",
      .forward = [](FunctionContext&, std::span<const Tensor> inputs) -> std::vector<Tensor> {
        return {inputs[0] * 2};
      },
      .backward = [](FunctionContext&, std::span<const Tensor> grads) -> std::vector<Tensor> {
        return {grads[0] * NAN};
      }};
  const std::string own = message_of([&] { backward(sum(apply(odd, {&x, 1})[0])); });
  EXPECT_NE(own.find("OddBackward"), std::string::npos) << own;
  EXPECT_NE(own.find("Odd(2)"), std::string::npos) << own;
}

TEST(RetainGrad, MovesToTheNewestValue) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * 2;
  retain_grad(y);
  mul_(y, number(3.0, y));
  backward(sum(y * y));
  EXPECT_EQ(floats(y.grad()), (Floats{12, 24}));
}

TEST(Out, IsWrittenResizedAndChecked) {
  const Tensor a = ones(Dims{2, 3});
  const auto add_into = [&](const Tensor& out) {
    call_out(ops::add, {&out, 1}, std::vector<Tensor>{a, a}, Attrs{});
  };
  const Tensor smaller = zeros(Dims{0});
  add_into(smaller);
  EXPECT_EQ(smaller.sizes(), (Dims{2, 3}));
  const Tensor wide = zeros(Dims{2, 3}, DType::float64);
  add_into(wide);
  EXPECT_EQ(wide.to_vector<double>(), std::vector<double>(6, 2.0));
  EXPECT_NE(message_of([&] {
              add_into(zeros(Dims{2, 3}, DType::int64));
            }).find("cannot be written"),
            std::string::npos);
  const Tensor tracked = leaf({1, 2});
  EXPECT_NE(message_of([&] {
              const Tensor out = zeros(Dims{2});
              call_out(ops::mul, {&out, 1}, std::vector<Tensor>{tracked, tracked}, Attrs{});
            }).find("out="),
            std::string::npos);
}

TEST(Graph, OfAMillionNodesGoesBackwardAndIsFreed) {
  const Tensor x = Tensor::from<float>({1}, Dims{}).set_requires_grad(true);
  {
    Tensor y = x;
    for (int i = 0; i < 10000; ++i) y = sin(y) + 0.0;
    backward(y);
  }
  x.set_grad({});
  // Wide and deep: a thousand chains of a thousand.
  Tensor total;
  for (int i = 0; i < 1000; ++i) {
    Tensor y = x;
    for (int k = 0; k < 999; ++k) y = -y;
    total = total.defined() ? total + y : y;
  }
  backward(total);
  EXPECT_EQ(x.grad().item(), -1000);
}

TEST(Gradients, OfWhatIsOverwrittenAreZeroWhateverComes) {
  const Tensor x = leaf({0, 1, 4});
  const Tensor h = x * 1;
  index_put_(h, {0}, 0.0);
  backward(sum(sqrt(h)));
  EXPECT_EQ(floats(x.grad()), (Floats{0, 0.5, 0.25}));
}

TEST(Gradients, KeptWithAGraphAreTheirOwn) {
  const Tensor x = leaf({1, 2});
  const Tensor y = leaf({3, 4});
  const Tensor above = ones(Dims{2});
  backward(x + y, above, true, /*create_graph=*/true);
  backward(sum(x * 3));
  EXPECT_EQ(floats(x.grad()), (Floats{4, 4}));
  EXPECT_EQ(floats(y.grad()), (Floats{1, 1}));
  EXPECT_EQ(floats(above), (Floats{1, 1}));
  x.set_grad({});
  y.set_grad({});
}

TEST(Gradients, OfEqualsShareWhatIsInfinite) {
  const Tensor a = leaf({0, 1});
  const Tensor b = leaf({0, 2});
  backward(sum(log(maximum(a, b))));
  EXPECT_EQ(floats(a.grad()), (Floats{INFINITY, 0}));
  const Tensor x = leaf({-1, 0});
  backward(log(max(x)));
  EXPECT_EQ(floats(x.grad()), (Floats{0, INFINITY}));
}

TEST(Grad, RunsNoHooksOfOthers) {
  const Tensor x = leaf({1, 2});
  const Tensor w = leaf({3, 4});
  int called = 0;
  register_hook(x, [&](const Tensor&) {
    ++called;
    return Tensor();
  });
  const Tensor loss = sum(x * w);
  grad(loss, w);
  EXPECT_EQ(called, 0);
}

TEST(Hooks, MayTakeThemselvesAway) {
  const Tensor x = leaf({1, 2});
  int called = 0;
  std::optional<HookHandle> handle;
  handle = register_hook(x, [&](const Tensor&) {
    ++called;
    handle->remove();
    return Tensor();
  });
  for (int i = 0; i < 2; ++i) backward(sum(x * x));
  EXPECT_EQ(called, 1);
}

TEST(Backward, ThroughWhatHasNoDerivativeIsRefused) {
  const Tensor x = leaf({4, 5});
  const Tensor y = x * floor_divide(x, number(2.0, x));
  EXPECT_EQ(floor_divide(x, x).grad_fn()->name(), "NotImplemented");
  EXPECT_NE(message_of([&] { backward(sum(y)); }).find("[floor_divide] has no derivative"),
            std::string::npos);
  const Tensor h = x * 3;
  floor_divide_(h, ones(Dims{2}));
  EXPECT_NE(message_of([&] { backward(sum(h)); }).find("has no derivative"), std::string::npos);
}

TEST(InPlaceViews, TAndItsKin) {
  const Tensor x = leaf({1, 2, 3, 4, 5, 6});
  const Tensor y = reshape(x * 1, Dims{2, 3}) * 2;
  EXPECT_TRUE(t_(y).is(y));
  EXPECT_EQ(y.sizes(), (Dims{3, 2}));
  EXPECT_EQ(y.grad_fn()->name(), "TBackward0");
  EXPECT_EQ(y.version(), 1u);
  unsqueeze_(y, 0);
  transpose_(y, 1, 2);
  squeeze_(y);
  EXPECT_EQ(y.sizes(), (Dims{2, 3}));
  backward(sum(y * tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}})));
  EXPECT_EQ(floats(x.grad()), (Floats{2, 4, 6, 8, 10, 12}));
  const Tensor m = tensor({{1, 2}, {3, 4}});
  const Tensor row = select(m, 0, 0);
  t_(m);
  EXPECT_EQ(floats(m), (Floats{1, 3, 2, 4}));
  EXPECT_EQ(floats(row), (Floats{1, 2})) << "an older view stays";
  const Tensor w = tensor({{1.0, 2.0}}).set_requires_grad(true);
  EXPECT_NE(message_of([&] { t_(w); }).find("overwrite a leaf"), std::string::npos);
}

// Views of nothing, and gradients through them.
TEST(InPlaceViews, OfEmptyTensors) {
  const Tensor x = zeros(Dims{0, 4}).set_requires_grad(true);
  const Tensor y = x * 1;
  zero_(select(y, 1, 2));
  backward(sum(y));
  EXPECT_EQ(x.grad().sizes(), (Dims{0, 4}));
  const Tensor z = slice(x, 1, 1, 3);
  const Tensor first = grad(sum(z * z), x, {}, {.create_graph = true});
  EXPECT_EQ(grad(sum(first), x).sizes(), (Dims{0, 4}));
}

TEST(WhyNoGrad, NamesThePlaceWhereTheWayEnds) {
  const Tensor x = leaf({1, 2});
  const Tensor q = leaf({3, 4});
  const Tensor z = sum((x * 2).detach() * 3 * q);
  backward(z);
  const WhyNoGrad why = why_no_grad(x, z);
  EXPECT_EQ(why.reason, NoGradReason::not_on_the_path);
  ASSERT_TRUE(why.place);
  EXPECT_EQ(why.place->name(), "MulBackward0");
  EXPECT_NE(why.text.find("The way ends at input 0 (a, 2) of mul()"), std::string::npos)
      << why.text;
  EXPECT_NE(why.text.find("detach() had cut it off"), std::string::npos) << why.text;
  const Tensor other = leaf({5, 6});
  EXPECT_NE(why_no_grad(other, sum(q * q)).text.find("does not depend on it"), std::string::npos);
}

TEST(InPlace, ReadsItselfBeforeItScatters) {
  const Tensor x = tensor({1.0, 2.0, 3.0});
  const Tensor places = tensor({1, 2, 0});
  index_put_(x, std::span(&places, 1), x);
  EXPECT_EQ(floats(x), (Floats{3, 1, 2}));
}

TEST(Numbers, ThatDoNotFitAreRefused) {
  EXPECT_NE(message_of([] { tensor({300}, DType::uint8); }).find("300 does not fit"),
            std::string::npos);
  EXPECT_NE(message_of([] { full(Dims{2}, 300, DType::uint8); }).find("does not fit"),
            std::string::npos);
  EXPECT_NE(
      message_of([] { index_put_(zeros(Dims{2}, DType::uint8), {0}, 300.0); }).find("does not fit"),
      std::string::npos);
  EXPECT_NE(message_of([] { ones(Dims{}).size(0); }).find("no dimension"), std::string::npos);
  EXPECT_NE(message_of([] {
              as_strided(ones(Dims{3}), Dims{3}, Dims{int64_t{1} << 62});
            }).find("beyond any memory"),
            std::string::npos);
  EXPECT_NE(message_of([] { norm(zeros(Dims{0}), INFINITY); }).find("nothing has no norm"),
            std::string::npos);
}

}  // namespace
}  // namespace gradus
