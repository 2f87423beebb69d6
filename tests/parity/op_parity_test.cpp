// Every op's samples against PyTorch's numbers (golden/ops.json, written by make_golden.py). An op
// without samples, or a sample PyTorch was not asked about, fails by name.
#include <gtest/gtest.h>

#include <map>

#include "core/autograd/backward_task.h"
#include "core/base/file.h"
#include "tests/parity/samples_json.h"

namespace gradus {
namespace {

// Golden records by the sample they are for.
const std::map<std::string, Json>& golden() {
  static const std::map<std::string, Json> records = [] {
    std::map<std::string, Json> result;
    const Json all =
        Json::parse(read_file(std::string(GRADUS_SOURCE_DIR) + "/tests/parity/golden/ops.json"));
    for (Json record : all) {
      Json key = record;
      key.erase("outputs");
      key.erase("grads");
      result[key.dump()] = std::move(record);
    }
    return result;
  }();
  return records;
}

// Whether results are sums of terms, so that rounding is measured against the terms.
bool sums_terms(const OpDef& op) {
  return op.category == Category::product || op.category == Category::reduction ||
         op.category == Category::loss || op.id == OpId::log_softmax;
}

Tensor absolute(const Tensor& tensor) {
  if (!tensor.defined() || !is_floating_point(tensor.dtype())) return tensor;
  std::vector<float> values = tensor.to_vector<float>();
  for (float& value : values) value = std::abs(value);
  return Tensor::from(std::span<const float>(values), tensor.sizes());
}

struct Result {
  Tensors outputs;
  std::map<std::string, Tensor> grads;
};

// Runs the op on copies of the inputs; gradients for the upstream gradient sin(1), sin(2), ...
Result run(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs,
           bool absolute_upstream) {
  Result result;
  Tensors copies;
  for (const Tensor& input : inputs) {
    if (!input.defined()) {
      copies.push_back({});
      continue;
    }
    Tensor copy = input.detach();  // keeps the layout
    if (op.writes) copy = clone(input);
    if (op.backward && is_floating_point(copy.dtype()) && !op.writes) copy.set_requires_grad(true);
    copies.push_back(copy);
  }
  result.outputs = call_all(op, copies, attrs);
  if (!op.backward || op.writes || !result.outputs[0].requires_grad()) return result;
  std::vector<float> upstream;
  for (int64_t i = 0; i < result.outputs[0].numel(); ++i) {
    const double value = std::sin(static_cast<double>(i + 1));
    upstream.push_back(static_cast<float>(absolute_upstream ? std::abs(value) : value));
  }
  backward(result.outputs[0],
           to(Tensor::from(std::span<const float>(upstream), result.outputs[0].sizes()),
              result.outputs[0].dtype()));
  for (size_t i = 0; i < copies.size(); ++i) {
    if (copies[i].defined() && copies[i].grad().defined()) {
      result.grads[op.inputs[i].name] = copies[i].grad();
    }
  }
  return result;
}

void expect_close(const Tensor& ours, const Json& theirs, const Tensor& scale,
                  const std::string& what) {
  ASSERT_TRUE(ours.defined()) << what << ": PyTorch has one, we have none";
  EXPECT_EQ(to_string(ours.dtype()), theirs["dtype"].get<std::string>()) << what;
  ASSERT_EQ(std::vector<int64_t>(ours.sizes().begin(), ours.sizes().end()),
            theirs["sizes"].get<std::vector<int64_t>>())
      << what;
  const std::vector<double> values = ours.to_vector<double>();
  const std::vector<double> scales =
      scale.defined() ? scale.to_vector<double>() : std::vector<double>(values.size(), 0.0);
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = number_from_json(theirs["values"][i]);
    const bool exact = !is_floating_point(ours.dtype());
    if (std::isnan(expected) || std::isinf(expected) || exact) {
      EXPECT_TRUE(std::isnan(expected) ? std::isnan(values[i]) : values[i] == expected)
          << what << " [" << i << "]: " << values[i] << ", PyTorch " << expected;
      continue;
    }
    const double scale_here = std::isfinite(scales[i]) ? std::max(std::abs(scales[i]), 1e-2) : 1.0;
    const double room = 1e-5 * (std::abs(expected) + (scale.defined() ? scale_here : 0)) + 1e-38;
    EXPECT_LE(std::abs(values[i] - expected), room)
        << what << " [" << i << "]: " << values[i] << ", PyTorch " << expected;
  }
}

class OpParity : public testing::TestWithParam<const OpDef*> {};

TEST_P(OpParity, ValuesAndGradientsArePyTorchs) {
  const OpDef& op = *GetParam();
  ASSERT_TRUE(op.samples) << op.name() << " has no samples";
  Samples samples;
  op.samples(samples);
  ASSERT_FALSE(samples.all.empty()) << op.name() << " has no samples";
  for (size_t s = 0; s < samples.all.size(); ++s) {
    const Sample& sample = samples.all[s];
    const auto record = golden().find(sample_to_json(op, sample).dump());
    if (record == golden().end()) {
      ADD_FAILURE() << op.name() << " sample " << s
                    << " has no PyTorch numbers: run tests/parity/make_golden.py";
      continue;
    }
    const std::string what = std::string(op.name()) + " sample " + std::to_string(s);
    const Result ours = run(op, sample.inputs, sample.attrs, false);
    // What rounding may differ by: the sum of the absolute values of the terms.
    std::vector<Tensor> absolute_inputs;
    for (const Tensor& input : sample.inputs) absolute_inputs.push_back(absolute(input));
    const Result scale = run(op, absolute_inputs, sample.attrs, true);
    const Json& outputs = record->second["outputs"];
    ASSERT_EQ(ours.outputs.size(), outputs.size()) << what;
    for (size_t i = 0; i < outputs.size(); ++i) {
      expect_close(ours.outputs[i], outputs[i],
                   sums_terms(op) && is_floating_point(ours.outputs[i].dtype()) ? scale.outputs[i]
                                                                                : Tensor(),
                   what + " output");
    }
    if (op.writes) continue;
    for (const auto& [name, grad] : record->second["grads"].items()) {
      const auto found = ours.grads.find(name);
      ASSERT_NE(found, ours.grads.end()) << what << ": no gradient of " << name;
      // Broadcasting makes the gradient of an elementwise op a sum, too.
      const bool sums = sums_terms(op) || found->second.sizes() != ours.outputs[0].sizes();
      expect_close(found->second, grad, sums ? scale.grads.at(name) : Tensor(),
                   what + " gradient of " + name);
    }
  }
}

std::string test_name(const testing::TestParamInfo<const OpDef*>& info) {
  return info.param->name();
}
INSTANTIATE_TEST_SUITE_P(EveryOp, OpParity, testing::ValuesIn(all_ops().begin(), all_ops().end()),
                         test_name);

}  // namespace
}  // namespace gradus
