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
