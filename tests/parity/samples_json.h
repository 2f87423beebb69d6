// The cases of all ops as JSON: what is handed to PyTorch, and what golden numbers are kept for.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/op/functions.h"
#include "core/tensor/runtime.h"
#include "tests/parity/cases.h"

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

// "a", or "tensors[1]" of an op that takes any number of them.
inline std::string input_name(const OpDef& op, size_t i) {
  const std::string name = op.input(i).name;
  const size_t last = op.inputs.size() - 1;
  return op.variadic && i >= last ? name + "[" + std::to_string(i - last) + "]" : name;
}

inline Json case_to_json(const OpDef& op, const parity::Case& c) {
  Json inputs = Json::object();
  for (size_t i = 0; i < c.sample.inputs.size(); ++i) {
    const Json input = tensor_to_json(c.sample.inputs[i]);
    if (op.variadic && i >= op.inputs.size() - 1) {
      inputs[op.input(i).name].push_back(input);
    } else {
      inputs[op.input(i).name] = input;
    }
  }
  Json attrs = Json::object();
  const Attrs complete = complete_attrs(op, c.sample.attrs);
  for (size_t i = 0; i < op.attrs.size(); ++i) {
    const AttrValue& value = complete[i];
    Json& to = attrs[op.attrs[i].name];
    if (const auto* b = std::get_if<bool>(&value)) to = *b;
    if (const auto* n = std::get_if<int64_t>(&value)) to = *n;
    if (const auto* d = std::get_if<double>(&value)) to = number_to_json(*d);
    if (const auto* dtype = std::get_if<DType>(&value)) to = to_string(*dtype);
    if (const auto* dims = std::get_if<Dims>(&value)) {
      to = std::vector<int64_t>(dims->begin(), dims->end());
    }
  }
  return {{"case", c.name},
          {"torch", op.torch},
          {"differentiable", op.backward != nullptr},
          {"inputs", std::move(inputs)},
          {"attrs", std::move(attrs)}};
}

// Of a case: changes when it does.
inline std::string fingerprint(const Json& json) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (char c : json.dump()) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return fmt::format("{:016x}", hash);
}

inline Json samples_to_json() {
  Json all = Json::array();
  for (const OpDef* op : all_ops()) {
    for (const parity::Case& each : parity::cases_of(*op)) {
      Json json = case_to_json(*op, each);
      json["fingerprint"] = fingerprint(json);
      all.push_back(std::move(json));
    }
  }
  return all;
}

}  // namespace gradus
