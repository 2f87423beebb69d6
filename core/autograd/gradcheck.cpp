#include "core/autograd/gradcheck.h"

#include <cmath>

#include "core/autograd/backward_task.h"
#include "core/autograd/grad_mode.h"
#include "core/op/functions.h"

namespace gradus {
namespace {

// Leaves with the inputs' values and layouts.
std::vector<Tensor> leaves_of(std::span<const Tensor> inputs) {
  std::vector<Tensor> leaves;
  for (const Tensor& input : inputs) {
    leaves.push_back(input.defined() ? input.detach() : input);
    if (input.defined() && input.requires_grad()) leaves.back().set_requires_grad(true);
  }
  return leaves;
}

std::vector<double> flat(const Tensor& tensor) { return tensor.to_vector<double>(); }

// All floating-point outputs, one after the other.
std::vector<double> values_of(const std::vector<Tensor>& outputs) {
  std::vector<double> values;
  for (const Tensor& output : outputs) {
    if (!is_floating_point(output.dtype())) continue;
    const std::vector<double> more = flat(output);
    values.insert(values.end(), more.begin(), more.end());
  }
  return values;
}

struct Jacobian {  // of one input: rows are its elements, columns those of the outputs
  size_t columns = 0;
  std::vector<double> entries;
};

Jacobian numerical(const Differentiable& function, std::span<const Tensor> inputs, size_t which,
                   double step) {
  const NoGradGuard no_grad;
  Jacobian result;
  std::vector<Tensor> moved(inputs.begin(), inputs.end());
  const std::vector<double> values = flat(inputs[which]);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto at = [&](double change) {
      std::vector<double> changed = values;
      changed[i] += change;
      moved[which] = Tensor::from(std::span<const double>(changed), inputs[which].sizes());
      return values_of(function(moved));
    };
    const std::vector<double> up = at(step);
    const std::vector<double> down = at(-step);
    result.columns = up.size();
    for (size_t j = 0; j < up.size(); ++j) {
      result.entries.push_back((up[j] - down[j]) / (2 * step));
    }
  }
  return result;
}

std::vector<Jacobian> analytical(const Differentiable& function, std::span<const Tensor> inputs) {
  const std::vector<Tensor> leaves = leaves_of(inputs);
  std::vector<Tensor> wanted;
  for (const Tensor& leaf : leaves) {
    if (leaf.defined() && leaf.requires_grad()) wanted.push_back(leaf);
  }
  const std::vector<Tensor> outputs = function(leaves);
  size_t columns = 0;
  for (const Tensor& output : outputs) {
    if (is_floating_point(output.dtype())) columns += static_cast<size_t>(output.numel());
  }
  std::vector<Jacobian> result;
  for (const Tensor& input : wanted) {
    result.push_back(
        {columns, std::vector<double>(static_cast<size_t>(input.numel()) * columns, 0.0)});
  }
  size_t column = 0;
  for (const Tensor& output : outputs) {
    if (!is_floating_point(output.dtype())) continue;
    for (int64_t j = 0; j < output.numel(); ++j, ++column) {
      if (!output.requires_grad()) continue;
      std::vector<double> one(static_cast<size_t>(output.numel()), 0.0);
      one[static_cast<size_t>(j)] = 1;
      const Tensor upstream =
          to(Tensor::from(std::span<const double>(one), output.sizes()), output.dtype());
      const std::vector<Tensor> grads =
          grad({&output, 1}, wanted, {&upstream, 1}, {.retain_graph = true}, /*allow_unused=*/true);
      for (size_t k = 0; k < wanted.size(); ++k) {
        if (!grads[k].defined()) continue;
        const std::vector<double> values = flat(grads[k]);
        for (size_t i = 0; i < values.size(); ++i) {
          result[k].entries[i * columns + column] = values[i];
        }
      }
    }
  }
  return result;
}

}  // namespace

GradcheckResult gradcheck(const Differentiable& function, std::span<const Tensor> inputs,
                          GradcheckOptions options) {
  GradcheckResult result;
  const std::vector<Jacobian> found = analytical(function, inputs);
  if (found.empty()) fail("gradcheck", "no input requires grad: there is nothing to check");
  size_t k = 0;
  for (size_t which = 0; which < inputs.size(); ++which) {
    if (!inputs[which].defined() || !inputs[which].requires_grad()) continue;
    if (inputs[which].dtype() != DType::float64) {
      fail("gradcheck", "input {} is {}: finite differences need float64", which,
           to_string(inputs[which].dtype()));
    }
    const Jacobian& ours = found[k++];
    const Jacobian expected = numerical(function, inputs, which, options.step);
    for (size_t i = 0; i < expected.entries.size(); ++i) {
      const double want = expected.entries[i];
      const double got = ours.entries[i];
      const double room = options.absolute_tolerance + options.relative_tolerance * std::abs(want);
      ++result.compared;
      result.worst = std::max(result.worst, std::abs(got - want) / (1 + std::abs(want)));
      if (std::abs(got - want) <= room || !result.ok) continue;
      result.ok = false;
      result.problem = fmt::format(
          "the gradient of output element {} by element {} of input {} is {}, finite differences "
          "say {}",
          i % expected.columns, i / expected.columns, which, got, want);
    }
  }
  return result;
}

GradcheckResult gradgradcheck(const Differentiable& function, std::span<const Tensor> inputs,
                              GradcheckOptions options) {
  const size_t count = inputs.size();
  std::vector<Tensor> all(inputs.begin(), inputs.end());
  std::vector<size_t> used;  // outputs that have a gradient
  const std::vector<Tensor> outputs = function(leaves_of(inputs));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].requires_grad()) continue;
    used.push_back(i);
    std::vector<double> upstream;
    for (int64_t j = 0; j < outputs[i].numel(); ++j) {
      upstream.push_back(std::sin(static_cast<double>(j + 1)));
    }
    all.push_back(
        to(Tensor::from(std::span<const double>(upstream), outputs[i].sizes()), outputs[i].dtype())
            .set_requires_grad(true));
  }
  const Differentiable gradients = [&](std::span<const Tensor> given) {
    std::vector<Tensor> roots;
    std::vector<Tensor> wanted;
    std::vector<Tensor> leaves;
    const EnableGradGuard records;
    for (size_t i = 0; i < count; ++i) {
      leaves.push_back(given[i]);
      if (!inputs[i].defined() || !inputs[i].requires_grad()) continue;
      if (!given[i].requires_grad()) leaves.back() = given[i].detach().set_requires_grad(true);
      wanted.push_back(leaves.back());
    }
    const std::vector<Tensor> made = function(leaves);
    for (size_t i : used) roots.push_back(made[i]);
    std::vector<Tensor> grads = grad(roots, wanted, given.subspan(count), {.create_graph = true},
                                     /*allow_unused=*/true);
    for (size_t i = 0; i < grads.size(); ++i) {
      if (!grads[i].defined()) grads[i] = zeros_like(wanted[i]);
    }
    return grads;
  };
  return gradcheck(gradients, all, options);
}

}  // namespace gradus
