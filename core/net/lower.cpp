#include "core/net/lower.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/autograd/backward_task.h"
#include "core/autograd/history.h"
#include "core/autograd/node.h"
#include "core/base/error.h"
#include "core/op/observer.h"
#include "core/tensor/runtime.h"

namespace gradus {
namespace {

// Writes down the calls that happen, as a Plan.
class Recorder final : public Observer {
 public:
  explicit Recorder(Plan& plan) : plan_(plan) {}

  ValueId add(const Tensor& tensor, PlanValue value) {
    const ValueId id = static_cast<ValueId>(plan_.values.size());
    value.meta = tensor.meta();
    plan_.values.push_back(std::move(value));
    ids_[tensor.impl()] = id;
    kept_.push_back(tensor);  // so that no other tensor takes its address
    return id;
  }
  ValueId id_of(const Tensor& tensor) const { return ids_.at(tensor.impl()); }
  void set_node(const NetNode& node) { node_ = &node; }

  bool wants(const OpDef&) override { return true; }
  void on_call(const CallRecord& record) override {
    PlanCall call;
    call.op = record.op.id;
    call.attrs = record.attrs;
    const int32_t index = static_cast<int32_t>(plan_.calls.size());
    for (const Tensor& input : record.inputs) {
      if (!input.defined()) {
        call.inputs.push_back(kNoValue);
        continue;
      }
      const auto found = ids_.find(input.impl());
      ValueId id = found != ids_.end() ? found->second : kNoValue;
      if (found == ids_.end()) {
        if (!input.is_wrapped_number()) {
          fail(record.op.name(), "reads a tensor that is no part of the network");
        }
        id = add(
            input,
            {.kind = PlanValue::Kind::constant, .name = {}, .meta = {}, .constant = input.item()});
      }
      plan_.values[static_cast<size_t>(id)].last_use = index;
      call.inputs.push_back(id);
    }
    for (const Tensor& output : record.outputs) {
      if (record.inplace) {
        call.outputs.push_back(id_of(output));
        continue;
      }
      call.outputs.push_back(add(output, {.kind = PlanValue::Kind::result,
                                          .name = node_->name,
                                          .meta = {},
                                          .index = index,
                                          .is_view = output.is_view()}));
    }
    for (const Tensor& output : record.outputs) {
      if (output.grad_fn()) output.grad_fn()->call_index = index;
    }
    call.node = node_->id;
    call.inplace = record.inplace;
    plan_.calls.push_back(std::move(call));
  }

 private:
  Plan& plan_;
  std::unordered_map<const TensorImpl*, ValueId> ids_;
  std::vector<Tensor> kept_;
  const NetNode* node_ = nullptr;
};

Attrs attrs_of(const NetNode& node, const std::vector<AttrSpec>& specs) {
  Attrs attrs;
  for (const AttrSpec& spec : specs) {
    const auto given = node.attrs.find(spec.name);
    attrs.push_back(given != node.attrs.end() ? given->second : spec.default_value);
  }
  return attrs;
}

void require(const NetNode& node, const std::vector<AttrSpec>& specs, const Attrs& attrs) {
  for (size_t i = 0; i < specs.size(); ++i) {
    if (std::holds_alternative<std::monostate>(attrs[i])) {
      fail(node.type, "{} is not set. {}", specs[i].name, specs[i].help);
    }
  }
}

// Runs the network once on meta tensors. A node's error goes to `inference`, and what depends on it
// is left out; with `plan`, the calls are recorded.
class Tracer {
 public:
  Tracer(const NetGraph& graph, int64_t batch_size, bool training)
      : graph_(graph), batch_size_(batch_size), recorder_(plan_) {
    plan_.batch_size = batch_size;
    plan_.training = training;
  }

