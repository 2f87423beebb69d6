#include "core/session/session.h"

#include <algorithm>
#include <cmath>

#include "core/autograd/grad_mode.h"
#include "core/autograd/history.h"
#include "core/autograd/transfer.h"
#include "core/data/no_data.h"
#include "core/op/functions.h"
#include "core/op/observer.h"
#include "core/session/fit.h"
#include "core/tensor/runtime.h"

namespace gradus {

const char* to_string(Grain grain) {
  switch (grain) {
    case Grain::op:
      return "op";
    case Grain::layer:
      return "layer";
    case Grain::phase:
      return "phase";
    case Grain::batch:
      return "batch";
    case Grain::epoch:
      return "epoch";
    case Grain::all:
      return "all";
  }
  return "?";
}

bool StepResult::ends(Grain grain) const {
  switch (grain) {
    case Grain::op:
      return true;
    case Grain::layer:
      return ends_layer;
    case Grain::phase:
      return ends_phase;
    case Grain::batch:
      return ends_batch;
    case Grain::epoch:
      return ends_epoch;
    case Grain::all:
      return false;
  }
  return true;
}

Session::Session(NetGraph graph, DataSplit data, Options options)
    : graph_(std::move(graph)),
      data_(has_data() ? std::move(data) : no_data()),
      options_(options),
      journal_(options.journal_bytes) {
  check(graph_.training);
  const Training& training = graph_.training;
  const Plan& plan = *plan_for(true, std::min(training.batch_size, data_.train->size()));
  check_fits(graph_, plan, data_, Runtime::current().backend(options_.device));

  train_loader_ = std::make_unique<DataLoader>(
      data_.train, DataLoader::Options{training.batch_size, options_.loader_workers});
  test_loader_ = std::make_unique<DataLoader>(
      data_.test, DataLoader::Options{training.batch_size, options_.loader_workers});

  // What does not fit the last, smaller batch, or evaluation, is found now.
  for (const DataLoader* loader : {train_loader_.get(), test_loader_.get()}) {
    for (int64_t batch : {int64_t{0}, loader->batch_count() - 1}) {
      plan_for(loader == train_loader_.get(), loader->size_of(batch));
    }
  }

  Generator generator(training.seed);
  for (const PlanParameter& parameter : plan.parameters) {
    state_.parameters.push_back(
        to(parameter.init(parameter.sizes, parameter.attrs, generator), options_.device));
    state_.parameters.back().set_requires_grad(parameter.requires_grad);
  }
  state_.origin = std::make_shared<const NetGraph>(graph_);
  state_.optimizer.resize(plan.parameters.size());
  state_.generator = generator.state();
  state_.hyper = training.optimizer;
  if (!has_data()) bind_leaves();
  settle();
  remember();
}

Session::~Session() = default;

void Session::bind_leaves() {
  state_.plan = plan_for(true, 1);
  state_.values = bound_values(*state_.plan, {}, {});
}

const std::shared_ptr<const Plan>& Session::plan_for(bool training, int64_t batch_size) const {
  std::shared_ptr<const Plan>& plan = plans_[{training, batch_size}];
  if (!plan) plan = lower(graph_, batch_size, training);
  return plan;
}

StepResult Session::step() {
  if (state_.cursor.done) return {};
  if (!step_mode_) {
    if (at_batch_start()) batch_start_ = {state_.cursor, state_.metrics, state_.correct};
    try {
      return step_inside();
    } catch (...) {
      if (batch_start_) std::tie(state_.cursor, state_.metrics, state_.correct) = *batch_start_;
      state_.backward_started = false;
      throw;
    }
  }
  constexpr int64_t kStepsApart = 4096;
  if (at_batch_start() &&
      (remembered_.empty() || remembered_.back().cursor.step + kStepsApart <= state_.cursor.step)) {
    remember();
  }
  journal_.begin(state_);
  const ScopedValue<MutationLog*> log(context().mutation_log, &journal_);
  try {
    return step_inside();
  } catch (...) {
    journal_.undo(state_);
    throw;
  }
}

void Session::blame(NodeId node, const Error& error) const {
  if (!node || dynamic_cast<const NodeError*>(&error) || dynamic_cast<const DeviceLost*>(&error)) {
    throw;
  }
  throw NodeError(fmt::format("{} (in {})", error.what(), graph_.node(node).name), node);
}

StepResult Session::step_inside() try {
  const Cursor before = state_.cursor;
  const Loop& loop = graph_.training.loop;
  const auto& items = before.after_batches ? loop.each_epoch : loop.each_batch;
  const LoopItem& item = items[static_cast<size_t>(before.item)];
  StepResult result = item.phase == Phase::evaluate ? step_evaluation() : step_item(item);
  // A learner sees at once what a step did, and what was wrong with it.
  if (step_mode_) Runtime::current().backend(options_.device).synchronize();
  result.phase = item.phase;
  result.step = ++state_.cursor.step;
  result.epoch = before.epoch;
  if (result.ends_phase) end_item(result);
  state_.last = result;
  meet_changes(to_come_);
  return result;
} catch (const DataError& error) {
  blame(static_cast<NodeId>(error.origin), error);
}

StepResult Session::run(Grain grain, const std::function<bool(const StepResult&)>& stop) {
  StepResult result;
  do {
    result = step();
  } while (result.kind != StepResult::Kind::nothing && !result.ends(grain) &&
           !(stop && stop(result)));
  return result;
}

// One step of the list each_batch.
StepResult Session::step_item(const LoopItem& item) {
  StepResult result;
  Cursor& cursor = state_.cursor;
  result.batch = cursor.batch;
  result.ends_layer = true;
  switch (item.phase) {
    case Phase::fetch: {
      result.kind = StepResult::Kind::fetch;
      if (state_.shuffle_seed) {
        fetch(*train_loader_, state_.shuffle_seed, cursor.batch, true);
      } else {
        // PyTorch's DataLoader draws a base seed for its workers, its sampler the shuffle's seed.
        Generator generator;
        generator.set_state(state_.generator);
        generator.random_int64();
        const int64_t seed = generator.random_int64();
        fetch(*train_loader_, seed, cursor.batch, true);
        state_.shuffle_seed = seed;
        state_.generator = generator.state();
      }
      state_.metrics.loss = {};
      result.ends_phase = true;
      break;
    }
    case Phase::zero_grad: {
      result.kind = StepResult::Kind::zero_grad;
      for (const Tensor& parameter : state_.parameters) {
        if (parameter.grad().defined()) parameter.set_grad({});
      }
      result.ends_phase = true;
      break;
    }
    case Phase::forward:
    case Phase::loss: {
      result.kind = StepResult::Kind::call;
      const bool forward = item.phase == Phase::forward;
      if (cursor.pc == 0 && !has_data()) bind_leaves();  // nothing was fetched
      const Plan& plan = *state_.plan;
      if (cursor.pc == 0 && !forward) cursor.pc = plan.loss_begin;
      const int32_t end = forward ? plan.loss_begin : static_cast<int32_t>(plan.calls.size());
      result.index = cursor.pc;
      if (cursor.pc < end) {
        result.node = plan.calls[static_cast<size_t>(cursor.pc)].node;
        call_op(cursor.pc);
        ++cursor.pc;
      }
      result.ends_phase = cursor.pc >= end;
      result.ends_layer =
          result.ends_phase || plan.calls[static_cast<size_t>(cursor.pc)].node != result.node;
      if (!forward && result.ends_phase) check_loss();
      break;
    }
    case Phase::retain_grad:
      result.kind = StepResult::Kind::retain_grad;
      result.node = item.of;
      retain_grad(value_of(item.of));
      result.ends_phase = true;
      break;
    case Phase::backward: {
      result.kind = StepResult::Kind::gradient;
      if (!state_.backward_started) start_backward(item);
      BackwardTask::Step done = step_backward();
      result.index = done.node->call_index;
      result.node = node_of(*done.node);
      result.parameter = parameter_of(*done.node);
      result.ends_phase = state_.backward.done();
      result.ends_layer = result.ends_phase || node_of(*state_.backward.next()) != result.node;
      if (step_mode_) state_.last_gradient = std::move(done);
      if (result.ends_phase) state_.backward_started = false;
      break;
    }
    case Phase::update: {
      result.kind = StepResult::Kind::update;
      const size_t i = state_.plan->next_to_learn(static_cast<size_t>(cursor.pc));
      result.parameter = static_cast<int32_t>(i);
      const std::vector<PlanParameter>& all = state_.plan->parameters;
      result.node = all[i].node;
      optim::sgd_update(state_.parameters[i], state_.optimizer[i], state_.hyper);
      const size_t next = state_.plan->next_to_learn(i + 1);
      cursor.pc = static_cast<int32_t>(next);
      result.ends_phase = next == all.size();
      result.ends_layer = result.ends_phase || all[next].node != result.node;
      break;
    }
    case Phase::evaluate:
      break;
  }
  return result;
}

const Tensor& Session::value_of(NodeId node) const {
  return state_.values[static_cast<size_t>(state_.plan->results.at(node))];
}

void Session::start_backward(const LoopItem& item) {
  const Tensor root =
      item.of ? value_of(item.of) : state_.values[static_cast<size_t>(state_.plan->loss)];
  try {
    state_.backward.start(root, item.gradient ? value_of(item.gradient) : Tensor(),
                          item.retain_graph);
  } catch (const Error& error) {
    blame(item.of, error);
  }
  state_.backward_started = true;
}

BackwardTask::Step Session::step_backward() {
  const NodeId node = node_of(*state_.backward.next());
  const ScopedValue<int64_t> origin(context().origin, node);
  try {
    return state_.backward.step();
  } catch (const DataError&) {
    throw;  // of another call
  } catch (const Error& error) {
    blame(node, error);
  }
}

// One step of the evaluation: a batch of the test set is fetched, then run op by op without grad.
StepResult Session::step_evaluation() {
  StepResult result;
  Cursor& cursor = state_.cursor;
  Metrics& metrics = state_.metrics;
  const NoGradGuard no_grad;
  result.batch = cursor.eval_batch;
  if (cursor.pc == 0) {
    result.kind = StepResult::Kind::fetch;
    result.ends_layer = true;
    if (cursor.eval_batch == 0) {
      metrics.eval_loss_sum = 0;
      metrics.eval_correct = metrics.eval_samples = 0;
      Generator generator;
      generator.set_state(state_.generator);
      generator.random_int64();  // as PyTorch's DataLoader, shuffled or not
      state_.generator = generator.state();
    }
    fetch(*test_loader_, std::nullopt, cursor.eval_batch, false);
    cursor.pc = 1;
    return result;
  }
  const Plan& plan = *state_.plan;
  const int32_t index = cursor.pc - 1;
  result.kind = StepResult::Kind::call;
  result.index = index;
  result.node = plan.calls[static_cast<size_t>(index)].node;
  call_op(index);
  ++cursor.pc;
  if (cursor.pc - 1 < static_cast<int32_t>(plan.calls.size())) {
    result.ends_layer = plan.calls[static_cast<size_t>(cursor.pc - 1)].node != result.node;
    return result;
  }
  result.ends_layer = true;
  result.ends_batch = true;
  const double loss = state_.values[static_cast<size_t>(plan.loss)].item();
  if (!std::isfinite(loss)) report_bad_evaluation(loss);
  metrics.eval_loss_sum += loss;
  metrics.eval_correct += static_cast<int64_t>(correct().item());
  metrics.eval_samples += plan.batch_size;
  cursor.pc = 0;
  ++cursor.eval_batch;
  if (cursor.eval_batch == test_loader_->batch_count()) {
    metrics.test_loss = metrics.eval_loss_sum / static_cast<double>(cursor.eval_batch);
    metrics.test_accuracy =
        static_cast<double>(metrics.eval_correct) / static_cast<double>(metrics.eval_samples);
    cursor.eval_batch = 0;
    result.ends_phase = true;
  }
  return result;
}

// Moves on to the next item of the list; at its end to the next batch, list or epoch.
void Session::end_item(StepResult& result) {
  const Loop& loop = graph_.training.loop;
  Cursor& cursor = state_.cursor;
  cursor.pc = 0;
  ++cursor.item;
  if (!cursor.after_batches) {
    if (cursor.item < static_cast<int32_t>(loop.each_batch.size())) return;
    result.ends_batch = true;
    finish_batch();
    cursor.item = 0;
    if (++cursor.batch < train_loader_->batch_count()) return;
    Metrics& metrics = state_.metrics;
    metrics.train_loss = {};
    metrics.train_accuracy = {};
    if (metrics.losses) {
      metrics.train_loss = metrics.loss_sum / static_cast<double>(metrics.losses);
      metrics.train_accuracy = state_.correct.item() / static_cast<double>(metrics.samples);
    }
    metrics.loss_sum = 0;
    metrics.losses = metrics.samples = 0;
    state_.correct = {};
    state_.shuffle_seed = {};
    cursor.after_batches = true;
  }
  if (cursor.item < static_cast<int32_t>(loop.each_epoch.size())) return;
  finish_batch();
  result.ends_epoch = true;
  cursor.after_batches = false;
  cursor.item = 0;
  cursor.batch = 0;
  ++cursor.epoch;
  settle();
}

Tensor Session::correct() const {
  const Tensor& prediction = state_.values[static_cast<size_t>(state_.plan->prediction)];
  const Tensor& target = state_.values[static_cast<size_t>(state_.plan->target)];
  return sum(eq(argmax(prediction, 1), target));
}

// At the end of a batch nothing of it is kept but what was learnt.
void Session::finish_batch() {
  Runtime::current().backend(options_.device).flush();
  if (keeps_values()) return;  // a learner may want to look; the next batch clears it
  for (Tensor& value : state_.values) value = {};
}

void Session::fetch(DataLoader& loader, std::optional<int64_t> seed, int64_t batch, bool training) {
  const Batch& data = loader.get(seed, batch);
  state_.plan = plan_for(training, data.size);
  state_.values = bound_values(*state_.plan, data.samples, data.labels);
}

// The values that are there before the first call.
std::vector<Tensor> Session::bound_values(const Plan& plan, std::span<const float> samples,
                                          std::span<const int64_t> labels) const {
  std::vector<Tensor> values(plan.values.size());
  for (size_t i = 0; i < plan.values.size(); ++i) {
    const PlanValue& value = plan.values[i];
    switch (value.kind) {
      case PlanValue::Kind::input:
        values[i] = Tensor::from(samples, value.meta.sizes, options_.device);
        break;
      case PlanValue::Kind::target:
        if (!labels.empty()) values[i] = Tensor::from(labels, value.meta.sizes, options_.device);
        break;
      case PlanValue::Kind::parameter:
        values[i] = state_.parameters[static_cast<size_t>(value.index)];
        break;
      case PlanValue::Kind::constant:
        values[i] = Tensor::scalar(value.constant, value.meta.dtype);
        break;
      case PlanValue::Kind::result:
        break;
    }
  }
  return values;
}

namespace {

// Does a call of the plan; its results go to their places.
void run_call(const Plan& plan, int32_t index, std::vector<Tensor>& values) {
  const PlanCall& call = plan.calls[static_cast<size_t>(index)];
  const ScopedValue<int64_t> origin(context().origin, call.node);
  Tensors inputs;
  for (ValueId id : call.inputs) {
    inputs.push_back(id == kNoValue ? Tensor() : values[static_cast<size_t>(id)]);
  }
  Tensors outputs = call_all(op_def(call.op), inputs, call.attrs,
                             call.inplace ? CallMode::inplace : CallMode::functional);
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].grad_fn()) outputs[i].grad_fn()->call_index = index;
    values[static_cast<size_t>(call.outputs[i])] = std::move(outputs[i]);
  }
}

}  // namespace

