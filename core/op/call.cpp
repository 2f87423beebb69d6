#include "core/op/call.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/autograd/grad_mode.h"
#include "core/autograd/history.h"
#include "core/op/layout.h"
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
      if (op.input(i).optional) continue;
      fail(op.name(), "input {} ({}) is missing", i, op.input(i).name);
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
std::optional<DType> common_dtype(const OpDef& op, std::span<const Tensor> inputs,
                                  const Attrs& attrs) {
  const auto refuse_bool = [&] {
    fail(op.name(), "does not work on bool tensors: make them numbers first, with to()");
  };
  if (!op.takes_bool) {
    for (const Tensor& input : inputs) {
      if (input.defined() && input.dtype() == DType::boolean) refuse_bool();
    }
  }
  if (op.dtypes == Dtypes::any) return {};
  const std::span<const Tensor> counting = inputs.subspan(op.promoted_from);
  const DType first = counting[0].dtype();
  const Tensor* other = nullptr;
  for (const Tensor& input : counting) {
    if (input.defined() && input.dtype() != first) other = &input;
  }
  if (op.dtypes == Dtypes::same) {
    if (!other) return {};
    fail(op.name(), "its inputs have dtypes {} and {}: make both of one dtype, with to()",
         to_string(first), to_string(other->dtype()));
  }
  DType common = other ? result_type(counting) : first;
  for (size_t i = 0; i < op.attrs.size() && !is_floating_point(common); ++i) {
    if (op.attrs[i].type != AttrType::number) continue;
    if (const auto* number = std::get_if<double>(&attrs[i])) {
      if (!std::isinf(*number)) common = DType::float32;  // that is no bound at all
    } else if (common == DType::boolean && std::holds_alternative<int64_t>(attrs[i])) {
      common = DType::int64;
    }
  }
  if (!op.works_on_bool && common == DType::boolean) refuse_bool();
  if (op.dtypes == Dtypes::promoted_to_float && !is_floating_point(common)) return DType::float32;
  return other || common != first ? std::optional(common) : std::nullopt;
}

bool needs_grad(const OpDef& op, std::span<const Tensor> inputs) {
  if (!context().grad_enabled || !op.backward) return false;
  return std::ranges::any_of(
      inputs, [](const Tensor& input) { return input.defined() && input.requires_grad(); });
}

// Whether backward reads input `i`.
bool saves_input(const OpDef& op, std::span<const Tensor> inputs, size_t i) {
  for (size_t k = 0; k < inputs.size(); ++k) {
    if (!inputs[k].defined() || !inputs[k].requires_grad()) continue;
    if (i < 16 && ((op.saves_for(k).inputs >> i) & 1)) return true;
  }
  return false;
}

void check_can_write(const OpDef& op, const Tensor& target, bool records) {
  if (op.id != OpId::fill && overlaps_itself(target.sizes(), target.strides())) {
    fail(op.name(),
         "several elements of the tensor to overwrite share one place in memory (it was expanded, "
         "say): clone() it first");
  }
  check_in_place(op.name(), target, records);
}

void before_write(const Tensor& target) {
  if (MutationLog* log = context().mutation_log) log->before_write(*target.impl()->storage);
}

void check_can_cast(const OpDef& op, DType computed, DType target) {
  if (can_cast(computed, target)) return;
  fail(op.name(), "the result is {}, which {}_() cannot write into a {} tensor: use {}(), or to()",
       to_string(computed), op.name(), to_string(target), op.name());
}

Tensor raw_clone(const Tensor& tensor, Device device) {
  Tensor copy = Tensor::empty(tensor.sizes(), tensor.dtype(), device);
  if (device.type == DeviceType::meta) return copy;
  Runtime::current().backend(device).run(
      {ops::clone, std::span(&tensor, 1), std::span(&copy, 1), {}});
  return copy;
}

