#include <cmath>

#include "core/base/error.h"
#include "core/nn/init.h"
#include "core/nn/layer_def.h"
#include "core/op/functions.h"

namespace gradus::nn {
namespace {

enum : size_t { kIn, kOut, kBias };

void complete(Attrs& attrs, std::span<const Tensor> inputs) {
  const Tensor& x = inputs[0];
  if (x.dim() < 1) fail("linear", "expects at least one dimension, got a scalar");
  const int64_t features = x.size(-1);
  if (std::holds_alternative<std::monostate>(attrs[kIn])) attrs[kIn] = features;
  const int64_t expected = std::get<int64_t>(attrs[kIn]);
  if (expected == features) return;
  const bool flatten_helps = x.dim() > 2 && numel(x.sizes()) == expected * x.size(0);
  fail("linear", "expects {} features in the last dimension, got {} (input {}). {}", expected,
       features, to_prose(x.sizes()),
       flatten_helps
           ? "Put a Flatten before it."
           : fmt::format("Set in_features to {}, or change what comes before.", features));
}

std::vector<ParamSpec> parameters(const Attrs& attrs) {
  const int64_t in = std::get<int64_t>(attrs[kIn]);
  const int64_t out = std::get<int64_t>(attrs[kOut]);
  std::vector<ParamSpec> specs;
  specs.push_back({"weight", Dims{out, in}, [](DimsView sizes, const Attrs&, Generator& g) {
                     return kaiming_uniform(sizes, std::sqrt(5.0), g);
                   }});
  if (std::get<bool>(attrs[kBias])) {
    specs.push_back({"bias", Dims{out}, [](DimsView sizes, const Attrs& a, Generator& g) {
                       return bias_uniform(sizes, std::get<int64_t>(a[kIn]), g);
                     }});
  }
  return specs;
}

// As torch.nn.functional.linear: more dimensions than two are folded into rows and unfolded again.
Tensor forward(const LayerCall& call) {
  const Tensor& x = call.inputs[0];
  const Tensor weight_t = t(call.parameters[0]);
  const bool has_bias = call.parameters.size() > 1;
  const auto product = [&](const Tensor& rows) {
    return has_bias ? addmm(call.parameters[1], rows, weight_t) : mm(rows, weight_t);
  };
  if (x.dim() == 2) return product(x);
  Dims sizes = x.sizes();
  const Tensor y = product(reshape(x, Dims{-1, x.size(-1)}));
  sizes.back() = y.size(1);
  return view(y, sizes);
}

}  // namespace

const LayerDef layers::Linear{
    .name = "Linear",
    .torch = "nn.Linear",
    .kind = LayerKind::layer,
    .inputs = {{"x", "N×in_features"}},
    .attrs = {{"in_features",
               AttrType::integer,
               {},
               1,
               1e9,
               "Numbers per sample; follows from the wire if not given."},
              {"out_features", AttrType::integer, {}, 1, 1e9, "Numbers per sample afterwards."},
              {"bias", AttrType::boolean, true, 0, 1, "Add a learnt number to each output."}},
    .complete = complete,
    .parameters = parameters,
    .forward = forward,
    .summary = "Weighted sums of all inputs, one per output, plus a bias.",
    .formula = R"(Y = X W^T + b)",
};

}  // namespace gradus::nn
