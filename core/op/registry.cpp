#include <array>

#include "core/op/op_def.h"

namespace gradus {
namespace {

#define GRADUS_OP(name) #name,
constexpr std::array<const char*, kOpCount> kNames = {
#include "core/op/all_ops.inc"
};

#define GRADUS_OP(name) &ops::name,
constexpr std::array<const OpDef*, kOpCount> kOps = {
#include "core/op/all_ops.inc"
};

// "log_softmax" → "LogSoftmaxBackward0"
std::string camel_case_backward(std::string_view name) {
  std::string result;
  bool upper = true;
  for (char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    result += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return result + "Backward0";
}

}  // namespace

const char* to_string(Category category) {
  switch (category) {
    case Category::arithmetic:
      return "arithmetic";
    case Category::comparison:
      return "comparison";
    case Category::activation:
      return "activation";
    case Category::product:
      return "product";
    case Category::reduction:
      return "reduction";
    case Category::loss:
      return "loss";
    case Category::movement:
      return "movement";
    case Category::indexing:
      return "indexing";
    case Category::creation:
      return "creation";
    case Category::optimizer:
      return "optimizer";
  }
  return "?";
}

const char* op_name(OpId id) { return kNames[static_cast<size_t>(id)]; }
const OpDef& op_def(OpId id) { return *kOps[static_cast<size_t>(id)]; }
std::span<const OpDef* const> all_ops() { return kOps; }

const OpDef* find_op(std::string_view name) {
  for (const OpDef* op : kOps) {
    if (name == op->name()) return op;
  }
  return nullptr;
}

const char* OpDef::name() const { return op_name(id); }

const std::string& OpDef::backward_name(const Attrs& call) const {
  static const std::array<std::array<std::string, 2>, kOpCount> names = [] {
    std::array<std::array<std::string, 2>, kOpCount> result;
    for (const OpDef* op : kOps) {
      std::array<std::string, 2>& of = result[static_cast<size_t>(op->id)];
      of[0] = op->grad_name ? op->grad_name : camel_case_backward(op->name());
      of[1] = of[0].substr(0, of[0].size() - 1) + "1";
    }
    return result;
  }();
  return names[static_cast<size_t>(id)][overload ? static_cast<size_t>(overload(call)) : 0];
}

}  // namespace gradus
