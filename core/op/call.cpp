#include "core/op/call.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/autograd/node.h"
#include "core/op/observer.h"
#include "core/op/promotion.h"
#include "core/tensor/mutation_log.h"
#include "core/tensor/runtime.h"

namespace gradus {
namespace {

// The device the op runs on. Numbers in an expression go along with whatever it is.
Device common_device(const OpDef& op, std::span<const Tensor> inputs) {
  const Tensor* first = nullptr;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& input = inputs[i];
    if (!input.defined()) {
      if (i < op.inputs.size() && op.inputs[i].optional) continue;
      fail(op.name(), "input {} ({}) is missing", i,
           i < op.inputs.size() ? op.inputs[i].name : "?");
    }
    if (input.is_wrapped_number()) continue;
    if (first && !(first->device() == input.device())) {
      fail(op.name(), "its inputs live on {} and {}: make both on the same device",
           to_string(first->device()), to_string(input.device()));
    }
    if (!first) first = &input;
  }
  return first ? first->device() : kCpu;
}

// Raw, without a record: of internal steps PyTorch's graph shows nothing.
Tensor converted(const Tensor& tensor, DType dtype) {
  if (!tensor.defined() || tensor.dtype() == dtype) return tensor;
  Tensor copy = Tensor::empty(tensor.sizes(), dtype, tensor.device());
  copy.impl()->is_wrapped_number = tensor.is_wrapped_number();
  if (tensor.device().type == DeviceType::meta) return copy;
  Runtime::current()
      .backend(tensor.device())
      .run({ops::to, std::span(&tensor, 1), std::span(&copy, 1), Attrs{AttrValue(dtype)}});
  return copy;
}

// The dtype to which the inputs are to be converted, if they are.
std::optional<DType> common_dtype(const OpDef& op, std::span<const Tensor> inputs) {
  if (!op.takes_bool) {
    for (const Tensor& input : inputs) {
      if (!input.defined() || input.dtype() != DType::boolean) continue;
      fail(op.name(), "does not work on bool tensors: make them numbers first, with to()");
    }
  }
  if (op.dtypes == Dtypes::any) return {};
  const DType first = inputs[0].dtype();
  const Tensor* other = nullptr;
  for (const Tensor& input : inputs) {
    if (input.defined() && input.dtype() != first) other = &input;
  }
  if (op.dtypes == Dtypes::same) {
    if (!other) return {};
    fail(op.name(), "its inputs have dtypes {} and {}: make both of one dtype, with to()",
         to_string(first), to_string(other->dtype()));
  }
  const DType common = other ? result_type(inputs) : first;
  if (op.dtypes == Dtypes::promoted_to_float && !is_floating_point(common)) return DType::float32;
  return other ? std::optional(common) : std::nullopt;
}

uint32_t inputs_that_need_grad(const OpDef& op, std::span<const Tensor> inputs) {
  if (!context().grad_enabled || !op.backward) return 0;
  uint32_t needs = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].defined() && inputs[i].requires_grad()) needs |= 1u << i;
  }
  return needs;
}

// Whether backward, for the inputs in `needs`, reads input `i`.
bool saves_input(const OpDef& op, uint32_t needs, size_t i) {
  for (size_t k = 0; k < op.saves.size(); ++k) {
    if (((needs >> k) & 1) && ((op.saves[k].inputs >> i) & 1)) return true;
  }
  return false;
}

void check_can_write(const OpDef& op, const Tensor& target, bool records) {
  if (op.id != OpId::fill && overlaps_itself(target.sizes(), target.strides())) {
    fail(op.name(),
         "several elements of the tensor to overwrite share one place in memory (it was expanded, "
         "say): clone() it first");
  }
  if (!context().grad_enabled) return;
  if (target.is_leaf() && target.requires_grad()) {
    fail(op.name(),
         "{}_() would overwrite a leaf that requires grad, and with it the value its gradient "
         "belongs to. Do it under no_grad, as optimisers do.",
         op.name());
  }
  const StorageImpl& storage = *target.impl()->storage;
  if (records && storage.use_count() - storage.saved_count() > 1 && !target.is_view()) {
    fail(op.name(),
         "{}_() on a tensor whose memory another one sees is not supported while gradients are "
         "recorded; use the op that returns a new tensor",
         op.name());
  }
  if (records && target.is_view()) {
    fail(op.name(),
         "{}_() on a view that takes part in autograd is not supported; write into the "
         "whole tensor, or under no_grad",
         op.name());
  }
}

void before_write(const Tensor& target) {
  if (MutationLog* log = context().mutation_log) log->before_write(*target.impl()->storage);
}

// In place, where the op computes in another dtype than that of what it overwrites.
Tensors write_converted(const OpDef& op, std::span<const Tensor> inputs, Attrs attrs,
                        DType computed) {
  const Tensor& target = inputs[0];
  if (!can_cast(computed, target.dtype())) {
    fail(op.name(),
         "the result is {}, which {}_() cannot write into a {} tensor: use {}(), or to()",
         to_string(computed), op.name(), to_string(target.dtype()), op.name());
  }
  const Tensor result = call_all(op, inputs, std::move(attrs))[0];
  return call_all(ops::copy, std::array{target, result});
}

}  // namespace

