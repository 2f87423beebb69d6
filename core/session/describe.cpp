// The session's steps and values in words and numbers: the reading side of Session.
#include <algorithm>
#include <cmath>

#include "core/autograd/why_no_grad.h"
#include "core/session/session.h"

namespace gradus {
namespace {

TensorPicture picture_of(const Tensor& tensor, int32_t most) {
  TensorPicture picture;
  const std::vector<double> all = tensor.to_vector<double>();
  double sum = 0;
  int64_t finite = 0;
  picture.min = INFINITY;
  picture.max = -INFINITY;
  for (double x : all) {
    if (!std::isfinite(x)) continue;
    picture.min = std::min(picture.min, x);
    picture.max = std::max(picture.max, x);
    sum += x;
    ++finite;
  }
  picture.not_finite = static_cast<int64_t>(all.size()) - finite;
  if (finite > 0) picture.mean = sum / static_cast<double>(finite);
  const int64_t rank = tensor.dim();
  picture.rows = rank >= 2 ? tensor.size(-2) : 1;
  picture.columns = rank >= 1 ? tensor.size(-1) : 1;
  picture.cell_rows = static_cast<int32_t>(std::min<int64_t>(picture.rows, most));
  picture.cell_columns = static_cast<int32_t>(std::min<int64_t>(picture.columns, most));
  picture.cells.reserve(static_cast<size_t>(picture.cell_rows * picture.cell_columns));
  for (int64_t r = 0; r < picture.cell_rows; ++r) {
    const int64_t top = r * picture.rows / picture.cell_rows;
    const int64_t bottom = (r + 1) * picture.rows / picture.cell_rows;
    for (int64_t c = 0; c < picture.cell_columns; ++c) {
      const int64_t left = c * picture.columns / picture.cell_columns;
      const int64_t right = (c + 1) * picture.columns / picture.cell_columns;
      double total = 0;
      for (int64_t i = top; i < bottom; ++i) {
        for (int64_t j = left; j < right; ++j) {
          total += all[static_cast<size_t>(i * picture.columns + j)];
        }
      }
      const auto count = static_cast<double>((bottom - top) * (right - left));
      picture.cells.push_back(static_cast<float>(total / count));
    }
  }
  return picture;
}

void fill(ValueWindow& window, const Tensor& tensor, const ValueRequest& request) {
  if (!tensor.defined()) return;
  window.computed = true;
  window.sizes = tensor.sizes();
  window.dtype = tensor.dtype();
  if (request.picture > 0 && tensor.numel() > 0) {
    window.picture = picture_of(tensor, request.picture);
  }
  // Only what is shown is read, where the elements lie side by side.
  const int64_t shown = std::min(static_cast<int64_t>(request.numbers), tensor.numel());
  if (tensor.is_contiguous()) {
    window.first = tensor.as_strided(Dims{shown}, Dims{1}, tensor.offset()).to_vector<double>();
    return;
  }
  window.first = tensor.to_vector<double>();
  window.first.resize(static_cast<size_t>(shown));
}

// A result is called as its node where that is an op; of a layer's there may be several.
std::string name_of(const NetGraph& graph, const Plan& plan, ValueId id) {
  const PlanValue& value = plan.values[static_cast<size_t>(id)];
  if (value.kind == PlanValue::Kind::constant) return fmt::format("{:g}", value.constant);
  if (value.kind != PlanValue::Kind::result) return value.name;
  const NetNode& node = graph.node(plan.calls[static_cast<size_t>(value.index)].node);
  return nn::find_layer(node.type) ? fmt::format("%{}", id) : value.name;
}

void fill_grad(ValueWindow& window, const Tensor& tensor, const ValueRequest& request) {
  if (!tensor.defined()) return;
  fill(window, tensor.grad(), request);
  if (!window.computed) window.why_not = why_no_grad(tensor).text;
}

}  // namespace

ValueWindow Session::window(const ValueRequest& request) const {
  const ValueRef ref = request.ref;
  ValueWindow window{.ref = ref, .name = {}, .sizes = {}, .first = {}, .picture = {}};
  const size_t i = static_cast<size_t>(ref.index);
  const Plan& plan = state_.plan ? *state_.plan : this->plan();
  const auto parameter_name = [&] { return plan.parameters.at(i).name; };
  switch (ref.kind) {
    case ValueRef::Kind::value:
    case ValueRef::Kind::value_grad: {
      const PlanValue& value = plan.values.at(i);
      window.name = name_of(graph_, plan, ref.index);
      window.sizes = value.meta.sizes;
      window.dtype = value.meta.dtype;
      const Tensor tensor = i < state_.values.size() ? state_.values[i] : Tensor();
      if (ref.kind == ValueRef::Kind::value) {
        fill(window, tensor, request);
      } else {
        window.name += ".grad";
        fill_grad(window, tensor, request);
      }
      break;
    }
    case ValueRef::Kind::parameter:
      window.name = parameter_name();
      fill(window, state_.parameters[i], request);
      break;
    case ValueRef::Kind::parameter_grad:
      window.name = parameter_name() + ".grad";
      window.sizes = plan.parameters[i].sizes;
      fill_grad(window, state_.parameters[i], request);
      break;
    case ValueRef::Kind::momentum_buffer:
      window.name = parameter_name() + " momentum";
      window.sizes = plan.parameters[i].sizes;
      fill(window, state_.optimizer[i].momentum_buffer, request);
      break;
    case ValueRef::Kind::grad_in:
      window.name = "gradient in";
      if (i < state_.last_gradient.grads_in.size())
        fill(window, state_.last_gradient.grads_in[i], request);
      break;
    case ValueRef::Kind::grad_out:
      window.name = "gradient out";
      if (i < state_.last_gradient.grads_out.size())
        fill(window, state_.last_gradient.grads_out[i], request);
      break;
  }
  return window;
}

StepEvent Session::describe(const StepResult& result, size_t count) const {
  StepEvent event{.result = result, .op = {}, .where = {}, .inputs = {}, .outputs = {}};
  if (result.node != 0) event.where = graph_.node(result.node).name;
  const auto add = [&](std::vector<ValueWindow>& to, ValueRef::Kind kind, int32_t index) {
    to.push_back(window({.ref = {kind, index}, .numbers = count}));
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
        if (!state_.parameters[i].requires_grad()) continue;
        add(event.outputs, ValueRef::Kind::parameter_grad, static_cast<int32_t>(i));
      }
      break;
    case StepResult::Kind::retain_grad:
      event.op = "retain_grad";
      add(event.outputs, ValueRef::Kind::value_grad, state_.plan->results.at(result.node));
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
      if (result.parameter >= 0) {
        add(event.outputs, ValueRef::Kind::parameter_grad, result.parameter);
      } else {
        for (ValueId id : state_.plan->calls[static_cast<size_t>(result.index)].outputs) {
          const Tensor& output = state_.values[static_cast<size_t>(id)];
          if (output.defined() && output.retains_grad()) {
            add(event.outputs, ValueRef::Kind::value_grad, id);
          }
        }
      }
      break;
    }
    case StepResult::Kind::update:
      event.op = "SGD";
      add(event.inputs, ValueRef::Kind::parameter_grad, result.parameter);
      if (state_.optimizer[static_cast<size_t>(result.parameter)].momentum_buffer.defined()) {
        add(event.outputs, ValueRef::Kind::momentum_buffer, result.parameter);
      }
      add(event.outputs, ValueRef::Kind::parameter, result.parameter);
      break;
  }
  return event;
}

