// Tensors as PyTorch prints them, to the character: "tensor([[1., 2.],\n        [3., 4.]])".
// Source: torch/_tensor_str.py.
#pragma once

#include <optional>
#include <string>

#include "core/tensor/tensor.h"

namespace gradus {

struct PrintOptions {  // torch.set_printoptions
  int precision = 4;
  int64_t threshold = 1000;  // more elements than that are summarised
  int64_t edge_items = 3;
  int line_width = 80;
  std::optional<bool> scientific = {};  // unless set, as the numbers need it
};

// str(tensor): values, then dtype, device and grad_fn where they are not what one expects. Waits
// for the device.
std::string to_string(const Tensor& tensor, const PrintOptions& options = {});

}  // namespace gradus