void Session::call_op(int32_t index) {
  try {
    run_call(*state_.plan, index, state_.values);
  } catch (const DataError&) {
    throw;  // of another call
  } catch (const Error& error) {
    blame(state_.plan->calls[static_cast<size_t>(index)].node, error);
  }
  if (keeps_values()) return;
  for (ValueId id : state_.plan->calls[static_cast<size_t>(index)].inputs) {
    if (id == kNoValue) continue;  // results die at their last use
    const PlanValue& value = state_.plan->values[static_cast<size_t>(id)];
    if (value.kind == PlanValue::Kind::result && value.last_use == index) {
      state_.values[static_cast<size_t>(id)] = {};
    }
  }
}

Tensor Session::predict(std::span<const float> samples, int64_t count) const {
  if (!has_data()) fail("session", "a drawing without a data set predicts nothing");
  const NoGradGuard no_grad;
  const ScopedValue<Observer*> unwatched(context().observer, nullptr);
  const std::shared_ptr<const Plan> plan = plan_for(false, count);
  std::vector<Tensor> values = bound_values(*plan, samples, {});
  for (int32_t i = 0; i < plan->loss_begin; ++i) run_call(*plan, i, values);
  return values[static_cast<size_t>(plan->prediction)];
}

int32_t Session::parameter_of(const Node& node) const {
  const auto* leaf = dynamic_cast<const AccumulateGrad*>(&node);
  for (size_t i = 0; leaf && i < state_.parameters.size(); ++i) {
    if (leaf->variable().is(state_.parameters[i])) return static_cast<int32_t>(i);
  }
  return -1;
}

NodeId Session::node_of(const Node& node) const {
  if (node.call_index >= 0) {
    return state_.plan->calls[static_cast<size_t>(node.call_index)].node;
  }
  const int32_t parameter = parameter_of(node);
  return parameter < 0 ? 0 : state_.plan->parameters[static_cast<size_t>(parameter)].node;
}

std::vector<std::pair<std::string, Tensor>> Session::state_dict() const {
  std::vector<std::pair<std::string, Tensor>> result;
  const Plan& plan = this->plan();
  for (size_t i = 0; i < state_.parameters.size(); ++i) {
    result.emplace_back(plan.parameters[i].name, state_.parameters[i]);
  }
  return result;
}

}  // namespace gradus
