// Element types, under PyTorch's names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/error.h"

namespace gradus {

enum class DType : uint8_t { float32, float64, int64, int32, uint8, boolean };

template <typename T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::float32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::float64;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::int64;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::int32;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::uint8;
}
template <>
constexpr DType dtype_of<bool>() {
  return DType::boolean;
}

// Bytes of one element.
constexpr size_t item_size(DType dtype) {
  switch (dtype) {
    case DType::float32:
    case DType::int32:
      return 4;
    case DType::float64:
    case DType::int64:
      return 8;
    case DType::uint8:
    case DType::boolean:
      return 1;
  }
  return 0;
}

constexpr bool is_floating_point(DType dtype) {
  return dtype == DType::float32 || dtype == DType::float64;
}

constexpr DType kDTypes[] = {DType::float32, DType::float64, DType::int64,
                             DType::int32,   DType::uint8,   DType::boolean};

// "float32", as after "torch." in PyTorch.
constexpr const char* to_string(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "float32";
    case DType::float64:
      return "float64";
    case DType::int64:
      return "int64";
    case DType::int32:
      return "int32";
    case DType::uint8:
      return "uint8";
    case DType::boolean:
      return "bool";
  }
  return "?";
}

// Nothing if no dtype has that name.
constexpr std::optional<DType> dtype_named(std::string_view name) {
  for (DType dtype : kDTypes) {
    if (name == to_string(dtype)) return dtype;
  }
  return {};
}

// Calls f with a value of the C++ type of `dtype`: visit_dtype(d, [&](auto zero) { ... }).
template <typename F>
decltype(auto) visit_dtype(DType dtype, F&& f) {
  switch (dtype) {
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    case DType::int64:
      return f(int64_t{});
    case DType::int32:
      return f(int32_t{});
    case DType::uint8:
      return f(uint8_t{});
    case DType::boolean:
      return f(bool{});
  }
  throw Error("unknown dtype");
}

}  // namespace gradus
