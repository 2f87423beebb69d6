// What Python's brackets do: x[1], x[:, 0], x[..., -1], x[None], x[1:5:2], x[mask], x[[2, 0]], and
// assignment to them. Ints, slices, None and ... give views, tensors give copies.
// Source: torch/csrc/autograd/python_variable_indexing.cpp.
#pragma once

#include <optional>
#include <span>
#include <variant>

#include "core/op/functions.h"

namespace gradus {

struct Slice {  // start:end:step
  std::optional<int64_t> start = {};
  std::optional<int64_t> end = {};
  int64_t step = 1;
};
struct Ellipsis {};  // ...
struct NewAxis {};   // None

// A tensor of whole numbers looks up, one of bools is a mask over as many dimensions as it has.
using IndexItem = std::variant<int64_t, bool, Slice, Ellipsis, NewAxis, Tensor>;

// x[items]. Throws for too many items, places out of range and masks that do not fit.
Tensor index(const Tensor& x, std::span<const IndexItem> items);
inline Tensor index(const Tensor& x, std::initializer_list<IndexItem> items) {
  return index(x, std::span(items.begin(), items.size()));
}
// x[items] = value, which is broadcast; gradients go to both.
void index_put_(const Tensor& x, std::span<const IndexItem> items, const Tensor& value);
inline void index_put_(const Tensor& x, std::initializer_list<IndexItem> items,
                       const Tensor& value) {
  index_put_(x, std::span(items.begin(), items.size()), value);
}
inline void index_put_(const Tensor& x, std::initializer_list<IndexItem> items, double value) {
  index_put_(x, items, full(Dims{}, value, x.dtype(), x.device()));
}

// The places of what is not zero, one row each: torch.nonzero. Its shape depends on the values, so
// it waits for the device.
Tensor nonzero(const Tensor& x);

}  // namespace gradus