GraphProgress Session::graph_progress() const {
  GraphProgress progress;
  const Cursor& cursor = state_.cursor;
  const bool at_end = state_.last.ends_batch && state_.last.phase != Phase::evaluate;
  if (!state_.plan || !state_.plan->training || (cursor.after_batches && !at_end)) return progress;
  const Plan& plan = *state_.plan;
  const StepResult& last = state_.last;
  if (last.kind == StepResult::Kind::call || last.kind == StepResult::Kind::gradient) {
    progress.current = plan.find_grad_node(last.index, last.parameter);
  }
  const auto& items = graph_.training.loop.each_batch;
  const auto end = at_end ? items.end() : items.begin() + cursor.item;
  // A batch may run forward more than once: what counts is how far the last time has come.
  for (auto item = items.begin(); item != end; ++item) {
    if (item->phase == Phase::forward) progress.calls = plan.loss_begin;
    if (item->phase == Phase::loss) progress.calls = static_cast<int32_t>(plan.calls.size());
  }
  if (!at_end && end->phase == Phase::forward) progress.calls = cursor.pc;
  if (!at_end && end->phase == Phase::loss) {
    progress.calls = std::max(cursor.pc, plan.loss_begin);
  }
  // What an earlier backward has used up stays so until forward makes it anew; what one that
  // retains the graph is done with can be gone through again.
  std::vector<int32_t> used;
  for (auto item = items.begin(); item != end; ++item) {
    if (item->phase == Phase::forward) used.clear();
    if (item->phase == Phase::backward && !item->retain_graph) {
      const ValueId root = item->of ? plan.results.at(item->of) : plan.loss;
      plan.add_reachable(root, used);
    }
  }
  if (!at_end && end->phase == Phase::forward && cursor.pc > 0) used.clear();
  if (state_.backward_started) {
    state_.backward.for_each_done([&](const Node& node) {
      const int32_t place = plan.find_grad_node(node.call_index, parameter_of(node));
      if (place >= 0) used.push_back(place);
    });
  }
  std::ranges::sort(used);
  used.erase(std::unique(used.begin(), used.end()), used.end());
  progress.consumed = std::move(used);
  return progress;
}

}  // namespace gradus