// The part of a call that computes. What is overwritten may be of another dtype than the op
// computes in, and other inputs may overlap it in another layout: these are read before.
void run_op(const OpDef& op, std::span<const Tensor> inputs, std::span<const Tensor> outputs,
            std::span<const OutputSpec> specs, const Attrs& attrs, uint16_t writes, Device device) {
  Backend& backend = Runtime::current().backend(device);
  if (!writes && specs[0].strides.empty()) return backend.run({op, inputs, outputs, attrs});
  if (!writes) {  // laid out like the inputs: kernels like it row by row
    const OutputSpec& spec = specs[0];
    Tensors ordered;
    for (const Tensor& x : inputs) {
      ordered.push_back(in_order_of(x, spec.meta.sizes, spec.strides));
    }
    const Tensor result = in_order_of(outputs[0], spec.meta.sizes, spec.strides);
    return backend.run({op, ordered, std::span(&result, 1), attrs});
  }
  Tensors safe{inputs.begin(), inputs.end()};
  for (size_t i = 1; i < safe.size(); ++i) {
    if (((writes >> i) & 1) || !safe[i].defined()) continue;
    for (const Tensor& output : outputs) {
      const bool same = safe[i].sizes() == output.sizes() &&
                        safe[i].strides() == output.strides() &&
                        safe[i].offset() == output.offset();
      // Where elements go to other places than they come from, the same layout is no help.
      const bool in_place = same && op.category != Category::indexing;
      if (!safe[i].shares_storage(output) || in_place) continue;
      safe[i] = raw_clone(safe[i], device);
      break;
    }
  }
  if (specs[0].meta.dtype == outputs[0].dtype()) return backend.run({op, safe, outputs, attrs});
  const Tensor computed = Tensor::empty(specs[0].meta.sizes, specs[0].meta.dtype, device);
  backend.run({op, safe, std::span(&computed, 1), attrs});
  const std::array<Tensor, 2> copied{outputs[0], computed};
  backend.run({ops::copy, copied, outputs, {}});
}

// Why what was computed has no history: for why_no_grad(). What is computed from it has the same
// reason.
void note_untracked(const OpDef& op, std::span<const Tensor> inputs,
                    std::span<const Tensor> outputs) {
  const Tensor* cut = nullptr;
  bool here = false;
  for (const Tensor& input : inputs) {
    if (!input.defined()) continue;
    here = here || input.requires_grad();
    if (input.impl()->untracked != Untracked::plain && !cut) cut = &input;
  }
  if (!here && !cut) return;
  for (const Tensor& output : outputs) {
    TensorImpl& impl = *output.impl();
    impl.untracked = !here         ? cut->impl()->untracked
                     : op.backward ? Untracked::no_grad
                                   : Untracked::no_rule;
    impl.untracked_by = here ? op.name() : cut->impl()->untracked_by;
  }
}

