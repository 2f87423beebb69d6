// "Why is this grad None?"
#pragma once

#include <string>

#include "core/autograd/node.h"

namespace gradus {

enum class NoGradReason : uint8_t {
  none,             // it has a gradient
  whole_numbers,    // its dtype has no gradients
  frozen,           // neither it nor anything it was computed from requires grad
  detached,         // detach() cut it off
  no_grad,          // it was computed under no_grad
  no_rule,          // the op that made it has no gradient
  not_retained,     // not a leaf: its gradient is used and dropped
  not_on_the_path,  // nothing leads from the root to it
  not_run,          // backward has not come to it yet
  reset,            // it had one, which zero_grad() has taken away
};

const char* to_string(NoGradReason reason);  // "not retained"

struct WhyNoGrad {
  NoGradReason reason = NoGradReason::none;
  std::string text;  // the reason and the cure, in words
  NodePtr place;     // the node that it is about, where there is one
};

// Why `tensor.grad()` is undefined. `root`: what backward starts from, if that is known.
WhyNoGrad why_no_grad(const Tensor& tensor, const Tensor& root = {});

}  // namespace gradus
