// The session's steps and values in words and numbers: the reading side of Session.
#include <algorithm>

#include "core/session/session.h"

namespace gradus {
namespace {

void fill(ValueWindow& window, const Tensor& tensor, size_t count) {
  if (!tensor.defined()) return;
  window.computed = true;
  window.sizes = tensor.sizes();
  window.dtype = tensor.dtype();
  // Only what is shown is read, where the elements lie side by side.
  const int64_t shown = std::min(static_cast<int64_t>(count), tensor.numel());
  if (tensor.is_contiguous()) {
    window.first = tensor.as_strided(Dims{shown}, Dims{1}, tensor.offset()).to_vector<double>();
    return;
  }
  window.first = tensor.to_vector<double>();
  window.first.resize(static_cast<size_t>(shown));
}

}  // namespace

ValueWindow Session::window(ValueRef ref, size_t count) const {
  ValueWindow window{.ref = ref, .name = {}, .sizes = {}, .first = {}};
  const size_t i = static_cast<size_t>(ref.index);
  const Plan& plan = state_.plan ? *state_.plan : this->plan();
  const auto parameter_name = [&] { return plan.parameters.at(i).name; };
  switch (ref.kind) {
    case ValueRef::Kind::value: {
      const PlanValue& value = plan.values.at(i);
      window.name = value.kind == PlanValue::Kind::result ? fmt::format("%{}", i) : value.name;
      if (value.kind == PlanValue::Kind::constant)
        window.name = fmt::format("{:g}", value.constant);
      window.sizes = value.meta.sizes;
      window.dtype = value.meta.dtype;
      if (i < state_.values.size()) fill(window, state_.values[i], count);
      break;
    }
    case ValueRef::Kind::parameter:
      window.name = parameter_name();
      fill(window, state_.parameters[i], count);
      break;
    case ValueRef::Kind::parameter_grad:
      window.name = parameter_name() + ".grad";
      window.sizes = plan.parameters[i].sizes;
      fill(window, state_.parameters[i].grad(), count);
      break;
    case ValueRef::Kind::momentum_buffer:
      window.name = parameter_name() + " momentum";
      window.sizes = plan.parameters[i].sizes;
      fill(window, state_.optimizer[i].momentum_buffer, count);
      break;
    case ValueRef::Kind::grad_in:
      window.name = "gradient in";
      if (i < state_.last_gradient.grads_in.size())
        fill(window, state_.last_gradient.grads_in[i], count);
      break;
    case ValueRef::Kind::grad_out:
      window.name = "gradient out";
      if (i < state_.last_gradient.grads_out.size())
        fill(window, state_.last_gradient.grads_out[i], count);
      break;
  }
  return window;
}

StepEvent Session::describe(const StepResult& result, size_t count) const {
  StepEvent event{.result = result, .op = {}, .where = {}, .inputs = {}, .outputs = {}};
  if (result.node != 0) event.where = graph_.node(result.node).name;
  const auto add = [&](std::vector<ValueWindow>& to, ValueRef::Kind kind, int32_t index) {
    to.push_back(window({kind, index}, count));
  };
  switch (result.kind) {
    case StepResult::Kind::nothing:
      event.op = "the end";
      break;
    case StepResult::Kind::fetch:
      event.op = "fetch";
      for (ValueId id : {state_.plan->input, state_.plan->target}) {
        if (id != kNoValue) add(event.outputs, ValueRef::Kind::value, id);
      }
      break;
    case StepResult::Kind::zero_grad:
      event.op = "zero_grad";
      for (size_t i = 0; i < state_.parameters.size(); ++i) {
        add(event.outputs, ValueRef::Kind::parameter_grad, static_cast<int32_t>(i));
      }
      break;
    case StepResult::Kind::call: {
      const PlanCall& call = state_.plan->calls[static_cast<size_t>(result.index)];
      event.op = op_name(call.op);
      for (ValueId id : call.inputs) {
        if (id != kNoValue) add(event.inputs, ValueRef::Kind::value, id);
      }
      for (ValueId id : call.outputs) add(event.outputs, ValueRef::Kind::value, id);
      break;
    }
    case StepResult::Kind::gradient: {
      if (!state_.last_gradient.node) break;
      event.op = state_.last_gradient.node->name();
      for (size_t i = 0; i < state_.last_gradient.grads_in.size(); ++i) {
        add(event.inputs, ValueRef::Kind::grad_in, static_cast<int32_t>(i));
      }
      for (size_t i = 0; i < state_.last_gradient.grads_out.size(); ++i) {
        if (!state_.last_gradient.grads_out[i].defined()) continue;
        add(event.outputs, ValueRef::Kind::grad_out, static_cast<int32_t>(i));
      }
      if (const auto* leaf = dynamic_cast<const AccumulateGrad*>(state_.last_gradient.node.get())) {
        for (size_t i = 0; i < state_.parameters.size(); ++i) {
          if (leaf->variable().is(state_.parameters[i])) {
            add(event.outputs, ValueRef::Kind::parameter_grad, static_cast<int32_t>(i));
          }
        }
      }
      break;
    }
    case StepResult::Kind::update:
      event.op = "SGD";
      add(event.inputs, ValueRef::Kind::parameter_grad, result.index);
      if (state_.optimizer[static_cast<size_t>(result.index)].momentum_buffer.defined()) {
        add(event.outputs, ValueRef::Kind::momentum_buffer, result.index);
      }
      add(event.outputs, ValueRef::Kind::parameter, result.index);
      break;
  }
  return event;
}

}  // namespace gradus
