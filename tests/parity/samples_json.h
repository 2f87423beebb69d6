// The samples of all ops as JSON: what is handed to PyTorch, and what golden numbers are kept for.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/op/functions.h"
#include "core/tensor/runtime.h"

namespace gradus {

using Json = nlohmann::ordered_json;

// Numbers survive exactly; nan and infinities become text.
inline Json number_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}
inline double number_from_json(const Json& json) {
  if (!json.is_string()) return json.get<double>();
  const std::string text = json.get<std::string>();
  return text == "nan" ? NAN : text == "inf" ? INFINITY : -INFINITY;
}

inline Json tensor_to_json(const Tensor& tensor) {
  if (!tensor.defined()) return nullptr;
  Json values = Json::array();
  for (double value : tensor.to_vector<double>()) values.push_back(number_to_json(value));
  return {{"dtype", to_string(tensor.dtype())},
          {"sizes", std::vector<int64_t>(tensor.sizes().begin(), tensor.sizes().end())},
          {"strides", std::vector<int64_t>(tensor.strides().begin(), tensor.strides().end())},
          {"values", std::move(values)}};
}

inline Json sample_to_json(const OpDef& op, const Sample& sample) {
  Json inputs = Json::object();
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    inputs[op.inputs[i].name] = tensor_to_json(sample.inputs.at(i));
  }
  Json attrs = Json::object();
  const Attrs complete = complete_attrs(op, sample.attrs);
  for (size_t i = 0; i < op.attrs.size(); ++i) {
    const AttrValue& value = complete[i];
    Json& to = attrs[op.attrs[i].name];
    if (const auto* b = std::get_if<bool>(&value)) to = *b;
    if (const auto* n = std::get_if<int64_t>(&value)) to = *n;
    if (const auto* d = std::get_if<double>(&value)) to = *d;
    if (const auto* dtype = std::get_if<DType>(&value)) to = to_string(*dtype);
    if (const auto* dims = std::get_if<Dims>(&value)) {
      to = std::vector<int64_t>(dims->begin(), dims->end());
    }
  }
  return {{"op", op.name()},
          {"torch", op.torch},
          {"differentiable", op.backward != nullptr},
          {"inputs", std::move(inputs)},
          {"attrs", std::move(attrs)}};
}

inline Json samples_to_json() {
  Json all = Json::array();
  for (const OpDef* op : all_ops()) {
    Samples samples;
    if (op->samples) op->samples(samples);
    for (const Sample& sample : samples.all) all.push_back(sample_to_json(*op, sample));
  }
  return all;
}

}  // namespace gradus
