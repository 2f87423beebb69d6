#include "core/op/attrs.h"

#include <cmath>

#include "core/base/error.h"

namespace gradus {
namespace {

const char* describe(AttrType type) {
  switch (type) {
    case AttrType::boolean:
      return "true or false";
    case AttrType::integer:
      return "a whole number";
    case AttrType::real:
    case AttrType::number:
      return "a number";
    case AttrType::dims:
      return "a list of whole numbers";
    case AttrType::dtype:
      return "a dtype";
    case AttrType::text:
      return "text";
  }
  return "?";
}

}  // namespace

double as_number(const AttrValue& value) {
  if (const auto* d = std::get_if<double>(&value)) return *d;
  if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* b = std::get_if<bool>(&value)) return *b ? 1.0 : 0.0;
  return 0.0;
}

std::string attr_to_string(const AttrValue& value) {
  struct Printer {
    std::string operator()(std::monostate) const { return "?"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(int64_t i) const { return fmt::format("{}", i); }
    std::string operator()(double d) const { return fmt::format("{:g}", d); }
    std::string operator()(const Dims& dims) const { return to_string(DimsView(dims)); }
    std::string operator()(DType dtype) const { return to_string(dtype); }
    std::string operator()(const std::string& text) const { return text; }
  };
  return std::visit(Printer{}, value);
}

AttrValue checked_attr(std::string_view where, const AttrSpec& spec, AttrValue value) {
  if (auto* d = std::get_if<double>(&value); d && spec.type == AttrType::integer) {
    if (std::nearbyint(*d) == *d && std::abs(*d) < 9e15) value = static_cast<int64_t>(*d);
  } else if (auto* i = std::get_if<int64_t>(&value); i && spec.type == AttrType::real) {
    value = static_cast<double>(*i);
  } else if (auto* s = std::get_if<std::string>(&value); s && spec.type == AttrType::dtype) {
    if (const auto dtype = dtype_named(*s)) value = *dtype;
  }
  const bool fits = (spec.type == AttrType::boolean && std::holds_alternative<bool>(value)) ||
                    (spec.type == AttrType::integer && std::holds_alternative<int64_t>(value)) ||
                    (spec.type == AttrType::real && std::holds_alternative<double>(value)) ||
                    (spec.type == AttrType::number && (std::holds_alternative<int64_t>(value) ||
                                                       std::holds_alternative<double>(value))) ||
                    (spec.type == AttrType::dims && std::holds_alternative<Dims>(value)) ||
                    (spec.type == AttrType::dtype && std::holds_alternative<DType>(value)) ||
                    (spec.type == AttrType::text && std::holds_alternative<std::string>(value));
  if (!fits) {
    fail(where, "{} must be {}, got {}. {}", spec.name, describe(spec.type), attr_to_string(value),
         spec.help);
  }
  const auto check = [&](double x) {
    if (!(x >= spec.min && x <= spec.max) && !(std::isnan(x) && std::isinf(spec.max))) {
      fail(where, "{} must be from {} to {}, got {}. {}", spec.name, spec.min, spec.max,
           attr_to_string(value), spec.help);
    }
  };
  if (auto* i = std::get_if<int64_t>(&value)) check(static_cast<double>(*i));
  if (auto* d = std::get_if<double>(&value)) check(*d);
  if (auto* text = std::get_if<std::string>(&value); text && !(text->size() <= spec.max)) {
    fail(where, "{} is {} characters long, {} is the most. {}", spec.name, text->size(), spec.max,
         spec.help);
  }
  if (auto* dims = std::get_if<Dims>(&value)) {
    for (int64_t x : *dims) check(static_cast<double>(x));
  }
  return value;
}

}  // namespace gradus
