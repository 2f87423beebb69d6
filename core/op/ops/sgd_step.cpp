#include "core/op/functions.h"
#include "core/op/layout.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  shape::require_floating_point(call, 0);
  for (size_t i : {size_t{0}, size_t{2}}) {
    if (call.input(i).defined() && !in_order_of(call.input(i), call.input(0)).is_contiguous()) {
      fail(call.op, "updates tensors that are laid out densely; this {} is a view",
           i == 0 ? "parameter" : "momentum buffer");
    }
  }
  for (size_t i = 1; i < 3; ++i) {
    if (call.input(i).defined() && call.input(i).meta() != call.input(0).meta()) {
      fail(call.op, "the {} has shape {}, the parameter {}",
           i == 1 ? "gradient" : "momentum buffer", to_prose(call.input(i).sizes()),
           to_prose(call.input(0).sizes()));
    }
  }
  shape::same_as_input(call, outputs);
  if (call.input(2).defined()) outputs.push_back(outputs[0]);
}

}  // namespace

const OpDef ops::sgd_step{
    .id = OpId::sgd_step,
    .torch = "sgd_step(parameter, grad, momentum_buffer, lr, momentum, first)",
    .category = Category::optimizer,
    .inputs = {{"parameter", "what is updated"},
               {"grad", "its gradient"},
               {"momentum_buffer", "running sum of gradients; updated", true}},
    .attrs = {{"lr", AttrType::real, {}, 0, 1e30, "Learning rate."},
              {"momentum", AttrType::real, 0.0, 0, 1e30, "Share of the old direction to keep."},
              {"first", AttrType::boolean, false, 0, 1, "The buffer starts as the gradient."}},
    .infer = infer,
    .writes = 0b101,
    .summary = "One update of torch.optim.SGD: against the gradient, with momentum.",
    .formula = R"(b \leftarrow \mu b + g,\quad w \leftarrow w - \eta\, b)",
    .grad_formula = "",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({2, 3}, -2, 2, 2), {}},
                Attrs{AttrValue(0.1)});
          s.add({sample::uniform({5}, -2, 2, 3), sample::uniform({5}, -2, 2, 4),
                 sample::uniform({5}, -2, 2, 5)},
                Attrs{AttrValue(0.1), AttrValue(0.9)});
          s.add({sample::uniform({5}, -2, 2, 6), sample::uniform({5}, -2, 2, 7),
                 sample::uniform({5}, -2, 2, 8)},
                Attrs{AttrValue(0.1), AttrValue(0.9), AttrValue(true)});
        },
};

void sgd_step(const Tensor& parameter, const Tensor& grad, const Tensor& momentum_buffer, double lr,
              double momentum, bool first_step) {
  call(ops::sgd_step, {parameter, grad, momentum_buffer},
       Attrs{AttrValue(lr), AttrValue(momentum), AttrValue(first_step)});
}

}  // namespace gradus
