#include "core/session/fit.h"

#include <algorithm>

#include "core/session/session.h"

namespace gradus {
namespace {

void check_samples(const NetGraph& graph, const Plan& plan, const Dataset& data) {
  const Dims& input = plan.values[static_cast<size_t>(plan.input)].meta.sizes;
  const Dims sample = data.sample_shape();
  if (equal(DimsView(input).subspan(1), sample)) return;
  const auto culprit = std::ranges::find(graph.nodes(), std::string_view("Input"), &NetNode::type);
  throw NodeError(
      fmt::format("[{}] takes samples of shape {}, the data set {} has {}: set its shape to [{}]",
                  culprit->name, to_prose(DimsView(input).subspan(1)), data.name(),
                  to_prose(sample), fmt::join(sample.begin(), sample.end(), ", ")),
      culprit->id);
}

void check_classes(const NetGraph& graph, const Plan& plan, const Dataset& data) {
  const PlanValue& scores = plan.values[static_cast<size_t>(plan.prediction)];
  const auto classes = static_cast<int64_t>(data.class_names().size());
  if (scores.meta.sizes.back() >= classes) return;
  const NodeId culprit = scores.index < 0 ? 0 : plan.calls[static_cast<size_t>(scores.index)].node;
  throw NodeError(
      fmt::format("[{}] gives {} scores for each sample, {} has {} classes: set the last layer's "
                  "out_features to {}",
                  culprit ? graph.node(culprit).name : "network", scores.meta.sizes.back(),
                  data.name(), classes, classes),
      culprit);
}

double mebibytes(const TensorMeta& meta) {
  return static_cast<double>(numel(meta.sizes)) * static_cast<double>(item_size(meta.dtype)) /
         0x1p20;
}

void check_tensors(const NetGraph& graph, const Plan& plan, const Backend& backend) {
  const double most = static_cast<double>(backend.most_bytes_of_a_tensor()) / 0x1p20;
  const auto check_one = [&](const TensorMeta& meta, NodeId node, const char* cure) {
    if (!backend.works_with(meta.dtype)) {
      throw NodeError(
          fmt::format("[{}] is {}, {} does not work with it: use float32, or compute on the CPU",
                      node ? graph.node(node).name : "network", to_string(meta.dtype),
                      to_string(backend.device())),
          node);
    }
    if (mebibytes(meta) <= most) return;
    throw NodeError(
        fmt::format("[{}] needs a tensor of {:.1f} MiB ({}), {} can work on {:.1f} MiB at once: "
                    "use a smaller {}",
                    node ? graph.node(node).name : "network", mebibytes(meta), to_prose(meta.sizes),
                    to_string(backend.device()), most, cure),
        node);
  };
  for (const PlanParameter& parameter : plan.parameters) {
    check_one({parameter.sizes, parameter.dtype}, parameter.node, "layer");
  }
  for (const PlanValue& value : plan.values) {
    if (value.kind == PlanValue::Kind::parameter) continue;
    const bool made = value.kind == PlanValue::Kind::result && value.index >= 0;
    check_one(value.meta, made ? plan.calls[static_cast<size_t>(value.index)].node : 0,
              "batch or layer");
  }
}

// Parameters, gradients, momentum and the first snapshot; results of forward, and about as much for
// backward.
void check_memory(const Plan& plan, const Backend& backend) {
  const double needed = 4 * plan.parameter_bytes() + 2 * plan.result_bytes();
  const double free = static_cast<double>(backend.available_bytes());
  if (needed <= free) return;
  fail("network",
       "it takes about {:.1f} GiB, {:.1f} GiB are free: use smaller layers or a smaller "
       "batch",
       needed / 0x1p30, free / 0x1p30);
}

}  // namespace

void check_fits(const NetGraph& graph, const Plan& plan, const DataSplit& data,
                const Backend& backend) {
  if (graph.training.has_data()) {
    check_samples(graph, plan, *data.train);
    check_classes(graph, plan, *data.train);
  }
  check_tensors(graph, plan, backend);
  check_memory(plan, backend);
}

}  // namespace gradus