  void run() {
    const ScopedValue<Observer*> observe(context().observer, &recorder_);
    const ScopedValue<bool> grad(context().grad_enabled, true);
    for (NodeId id : graph_.order()) {
      const NetNode& node = graph_.node(id);
      NodeInference& inference = inferences_[id];
      recorder_.set_node(node);
      Tensors inputs;
      if (!collect_inputs(node, inputs, inference)) continue;
      try {
        const Tensor output = forward(node, inputs, inference);
        outputs_[id] = output;
        plan_.results[id] = recorder_.id_of(output);
        inference.output = output.meta();
      } catch (const Error& error) {
        inference.error = error.what();
      }
    }
    last_values();
  }

  std::map<NodeId, NodeInference>& inferences() { return inferences_; }
  Plan& plan() { return plan_; }
  int losses() const { return losses_; }
  bool loss_requires_grad() const { return loss_.defined() && loss_.requires_grad(); }

  // Throws what the loop's steps would throw: that there is no such node, that it does not require
  // grad, that it needs a gradient of another shape.
  void check_loop() {
    bool lost = false;  // whether the loss is not there yet
    for (const LoopItem& item : graph_.training.loop.each_batch) {
      if (item.phase == Phase::forward) lost = true;
      if (item.phase == Phase::loss) lost = false;
      for (NodeId id : {item.of, item.gradient}) {
        if (id && !graph_.has(id)) {
          fail("loop", "{}: there is no node {} in the drawing", to_string(item.phase), id);
        }
        if (id && lost && belongs_to_loss(id)) {
          fail("loop", "{} needs loss before it: {} is not there earlier", to_string(item, graph_),
               graph_.node(id).name);
        }
      }
      if (!item.of) continue;
      const Tensor& of = outputs_.at(item.of);
      try {
        if (item.phase == Phase::retain_grad) retain_grad(of);
        if (item.phase != Phase::backward) continue;
        BackwardTask(of, item.gradient ? outputs_.at(item.gradient) : Tensor(), true);
      } catch (const Error& error) {
        fail("loop", "{}: {}", to_string(item, graph_), without_place(error.what()));
      }
    }
  }

  bool belongs_to_loss(NodeId id) const {
    const PlanValue& value = plan_.values[static_cast<size_t>(plan_.results.at(id))];
    return plan_.loss != kNoValue && value.kind == PlanValue::Kind::result &&
           value.index >= plan_.loss_begin;
  }

  // The autograd graphs, as recorded on meta tensors: that behind the loss; without one, those
  // behind what backward starts from and all that leads nowhere.
  void find_grad_nodes() {
    std::vector<Tensor> roots;
    const auto add_root = [&](const Tensor& root) {
      if (root.defined() && root.grad_fn()) roots.push_back(root);
    };
    if (loss_.defined()) {
      add_root(loss_);
    } else {
      for (const LoopItem& item : graph_.training.loop.each_batch) {
        if (item.phase == Phase::backward && item.of) add_root(outputs_.at(item.of));
      }
      for (const NetNode& node : graph_.nodes()) {
        const bool leads_on = std::ranges::any_of(
            graph_.wires(), [&](const Wire& wire) { return wire.from == node.id; });
        if (!leads_on) add_root(outputs_.at(node.id));
      }
    }
    std::vector<Node*> nodes;
    std::map<const Node*, int32_t> ids;
    const auto id_of = [&](Node* node) {
      const auto [found, fresh] = ids.emplace(node, static_cast<int32_t>(nodes.size()));
      if (fresh) nodes.push_back(node);
      return found->second;
    };
    for (const Tensor& root : roots) id_of(root.grad_fn().get());
    for (size_t i = 0; i < nodes.size(); ++i) {
      PlanGradNode result{.name = nodes[i]->name(), .next_functions = {}};
      if (const auto* leaf = dynamic_cast<const AccumulateGrad*>(nodes[i])) {
        const ValueId value = recorder_.id_of(leaf->variable());
        result.parameter = plan_.values[static_cast<size_t>(value)].index;
        result.node = plan_.parameters[static_cast<size_t>(result.parameter)].node;
      } else {
        result.call = nodes[i]->call_index;
        result.node = plan_.calls[static_cast<size_t>(result.call)].node;
      }
      for (const Edge& edge : nodes[i]->next_functions()) {
        if (!edge.node) continue;
        result.next_functions.push_back(
            {id_of(edge.node.get()), edge.node->output_metas()[edge.input_nr].sizes});
      }
      plan_.grad_nodes.push_back(std::move(result));
    }
  }

