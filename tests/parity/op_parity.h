// Every op's cases (cases.h) against PyTorch's numbers (golden/ops.json, written by
// make_golden.py), on any device. A case PyTorch was not asked about fails by name.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/autograd/backward_task.h"
#include "core/autograd/graph_copier.h"
#include "core/base/file.h"
#include "tests/parity/samples_json.h"

namespace gradus::parity {

// Where we go another way than PyTorch 1.13, and why.
struct Exception {
  const char* case_name;  // a case, or the beginning of several
  const char* why;
};
constexpr Exception kExceptions[] = {
    {"clamp/3 uint8", "a bound below 0 is below all of uint8; PyTorch makes it 254"},
    {"mm/4 bool", "PyTorch refuses bools only where there is something to multiply"},
    {"bmm/2 bool", "likewise"},
    {"topk/1 ", "which of equal elements come first is not specified; ours are the first ones"},
    {"topk/2 e", "likewise"},
    {"topk/2 float64 edges", "likewise"},
    {"scatter_add/1",
     "PyTorch's gradient of a source larger than the index is of the wrong shape, and refused"},
    {"topk/3 bool", "PyTorch returns a scalar as it is, even of a dtype it cannot sort"},
};

inline const char* exception_for(const std::string& name) {
  for (const Exception& each : kExceptions) {
    if (name.starts_with(each.case_name)) return each.why;
  }
  return nullptr;
}

// Golden records by case.
inline const std::map<std::string, Json>& golden() {
  static const std::map<std::string, Json> records = [] {
    std::map<std::string, Json> result;
    const Json all =
        Json::parse(read_file(std::string(GRADUS_SOURCE_DIR) + "/tests/parity/golden/ops.json"));
    for (const Json& record : all) result[record["case"].get<std::string>()] = record;
    return result;
  }();
  return records;
}

// Whether results are sums of terms, so that rounding is measured against the terms.
inline bool sums_terms(const OpDef& op) {
  return op.category == Category::product || op.category == Category::reduction ||
         op.category == Category::loss || op.id == OpId::log_softmax || op.id == OpId::softmax;
}

inline Tensor absolute(const Tensor& tensor) {
  if (!tensor.defined() || !is_floating_point(tensor.dtype())) return tensor;
  return abs(tensor.detach());
}

struct Result {
  Tensors outputs;
  std::map<std::string, Tensor> grads;
  std::string error;
  std::string grad_error;
};

// Runs the op on copies of the inputs; gradients for the upstream gradient sin(1), sin(2), ...
inline Result run(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs,
                  bool absolute_upstream) {
  Result result;
  Tensors leaves, used;
  for (const Tensor& input : inputs) {
    leaves.push_back(input.defined() ? input.detach() : input);  // keeps the layout
    if (leaves.back().defined() && op.backward && is_floating_point(input.dtype())) {
      leaves.back().set_requires_grad(true);
    }
    // What an op overwrites must be no leaf.
    const bool overwrites = (op.writes >> std::min<size_t>(used.size(), 15)) & 1;
    used.push_back(overwrites && leaves.back().defined() ? clone(leaves.back()) : leaves.back());
  }
  try {
    result.outputs = call_all(op, used, attrs);
    if (!result.outputs.empty()) {  // what only the data can tell may come late
      Runtime::current().backend(result.outputs[0].device()).synchronize();
    }
  } catch (const Error& error) {
    result.error = error.what();
    return result;
  }
  if (result.outputs.empty()) return result;
  const Tensor& out = result.outputs[0];
  if (!op.backward || !out.requires_grad()) return result;
  std::vector<double> upstream;
  for (int64_t i = 0; i < out.numel(); ++i) {
    const double value = std::sin(static_cast<double>(i + 1));
    upstream.push_back(absolute_upstream ? std::abs(value) : value);
  }
  try {
    const Tensor made =
        to(Tensor::from(std::span<const double>(upstream), out.sizes()), out.dtype());
    GraphCopier copier(out.device());
    backward(out, copier.copy(made));
  } catch (const Error& error) {
    result.grad_error = error.what();
  }
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].defined() && leaves[i].grad().defined()) {
      result.grads[input_name(op, i)] = leaves[i].grad();
    }
  }
  return result;
}

// Returns the largest error in parts of reference + scale.
inline double expect_close(const Tensor& ours, const Json& theirs, const Tensor& scale,
                           const std::string& what) {
  EXPECT_TRUE(ours.defined()) << what << ": PyTorch has one, we have none";
  if (!ours.defined()) return 0;
  EXPECT_EQ(to_string(ours.dtype()), theirs["dtype"].get<std::string>()) << what;
  const std::vector<int64_t> sizes(ours.sizes().begin(), ours.sizes().end());
  EXPECT_EQ(sizes, theirs["sizes"].get<std::vector<int64_t>>()) << what;
  if (sizes != theirs["sizes"].get<std::vector<int64_t>>()) return 0;
  const std::vector<double> values = ours.to_vector<double>();
  const std::vector<double> scales = scale.defined() && scale.numel() == ours.numel()
                                         ? scale.to_vector<double>()
                                         : std::vector<double>(values.size(), 0.0);
  const double tolerance = ours.dtype() == DType::float64 ? 1e-10 : 1e-5;
  double worst = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = number_from_json(theirs["values"][i]);
    const bool exact = !is_floating_point(ours.dtype());
    if (std::isnan(expected) || std::isinf(expected) || exact) {
      EXPECT_TRUE(std::isnan(expected) ? std::isnan(values[i]) : values[i] == expected)
          << what << " [" << i << "]: " << values[i] << ", PyTorch " << expected;
      continue;
    }
    const double scale_here = std::isfinite(scales[i]) ? std::abs(scales[i]) : 1.0;
    const double room = std::abs(expected) + scale_here;
    // Where the true number is below the smallest normal one, roundings differ.
    const double least = ours.dtype() == DType::float64 ? 1e-300 : 1e-37;
    EXPECT_LE(std::abs(values[i] - expected), tolerance * room + least)
        << what << " [" << i << "]: " << values[i] << ", PyTorch " << expected;
    if (room > least) worst = std::max(worst, std::abs(values[i] - expected) / room);
  }
  return worst;
}