Attrs complete_attrs(const OpDef& op, Attrs attrs) {
  if (attrs.size() > op.attrs.size()) {
    fail(op.name(), "takes {} attributes, got {}", op.attrs.size(), attrs.size());
  }
  for (size_t i = 0; i < op.attrs.size(); ++i) {
    if (i == attrs.size()) attrs.push_back(op.attrs[i].default_value);
    attrs[i] = checked_attr(op.name(), op.attrs[i], std::move(attrs[i]));
  }
  return attrs;
}

Tensors call_all(const OpDef& op, std::span<const Tensor> given, Attrs attrs, CallMode mode) {
  std::span<const Tensor> inputs = given;
  if (inputs.size() != op.inputs.size()) {
    fail(op.name(), "takes {} inputs, got {}", op.inputs.size(), inputs.size());
  }
  const Device device = common_device(op, inputs);
  Tensors in_common;
  if (const std::optional<DType> common = common_dtype(op, inputs)) {
    if (mode == CallMode::inplace && *common != given[0].dtype()) {
      return write_converted(op, given, std::move(attrs), *common);
    }
    for (const Tensor& input : inputs) in_common.push_back(converted(input, *common));
    inputs = in_common;
  }
  if (!op.attrs.empty()) attrs = complete_attrs(op, std::move(attrs));

  Outputs specs;
  op.infer({op.name(), inputs, attrs}, specs);

  const uint32_t needs = inputs_that_need_grad(op, given);
  if (mode == CallMode::inplace && !op.has_inplace) {
    fail(op.name(), "has no in-place form {}_()", op.name());
  }
  const uint16_t writes = mode == CallMode::inplace ? 1 : op.writes;
  Tensors outputs;
  if (writes) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!((writes >> i) & 1) || !inputs[i].defined()) continue;
      const TensorMeta& result = specs[outputs.size()].meta;
      if (result != inputs[i].meta()) {
        fail(op.name(),
             "the result ({}, {}) does not fit into the tensor it should overwrite "
             "({}, {})",
             to_string(result.dtype), to_prose(result.sizes), to_string(inputs[i].dtype()),
             to_prose(inputs[i].sizes()));
      }
      check_can_write(op, inputs[i], needs != 0);
      outputs.push_back(inputs[i]);
    }
  } else {
    for (const OutputSpec& spec : specs) {
      outputs.push_back(spec.is_view
                            ? inputs[0].as_strided(spec.meta.sizes, spec.strides, spec.offset)
                            : Tensor::empty(spec.meta.sizes, spec.meta.dtype, device));
    }
  }

  if (writes) {
    for (const Tensor& output : outputs) before_write(output);
  }
  // What backward needs of an input that is about to be overwritten is copied first.
  Tensors to_save;
  if (writes && needs) {
    to_save = Tensors{given.begin(), given.end()};
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].defined() || !saves_input(op, needs, i)) continue;
      if (std::none_of(outputs.begin(), outputs.end(),
                       [&](const Tensor& output) { return inputs[i].shares_storage(output); })) {
        continue;
      }
      to_save[i] = Tensor::empty(inputs[i].sizes(), inputs[i].dtype(), device);
      if (device.type == DeviceType::meta) continue;
      Runtime::current().backend(device).run(
          {ops::clone, inputs.subspan(i, 1), std::span(&to_save[i], 1), {}});
    }
  }
  if (device.type != DeviceType::meta && !specs[0].is_view) {
    Backend& backend = Runtime::current().backend(device);
    if (writes) {
      // Another input that overlaps the target in another layout is read before it is overwritten.
      Tensors safe{inputs.begin(), inputs.end()};
      for (size_t i = 1; i < safe.size(); ++i) {
        if (((writes >> i) & 1) || !safe[i].defined()) continue;
        for (const Tensor& output : outputs) {
          const bool same = safe[i].sizes() == output.sizes() &&
                            safe[i].strides() == output.strides() &&
                            safe[i].offset() == output.offset();
          if (!safe[i].shares_storage(output) || same) continue;
          Tensor copy = Tensor::empty(safe[i].sizes(), safe[i].dtype(), device);
          backend.run({ops::clone, std::span(&safe[i], 1), std::span(&copy, 1), {}});
          safe[i] = std::move(copy);
          break;
        }
      }
      backend.run({op, safe, outputs, attrs});
    } else {
      backend.run({op, inputs, outputs, attrs});
    }
  }

  if (writes) {
    for (const Tensor& output : outputs) output.impl()->storage->bump_version(op.name());
  }
  if (needs) record(op, given, to_save.empty() ? given : to_save, outputs, attrs, needs);
  if (Observer* observer = context().observer; observer && observer->wants(op)) {
    Runtime::current().backend(device).flush();  // whoever watches wants to see it happen
    observer->on_call({op, given, outputs, attrs, writes != 0});
  }
  return outputs;
}

}  // namespace gradus