 private:
  // False where an input is missing (an error of this node) or could not be computed (not one).
  bool collect_inputs(const NetNode& node, Tensors& inputs, NodeInference& inference) {
    const nn::LayerDef* layer = nn::find_layer(node.type);
    const std::vector<InputSpec>& specs = layer ? layer->inputs : find_op(node.type)->inputs;
    const bool variadic = !layer && find_op(node.type)->variadic;
    const int fixed = static_cast<int>(specs.size());
    const int ports = variadic ? std::max(fixed, graph_.ports_reached(node.id)) : fixed;
    bool ready = true;
    for (int i = 0; i < ports; ++i) {
      const auto port = static_cast<size_t>(i);
      const Wire* wire = graph_.wire_into(node.id, i);
      if (!wire && variadic && (i > 0 || ports > 1)) continue;  // a gap
      if (!wire) {
        if (specs[port].optional) {
          inputs.push_back({});
          continue;
        }
        inference.error = fmt::format("[{}] its input {:?} is not connected: draw a wire into it",
                                      node.type, specs[port].name);
        return false;
      }
      const auto found = outputs_.find(wire->from);
      if (found == outputs_.end()) {
        ready = false;
        continue;
      }
      inputs.push_back(found->second);
    }
    return ready;
  }

  Tensor forward(const NetNode& node, const Tensors& inputs, NodeInference& inference) {
    const nn::LayerDef* layer = nn::find_layer(node.type);
    if (!layer) {
      const OpDef& op = *find_op(node.type);
      Attrs attrs = attrs_of(node, op.attrs);
      require(node, op.attrs, attrs);
      return call_all(op, inputs, std::move(attrs))[0];
    }
    Attrs attrs = attrs_of(node, layer->attrs);
    if (layer->complete) {
      const ScopedValue<Observer*> unwatched(context().observer, nullptr);
      layer->complete(attrs, inputs);
    }
    require(node, layer->attrs, attrs);
    if (layer == &nn::layers::Input) {
      Dims sizes{batch_size_};
      for (int64_t size : std::get<Dims>(attrs[0])) sizes.push_back(size);
      return source(node, PlanValue::Kind::input, sizes, DType::float32, plan_.input);
    }
    if (layer == &nn::layers::Target) {
      return source(node, PlanValue::Kind::target, Dims{batch_size_}, DType::int64, plan_.target);
    }

    Tensors parameters;
    if (layer->parameters) {
      for (const nn::ParamSpec& spec : layer->parameters(attrs)) {
        inference.parameters.emplace_back(spec.name, spec.sizes);
        const std::string name =
            *spec.name ? fmt::format("{}.{}", node.name, spec.name) : node.name;
        const Tensor value = Tensor::empty(spec.sizes, spec.dtype, kMeta);
        value.set_requires_grad(spec.requires_grad);
        const int32_t index = static_cast<int32_t>(plan_.parameters.size());
        plan_.parameters.push_back(
            {name, node.id, spec.sizes, attrs, spec.init, spec.dtype, spec.requires_grad});
        plan_.parameter_values.push_back(recorder_.add(
            value, {.kind = PlanValue::Kind::parameter, .name = name, .meta = {}, .index = index}));
        parameters.push_back(value);
      }
    }
    if (layer->kind == nn::LayerKind::loss) {
      ++losses_;
      plan_.loss_begin = static_cast<int32_t>(plan_.calls.size());
      plan_.prediction = recorder_.id_of(inputs[0]);
    }
    Tensor output = layer->forward({inputs, parameters, attrs, plan_.training});
    if (layer->kind == nn::LayerKind::loss) {
      plan_.loss = recorder_.id_of(output);
      loss_ = output;
    }
    return output;
  }