// Copies on the device, laid out in the same way.
inline std::vector<Tensor> on_device(const std::vector<Tensor>& inputs, Device device) {
  GraphCopier copier(device);
  std::vector<Tensor> copies;
  for (const Tensor& input : inputs) {
    copies.push_back(input.defined() && !(device == kCpu) ? copier.copy(input) : input);
  }
  return copies;
}

// float64 is the CPU's alone.
inline bool is_there(const Case& each, Device device) {
  if (device == kCpu) return true;
  const auto narrow = [](const Tensor& x) { return !x.defined() || x.dtype() != DType::float64; };
  const auto narrow_attr = [](const AttrValue& value) {
    const auto* dtype = std::get_if<DType>(&value);
    return !dtype || *dtype != DType::float64;
  };
  return std::ranges::all_of(each.sample.inputs, narrow) &&
         std::ranges::all_of(each.sample.attrs, narrow_attr);
}

// Compares values, gradients, dtypes, shapes and what is refused.
inline void expect_pytorchs(const OpDef& op, Device device) {
  const std::vector<Case> cases = cases_of(op);
  ASSERT_FALSE(cases.empty()) << op.name() << " has no samples";
  double worst = 0;
  double worst_grad = 0;
  int compared = 0;
  int excepted = 0;
  for (const Case& each : cases) {
    const std::string& what = each.name;
    const auto record = golden().find(what);
    if (record == golden().end() ||
        record->second["fingerprint"].get<std::string>() != fingerprint(case_to_json(op, each))) {
      ADD_FAILURE() << what << " has no PyTorch numbers: run tests/parity/make_golden.py";
      continue;
    }
    if (exception_for(what) || !is_there(each, device)) {
      ++excepted;
      continue;
    }
    ++compared;
    const Json& expected = record->second;
    const Result ours = run(op, on_device(each.sample.inputs, device), each.sample.attrs, false);
    EXPECT_EQ(!ours.error.empty(), expected.contains("error"))
        << what << ": PyTorch "
        << (expected.contains("error") ? "says: " + expected["error"].get<std::string>()
                                       : "takes it, we say: " + ours.error);
    if (!ours.error.empty() || expected.contains("error")) continue;
    // What rounding may differ by: the sum of the absolute values of the terms.
    std::vector<Tensor> absolute_inputs;
    for (const Tensor& input : each.sample.inputs) absolute_inputs.push_back(absolute(input));
    Result scale = run(op, absolute_inputs, each.sample.attrs, true);
    if (op.id == OpId::log_softmax &&
        scale.outputs[0].numel() > 0) {  // a difference: the terms are the scores
      scale.outputs = {full_like(scale.outputs[0], amax(absolute_inputs[0]).item())};
    }
    const Json& outputs = expected["outputs"];
    ASSERT_EQ(ours.outputs.size(), outputs.size()) << what;
    for (size_t i = 0; i < outputs.size(); ++i) {
      const bool sums =
          sums_terms(op) && is_floating_point(ours.outputs[i].dtype()) && i < scale.outputs.size();
      worst = std::max(worst, expect_close(ours.outputs[i], outputs[i],
                                           sums ? scale.outputs[i] : Tensor(), what + " output"));
    }
    EXPECT_EQ(!ours.grad_error.empty(), expected.contains("grad_error"))
        << what << " backward: " << ours.grad_error;
    if (expected.contains("grad_error")) continue;
    EXPECT_EQ(ours.grads.size(), expected["grads"].size()) << what << ": number of gradients";
    for (const auto& [name, grad] : expected["grads"].items()) {
      const auto found = ours.grads.find(name);
      EXPECT_NE(found, ours.grads.end()) << what << ": no gradient of " << name;
      if (found == ours.grads.end()) continue;
      // Broadcasting makes the gradient of an elementwise op a sum, too.
      const bool sums = sums_terms(op) || found->second.sizes() != ours.outputs[0].sizes();
      const auto with = scale.grads.find(name);
      worst_grad = std::max(
          worst_grad, expect_close(found->second, grad,
                                   sums && with != scale.grads.end() ? with->second : Tensor(),
                                   what + " gradient of " + name));
    }
  }
  testing::Test::RecordProperty("cases", compared);
  testing::Test::RecordProperty("exceptions", excepted);
  testing::Test::RecordProperty("worst_error", fmt::format("{:.1e}", worst));
  testing::Test::RecordProperty("worst_gradient_error", fmt::format("{:.1e}", worst_grad));
}

}  // namespace gradus::parity
