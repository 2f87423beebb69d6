// Promises every op keeps, generated from the registry.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/autograd/backward_task.h"
#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"
#include "core/op/observer.h"
#include "core/tensor/runtime.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

class EveryOp : public testing::TestWithParam<const OpDef*> {
 protected:
  std::vector<Sample> samples() const {
    Samples samples;
    if (GetParam()->samples) GetParam()->samples(samples);
    return samples.all;
  }
};

TEST_P(EveryOp, IsDocumented) {
  const OpDef& op = *GetParam();
  EXPECT_EQ(&op_def(op.id), &op);
  EXPECT_EQ(find_op(op.name()), &op);
  EXPECT_GT(std::strlen(op.summary), 10u) << op.name() << " has no summary";
  EXPECT_GT(std::strlen(op.formula), 0u) << op.name() << " has no formula";
  EXPECT_GT(std::strlen(op.torch), 0u) << op.name() << " has no PyTorch spelling";
  EXPECT_EQ(op.backward != nullptr, std::strlen(op.grad_formula) > 0) << op.name();
  for (const InputSpec& input : op.inputs) EXPECT_GT(std::strlen(input.help), 0u) << input.name;
  for (const AttrSpec& attr : op.attrs) EXPECT_GT(std::strlen(attr.help), 0u) << attr.name;
  EXPECT_FALSE(samples().empty()) << op.name() << " has no samples";
  if (op.backward) {
    EXPECT_EQ(op.saves.size(), op.inputs.size()) << op.name() << ": saves";
  }
}

TEST_P(EveryOp, InferredShapeIsRealShape) {
  const OpDef& op = *GetParam();
  const NoGradGuard no_grad;
  for (const Sample& sample : samples()) {
    Tensors real, meta;
    for (const Tensor& input : sample.inputs) {
      real.push_back(input.defined() && op.writes ? clone(input) : input);
      if (!input.defined()) {
        meta.push_back({});
        continue;
      }
      Tensor shape_only = Tensor::empty(input.sizes(), input.dtype(), kMeta);
      meta.push_back(shape_only.as_strided(input.sizes(), input.strides(), input.offset()));
    }
    const Tensors inferred = call_all(op, meta, sample.attrs);
    const Tensors computed = call_all(op, real, sample.attrs);
    ASSERT_EQ(inferred.size(), computed.size());
    for (size_t i = 0; i < computed.size(); ++i) {
      EXPECT_EQ(inferred[i].meta(), computed[i].meta()) << op.name();
      if (!op.writes) {
        EXPECT_EQ(inferred[i].strides(), computed[i].strides()) << op.name();
      }
      EXPECT_EQ(inferred[i].device(), kMeta);
    }
  }
}

Tensor to_double(const Tensor& tensor) {
  if (!tensor.defined() || tensor.dtype() != DType::float32) return tensor;
  const std::vector<double> values = tensor.to_vector<double>();
  return Tensor::from(std::span<const double>(values), tensor.sizes());
}

// Σ sin(i+1)·y_i, so that each output element counts differently.
double weighted(const Tensor& y) {
  const std::vector<double> values = y.to_vector<double>();
  double total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    total += std::sin(static_cast<double>(i + 1)) * values[i];
  }
  return total;
}

