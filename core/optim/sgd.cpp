#include "core/optim/sgd.h"

#include <cmath>

#include "core/autograd/grad_mode.h"
#include "core/op/creation.h"
#include "core/op/functions.h"

namespace gradus::optim {

void sgd_update(const Tensor& parameter, ParamState& state, const Hyper& hyper) {
  const Tensor grad = parameter.grad();
  if (!grad.defined()) return;
  const NoGradGuard no_grad;
  const bool first = hyper.momentum != 0.0 && !state.momentum_buffer.defined();
  if (first) {
    state.momentum_buffer = empty_like(parameter);
  }
  sgd_step(parameter, grad, hyper.momentum != 0.0 ? state.momentum_buffer : Tensor(), hyper.lr,
           hyper.momentum, first);
  ++state.updates;
}

void check(const Hyper& hyper) {
  if (!(hyper.lr >= 0 && hyper.lr <= 1e30)) {
    fail("SGD", "the learning rate must be a number of 0 or more, got {}. 0.001 to 0.1 is usual",
         hyper.lr);
  }
  if (!(hyper.momentum >= 0 && hyper.momentum <= 1e30)) {
    fail("SGD", "the momentum must be a number of 0 or more, got {}. 0 or 0.9 is usual",
         hyper.momentum);
  }
}

}  // namespace gradus::optim