// Whether gradients of a view of `input` are gradients of `input`.
void set_base(const Tensor& view, const Tensor& input, bool one_of_several) {
  const bool tracked = context().grad_enabled;
  TensorImpl& whole = *input.impl();
  ViewOrigin& origin = view.impl()->view_origin;
  if (!tracked) {
    origin = ViewOrigin::no_grad;
  } else if (one_of_several) {
    origin = ViewOrigin::multi_output;
  } else {  // a view of a view is no better than that
    origin = whole.view_origin == ViewOrigin::none ? ViewOrigin::tracked : whole.view_origin;
  }
  if (!tracked && !input.requires_grad()) return;
  view.impl()->base = whole.base ? whole.base : IntrusivePtr<TensorImpl>(&whole);
  view.impl()->history_version = view.version();
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

void call_out(const OpDef& op, std::span<const Tensor> outputs, std::span<const Tensor> inputs,
              Attrs attrs) {
  const auto tracked = [](const Tensor& x) { return x.defined() && x.requires_grad(); };
  if (context().grad_enabled &&
      (std::ranges::any_of(inputs, tracked) || std::ranges::any_of(outputs, tracked))) {
    fail(op.name(),
         "with out= no gradient is recorded, but one of the tensors requires grad. Do it under "
         "no_grad, or use the op that returns a new tensor.");
  }
  const NoGradGuard no_grad;
  const Tensors results = call_all(op, inputs, std::move(attrs));
  if (results.size() != outputs.size()) {
    fail(op.name(), "has {} results, got {} tensors for out=", results.size(), outputs.size());
  }
  for (size_t i = 0; i < results.size(); ++i) {
    const Tensor& out = outputs[i];
    if (!(out.device() == results[i].device())) {
      fail(op.name(), "its inputs live on {} and out= on {}: make both on the same device",
           to_string(results[i].device()), to_string(out.device()));
    }
    if (!can_cast(results[i].dtype(), out.dtype())) {
      fail(op.name(), "the result is {}, which cannot be written into out=, a {} tensor",
           to_string(results[i].dtype()), to_string(out.dtype()));
    }
  }
  for (size_t i = 0; i < results.size(); ++i) {
    const Tensor& out = outputs[i];
    if (out.sizes() != results[i].sizes()) {
      if (out.is_view()) {
        fail(op.name(),
             "the result has shape {}, out= is a view of shape {}: make it of that shape",
             to_prose(results[i].sizes()), to_prose(out.sizes()));
      }
      const Tensor room = Tensor::empty(results[i].sizes(), out.dtype(), out.device());
      out.impl()->storage = room.impl()->storage;
      out.impl()->set_layout(room.sizes(), room.strides(), 0);
    }
    const std::array<Tensor, 2> both{out, results[i]};
    call_all(ops::copy, both);
  }
}

Tensors call_all(const OpDef& op, std::span<const Tensor> given, Attrs attrs, CallMode mode) {
  std::span<const Tensor> inputs = given;
  if (op.variadic ? inputs.size() < op.inputs.size() : inputs.size() != op.inputs.size()) {
    fail(op.name(), "takes {}{} inputs, got {}", op.variadic ? "at least " : "", op.inputs.size(),
         inputs.size());
  }
  if (mode == CallMode::inplace && !op.has_inplace) {
    fail(op.name(), "has no in-place form {}_()", op.name());
  }
  const Device device = common_device(op, inputs);
  if (!op.attrs.empty()) attrs = complete_attrs(op, std::move(attrs));
  Tensors in_common;
  if (const std::optional<DType> common = common_dtype(op, inputs, attrs)) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      in_common.push_back(i < op.promoted_from ? inputs[i] : converted(inputs[i], *common));
    }
    inputs = in_common;
  }

  Outputs specs;
  op.infer({op.name(), inputs, attrs}, specs);
  if (specs.empty()) return {};  // unbind() of an empty dimension

  if (op.check_values && device.type != DeviceType::meta) op.check_values(op.name(), inputs);

  const bool records = needs_grad(op, given);
  const uint16_t writes = mode == CallMode::inplace ? 1 : op.writes;
  if (!writes && is_elementwise(op.id)) {
    specs[0].strides = kept_strides(given, specs[0].meta.sizes);
  }
  Tensors outputs;
  if (writes) {
    for (size_t i = 0; i < given.size(); ++i) {
      if (!((writes >> i) & 1) || !given[i].defined()) continue;
      const TensorMeta& result = specs[outputs.size()].meta;
      if (result.sizes != given[i].sizes()) {
        fail(op.name(),
             "the result ({}, {}) does not fit into the tensor it should overwrite "
             "({}, {})",
             to_string(result.dtype), to_prose(result.sizes), to_string(given[i].dtype()),
             to_prose(given[i].sizes()));
      }
      if (!(given[i].device() == device)) {
        fail(op.name(), "cannot write what {} computes into a number on {}: make it a tensor there",
             to_string(device), to_string(given[i].device()));
      }
      if (!op.backward && context().grad_enabled && given[i].requires_grad()) {
        fail(op.name(),
             "{}_() has no gradient, and the tensor it would overwrite requires grad: use the op "
             "that returns a new tensor, or no_grad",
             op.name());
      }
      check_can_cast(op, result.dtype, given[i].dtype());
      check_can_write(op, given[i], records);
      outputs.push_back(given[i]);
    }
  } else {
    for (const OutputSpec& spec : specs) {
      if (!spec.is_view) {
        outputs.push_back(Tensor::empty(spec.meta.sizes, spec.meta.dtype, device));
        if (!spec.strides.empty()) {
          outputs.back().impl()->set_layout(spec.meta.sizes, spec.strides, 0);
        }
        continue;
      }
      outputs.push_back(inputs[0].as_strided(spec.meta.sizes, spec.strides, spec.offset));
      if (spec.alone) {
        outputs.back().impl()->is_view = false;
      } else {
        const bool several = op.id == OpId::split || op.id == OpId::unbind;  // or could be
        set_base(outputs.back(), inputs[0], several);
      }
    }
  }

  IntrusivePtr<OpNode> node;
  if (records && writes) {
    // What backward needs of an input that is about to be overwritten is copied first.
    Tensors to_save{given.begin(), given.end()};
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].defined() || !saves_input(op, given, i)) continue;
      const bool lost = std::ranges::any_of(
          outputs, [&](const Tensor& output) { return given[i].shares_storage(output); });
      if (lost) to_save[i] = raw_clone(given[i], device);
    }
    node = make_node(op, given, to_save, attrs, device);
  } else if (records) {
    node = make_node(op, given, given, attrs, device);
  }
  if (writes) {
    for (const Tensor& output : outputs) before_write(output);
  }
  if (device.type != DeviceType::meta && !specs[0].is_view) {
    run_op(op, inputs, outputs, {specs.begin(), specs.size()}, attrs, writes, device);
  }
  if (writes) {
    for (const Tensor& output : outputs) output.impl()->storage->bump_version(op.name());
  }
  if (node) {
    set_history(node, outputs, writes != 0);
  } else if (!writes) {
    note_untracked(op, given, outputs);
  }
  if (Observer* observer = context().observer; observer && observer->wants(op)) {
    Runtime::current().backend(device).flush();  // whoever watches wants to see it happen
    observer->on_call({op, given, outputs, attrs, writes != 0});
  }
  return outputs;
}

}  // namespace gradus
