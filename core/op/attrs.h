// An op's or layer's attributes: the arguments that are not tensors.
#pragma once

#include <string>
#include <variant>

#include "core/tensor/dims.h"
#include "core/tensor/dtype.h"

namespace gradus {

using AttrValue = std::variant<std::monostate, bool, int64_t, double, Dims, DType, std::string>;
// One value per AttrSpec of the definition, in its order.
using Attrs = InlineVector<AttrValue, 4>;

// A `number` stays what it is, whole or not, and takes part in promotion as such.
enum class AttrType : uint8_t { boolean, integer, real, number, dims, dtype, text };

struct AttrSpec {
  const char* name;
  AttrType type;
  AttrValue default_value;  // monostate: must be given, or is inferred
  double min;               // of each number
  double max;
  const char* help;
};

// 0 for what is no single number.
double as_number(const AttrValue& value);
// "0.5", "[1, 2]", "true"; "?" for a value not given.
std::string attr_to_string(const AttrValue& value);
// Throws an Error naming `where`, the attribute and what it takes. Whole doubles pass as integers,
// names of dtypes as dtypes.
AttrValue checked_attr(std::string_view where, const AttrSpec& spec, AttrValue value);

}  // namespace gradus