  Tensor source(const NetNode& node, PlanValue::Kind kind, const Dims& sizes, DType dtype,
                ValueId& slot) {
    if (slot != kNoValue) {
      fail(node.type, "a network has one {}, this is the second", node.type);
    }
    Tensor value = Tensor::empty(sizes, dtype, kMeta);
    slot = recorder_.add(value, {.kind = kind, .name = node.name, .meta = {}});
    return value;
  }

  // What the session looks at after the calls is never dropped early.
  void last_values() {
    if (plan_.loss == kNoValue) plan_.loss_begin = static_cast<int32_t>(plan_.calls.size());
    const auto keep = [&](ValueId id) {
      if (id != kNoValue) plan_.values[static_cast<size_t>(id)].last_use = -1;
    };
    for (ValueId id : {plan_.prediction, plan_.loss, plan_.target}) keep(id);
    for (const LoopItem& item : graph_.training.loop.each_batch) {
      for (NodeId id : {item.of, item.gradient}) {
        if (plan_.results.contains(id)) keep(plan_.results.at(id));
      }
    }
  }

  const NetGraph& graph_;
  int64_t batch_size_;
  Plan plan_;
  Recorder recorder_;
  std::map<NodeId, NodeInference> inferences_;
  std::map<NodeId, Tensor> outputs_;
  int losses_ = 0;
  Tensor loss_;
};

// Throws Error naming a node that neither the loss nor the loop depends on.
void require_all_used(const NetGraph& graph) {
  std::set<NodeId> used;
  for (const LoopItem& item : graph.training.loop.each_batch) used.insert({item.of, item.gradient});
  const std::vector<NodeId> order = graph.order();
  for (size_t i = order.size(); i-- > 0;) {
    const NetNode& node = graph.node(order[i]);
    const nn::LayerDef* layer = nn::find_layer(node.type);
    if (layer && layer->kind == nn::LayerKind::loss) used.insert(node.id);
    if (!used.contains(node.id)) {
      fail(node.name, "leads nowhere: the loss does not depend on it. Connect it, or remove it");
    }
    for (const Wire& wire : graph.wires()) {
      if (wire.to == node.id) used.insert(wire.from);
    }
  }
}

// Throws Error naming a node that needs a data set, where there is none.
void refuse_data(const NetGraph& graph) {
  if (graph.nodes().empty()) fail("network", "it is empty: add a Tensor");
  for (const NetNode& node : graph.nodes()) {
    const nn::LayerDef* layer = nn::find_layer(node.type);
    const bool needs_it = layer && (layer == &nn::layers::Input || layer == &nn::layers::Target ||
                                    layer->kind == nn::LayerKind::loss);
    if (needs_it) {
      fail(node.name, "a drawing without a data set has no {}: use a Tensor", node.type);
    }
  }
}

}  // namespace

std::map<NodeId, NodeInference> infer(const NetGraph& graph, int64_t batch_size) {
  Tracer tracer(graph, batch_size, true);
  tracer.run();
  return std::move(tracer.inferences());
}

std::shared_ptr<const Plan> lower(const NetGraph& graph, int64_t batch_size, bool training) {
  Tracer tracer(graph, batch_size, training);
  tracer.run();
  for (NodeId id : graph.order()) {
    const std::string& error = tracer.inferences()[id].error;
    if (!error.empty()) fail(graph.node(id).name, "{}", without_place(error));
  }
  const Plan& plan = tracer.plan();
  const bool has_data = graph.training.has_data();
  if (!has_data) refuse_data(graph);
  tracer.check_loop();
  tracer.find_grad_nodes();
  const bool learns = plan.next_to_learn(0) < plan.parameters.size();
  if (!has_data) {
    if (graph.training.loop.updates() && !learns)
      fail("loop", "update has nothing to do: no Tensor requires grad");
    return std::make_shared<const Plan>(plan);
  }
  if (plan.input == kNoValue) fail("network", "it has no Input node: nothing could flow");
  if (plan.target == kNoValue) {
    fail("network", "it has no Target node: the loss needs the right answers");
  }
  if (tracer.losses() != 1) {
    fail("network", "it needs one loss to learn from, it has {}: {}", tracer.losses(),
         tracer.losses() == 0 ? "add a CrossEntropyLoss" : "remove the others");
  }
  require_all_used(graph);
  if (!learns) fail("network", "it has no parameters, so nothing to learn");
  if (!tracer.loss_requires_grad()) {
    fail("network",
         "no gradient gets from the loss back to a parameter: an op between them has none");
  }
  return std::make_shared<const Plan>(plan);
}

size_t Plan::next_to_learn(size_t index) const {
  while (index < parameters.size() && !parameters[index].requires_grad) ++index;
  return index;
}

int32_t Plan::find_grad_node(int32_t call, int32_t parameter) const {
  for (size_t i = 0; i < grad_nodes.size(); ++i) {
    const PlanGradNode& node = grad_nodes[i];
    const bool same = parameter >= 0 ? node.parameter == parameter : call >= 0 && node.call == call;
    if (same) return static_cast<int32_t>(i);
  }
  return -1;
}

void Plan::add_reachable(ValueId root, std::vector<int32_t>& places) const {
  const PlanValue& value = values[static_cast<size_t>(root)];
  const bool leaf = value.kind == PlanValue::Kind::parameter;
  std::vector<char> seen(grad_nodes.size(), 0);
  std::vector<int32_t> found;
  const auto find = [&](int32_t place) {
    if (place >= 0 && !std::exchange(seen[static_cast<size_t>(place)], 1)) found.push_back(place);
  };
  find(leaf ? find_grad_node(-1, value.index) : find_grad_node(value.index, -1));
  for (size_t i = 0; i < found.size(); ++i) {
    for (const PlanGradNode::Edge& edge :
         grad_nodes[static_cast<size_t>(found[i])].next_functions) {
      find(edge.to);
    }
  }
  places.insert(places.end(), found.begin(), found.end());
}

double Plan::result_bytes() const {
  double bytes = 0;
  for (const PlanValue& value : values) {
    if (value.kind == PlanValue::Kind::result && !value.is_view) {
      bytes += static_cast<double>(numel(value.meta.sizes)) *
               static_cast<double>(item_size(value.meta.dtype));
    }
  }
  return bytes;
}

double Plan::parameter_bytes() const {
  double bytes = 0;
  for (const PlanParameter& parameter : parameters) {
    bytes += static_cast<double>(item_size(parameter.dtype)) *
             static_cast<double>(numel(parameter.sizes));
  }
  return bytes;
}

std::string to_string(const Plan& plan, const NetGraph& graph) {
  const auto name_of = [&](ValueId id) -> std::string {
    if (id == kNoValue) return "none";
    const PlanValue& value = plan.values[static_cast<size_t>(id)];
    if (value.kind == PlanValue::Kind::constant) return fmt::format("{:g}", value.constant);
    return value.kind == PlanValue::Kind::result ? fmt::format("%{}", id) : value.name;
  };
  std::string text;
  for (const PlanCall& call : plan.calls) {
    std::string arguments;
    for (ValueId id : call.inputs) arguments += (arguments.empty() ? "" : ", ") + name_of(id);
    const OpDef& op = op_def(call.op);
    for (size_t i = 0; i < call.attrs.size(); ++i) {
      arguments += fmt::format(", {}={}", op.attrs[i].name, attr_to_string(call.attrs[i]));
    }
    text += fmt::format("{} = {}{}({})  {}  {}\n", name_of(call.outputs[0]), op.name(),
                        call.inplace ? "_" : "", arguments,
                        to_string(plan.values[static_cast<size_t>(call.outputs[0])].meta.sizes),
                        graph.node(call.node).name);
  }
  return text;
}

}  // namespace gradus