TEST_P(EveryOp, BackwardIsFiniteDifference) {
  const OpDef& op = *GetParam();
  if (!op.backward || op.writes) return;  // no gradient, or the gradient of the target is not kept
  int checked = 0;
  for (const Sample& sample : samples()) {
    std::vector<Tensor> inputs;
    bool finite = true;
    for (const Tensor& input : sample.inputs) {
      inputs.push_back(to_double(input));
      for (double x : input.to_vector<double>()) finite = finite && std::abs(x) < 10 && x != 0;
    }
    if (!finite || !is_floating_point(inputs[0].dtype())) continue;  // edge values: see OpParity
    for (const Tensor& input : inputs) {
      if (is_floating_point(input.dtype())) input.set_requires_grad(true);
    }
    const Tensor y = call_all(op, inputs, sample.attrs)[0];
    if (y.dtype() != DType::float64) continue;  // too coarse, or whole numbers
    std::vector<double> upstream;
    for (int64_t i = 0; i < y.numel(); ++i) {
      upstream.push_back(std::sin(static_cast<double>(i + 1)));
    }
    backward(y, Tensor::from(std::span<const double>(upstream), y.sizes()));
    const NoGradGuard no_grad;
    for (size_t k = 0; k < inputs.size(); ++k) {
      if (!inputs[k].requires_grad()) continue;
      ASSERT_TRUE(inputs[k].grad().defined()) << op.name() << " gives input " << k << " none";
      const std::vector<double> grad = inputs[k].grad().to_vector<double>();
      double* data = inputs[k].data<double>();
      for (size_t i = 0; i < std::min<size_t>(grad.size(), 40); ++i) {
        constexpr double kStep = 1e-6;
        const double kept = data[i];
        data[i] = kept + kStep;
        const double up = weighted(call_all(op, inputs, sample.attrs)[0]);
        data[i] = kept - kStep;
        const double down = weighted(call_all(op, inputs, sample.attrs)[0]);
        data[i] = kept;
        const double expected = (up - down) / (2 * kStep);
        EXPECT_NEAR(grad[i], expected, 1e-5 * (1 + std::abs(expected)))
            << op.name() << " input " << k << " element " << i;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 0) << op.name() << " has no sample on which its gradient can be checked";
}

TEST_P(EveryOp, WorksOnTransposedInputs) {
  const OpDef& op = *GetParam();
  const NoGradGuard no_grad;
  for (const Sample& sample : samples()) {
    Tensors dense, strided;
    for (const Tensor& input : sample.inputs) {
      if (!input.defined()) {
        dense.push_back({});
        strided.push_back({});
        continue;
      }
      dense.push_back(op.writes ? clone(input) : contiguous(input));
      // The same values with the memory of the transpose.
      strided.push_back(input.dim() == 2 ? t(contiguous(t(input)))
                                         : (op.writes ? clone(input) : input));
    }
    if (op.id == OpId::view || op.id == OpId::sgd_step) continue;  // need their layout
    const Tensors a = call_all(op, dense, sample.attrs);
    const Tensors b = call_all(op, strided, sample.attrs);
    for (size_t i = 0; i < a.size(); ++i) {
      const std::vector<double> x = a[i].to_vector<double>();
      const std::vector<double> y = b[i].to_vector<double>();
      ASSERT_EQ(x.size(), y.size());
      for (size_t j = 0; j < x.size(); ++j) {
        if (std::isnan(x[j])) {
          EXPECT_TRUE(std::isnan(y[j])) << op.name();
        } else if (std::isinf(x[j])) {
          EXPECT_EQ(x[j], y[j]) << op.name();
        } else {
          EXPECT_NEAR(x[j], y[j], 1e-5 * (1 + std::abs(x[j]))) << op.name();
        }
      }
    }
  }
}

std::string test_name(const testing::TestParamInfo<const OpDef*>& info) {
  return info.param->name();
}
INSTANTIATE_TEST_SUITE_P(All, EveryOp, testing::ValuesIn(all_ops().begin(), all_ops().end()),
                         test_name);

TEST(Broadcasting, FollowsPyTorchsRule) {
  EXPECT_EQ(broadcast_sizes("add", Dims{8, 1, 6, 1}, Dims{7, 1, 5}), (Dims{8, 7, 6, 5}));
  EXPECT_EQ(broadcast_sizes("add", Dims{256, 256, 3}, Dims{3}), (Dims{256, 256, 3}));
  const Tensor sum =
      Tensor::from<float>({1, 2}, Dims{1, 2}) + Tensor::from<float>({1, 2, 3}, Dims{3, 1});
  EXPECT_EQ(sum.to_vector<float>(), (std::vector<float>{2, 3, 3, 4, 4, 5}));
  const std::string message = message_of([] { add(ones(Dims{4, 3}), ones(Dims{4})); });
  EXPECT_NE(message.find("4×3 with 4"), std::string::npos) << message;
  EXPECT_NE(message.find("dimension 1"), std::string::npos) << message;
}

TEST(Call, RefusesWhatItCannotDo) {
  const Tensor f = ones(Dims{2, 3});
  const Tensor i = ones(Dims{2, 3}, DType::int64);
  EXPECT_NE(message_of([&] { mm(f, i); }).find("float32 and int64"), std::string::npos);
  EXPECT_NE(message_of([&] { log_softmax(i, 1); }).find("floating-point"), std::string::npos);
  EXPECT_NE(message_of([&] { add_(clone(i), f); }).find("cannot write into a int64 tensor"),
            std::string::npos);
  EXPECT_NE(message_of([&] { mm(f, f); }).find("inner sizes 3 and 2"), std::string::npos);
  EXPECT_NE(message_of([&] { add(f, Tensor()); }).find("missing"), std::string::npos);
  EXPECT_NE(message_of([&] { view(f, Dims{4, 2}); }).find("6 elements"), std::string::npos);
  EXPECT_NE(message_of([&] { sum(f, Dims{2}); }).find("out of range"), std::string::npos);
  EXPECT_NE(message_of([&] { sum(f, Dims{0, -2}); }).find("twice"), std::string::npos);
  EXPECT_NE(message_of([&] { add_(ones(Dims{3}), f); }).find("does not fit"), std::string::npos);
  const Tensor meta = Tensor::empty(Dims{2, 3}, DType::float32, kMeta);
  EXPECT_NE(message_of([&] { add(f, meta); }).find("cpu and meta"), std::string::npos);
  EXPECT_NE(message_of([&] { add(meta, meta).item(); }).find("item"), std::string::npos);
  const Tensor labels = Tensor::from<int64_t>({0, 7}, Dims{2});
  EXPECT_NE(message_of([&] { cross_entropy(f, labels); }).find("label 7"), std::string::npos);
}

TEST(Tensor, ViewsShareMemoryAndCopiesDoNot) {
  const Tensor x = Tensor::from<float>({1, 2, 3, 4, 5, 6}, Dims{2, 3});
  const Tensor y = t(x);
  EXPECT_TRUE(y.shares_storage(x));
  add_(y, ones(Dims{3, 2}));
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(y.to_vector<float>(), (std::vector<float>{2, 5, 3, 6, 4, 7}));
  EXPECT_FALSE(clone(y).shares_storage(x));
  EXPECT_FALSE(reshape(y, Dims{6}).shares_storage(x));
  EXPECT_TRUE(reshape(x, Dims{-1}).shares_storage(x));
  EXPECT_EQ(x.version(), 1u);
}

TEST(Tensor, OverlappingInPlaceReadsBeforeItWrites) {
  const Tensor x = Tensor::from<float>({1, 2, 3, 4}, Dims{2, 2});
  add_(x, t(x));
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{2, 5, 5, 8}));
}

// Asked before values are made; told only what it wants.
TEST(Observer, IsAskedFirst) {
  struct Watch : Observer {
    bool wants(const OpDef& op) override {
      ++asked;
      return op.id == OpId::exp;
    }
    void on_call(const CallRecord& record) override { seen.push_back(record.op.name()); }
    int asked = 0;
    std::vector<std::string> seen;
  } watch;
  const ScopedValue<Observer*> observe(context().observer, &watch);
  exp(ones(Dims{2}) + 1.0);
  EXPECT_EQ(watch.asked, 2);
  EXPECT_EQ(watch.seen, std::vector<std::string>{"exp"});
}

}  // namespace
}  // namespace gradus
