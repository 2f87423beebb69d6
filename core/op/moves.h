// Movement ops told as copies between views, so that a backend that can copy elements from any
// layout to any other has them all; and tensors seen as the matrices that products multiply.
#pragma once

#include <algorithm>

#include "core/op/call.h"

namespace gradus::moves {

// `length` slices of dimension `dim`, from `start` on.
inline Tensor part_of(const Tensor& x, size_t dim, int64_t start, int64_t length) {
  Dims sizes = x.sizes();
  sizes[dim] = length;
  return x.as_strided(sizes, x.strides(), x.offset() + start * x.strides()[dim]);
}

inline size_t dim_of(const KernelCall& call, size_t attr, size_t rank) {
  return static_cast<size_t>(wrap_dim(call.op.name(), std::get<int64_t>(call.attrs[attr]), rank));
}

// A vector as a matrix of one column or one row, and one matrix of a batch.
inline Tensor as_column(const Tensor& x) {
  return x.as_strided(Dims{x.size(0), 1}, Dims{x.strides()[0], 1}, x.offset());
}
inline Tensor as_row(const Tensor& x) {
  return x.as_strided(Dims{1, x.size(0)}, Dims{std::max<int64_t>(x.size(0), 1), x.strides()[0]},
                      x.offset());
}
inline Tensor matrix_of(const Tensor& x, int64_t i) {
  return x.as_strided(Dims{x.size(1), x.size(2)}, Dims{x.strides()[1], x.strides()[2]},
                      x.offset() + i * x.strides()[0]);
}

// In each of these, copy(from, to) is for tensors of one shape.
template <typename Copy>
void cat(const KernelCall& call, Copy&& copy) {
  const Tensor& out = call.outputs[0];
  const size_t dim = dim_of(call, 0, out.sizes().size());
  int64_t start = 0;
  for (const Tensor& x : call.inputs) {
    if (x.numel() == 0) continue;
    copy(x, part_of(out, dim, start, x.sizes()[dim]));
    start += x.sizes()[dim];
  }
}

template <typename Copy>
void stack(const KernelCall& call, Copy&& copy) {
  const Tensor& out = call.outputs[0];
  const size_t dim = dim_of(call, 0, out.sizes().size());
  Dims sizes = out.sizes();
  Dims strides = out.strides();
  sizes.erase(dim);
  strides.erase(dim);
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const int64_t offset = out.offset() + static_cast<int64_t>(i) * out.strides()[dim];
    copy(call.inputs[i], out.as_strided(sizes, strides, offset));
  }
}

template <typename Copy>
void flip(const KernelCall& call, Copy&& copy) {
  const Tensor& x = call.inputs[0];
  Dims strides = x.strides();
  int64_t offset = x.offset();
  if (x.numel() == 0) return;
  for (int64_t dim : std::get<Dims>(call.attrs[0])) {
    if (x.dim() == 0) break;
    const auto d = static_cast<size_t>(wrap_dim(call.op.name(), dim, x.sizes().size()));
    offset += (x.sizes()[d] - 1) * strides[d];
    strides[d] = -strides[d];
  }
  copy(x.as_strided(x.sizes(), strides, offset), call.outputs[0]);
}

template <typename Copy>
void roll(const KernelCall& call, Copy&& copy) {
  const Tensor& x = call.inputs[0];
  const Tensor& out = call.outputs[0];
  if (x.dim() == 0) return copy(x, out);
  const size_t dim = dim_of(call, 1, x.sizes().size());
  const int64_t n = x.sizes()[dim];
  if (x.numel() == 0) return;
  const int64_t shift = (std::get<int64_t>(call.attrs[0]) % n + n) % n;
  copy(part_of(x, dim, 0, n - shift), part_of(out, dim, shift, n - shift));
  if (shift > 0) copy(part_of(x, dim, n - shift, shift), part_of(out, dim, 0, shift));
}

template <typename Copy>
void repeat(const KernelCall& call, Copy&& copy) {
  const Tensor& x = call.inputs[0];
  const Tensor& out = call.outputs[0];
  const Dims& repeats = std::get<Dims>(call.attrs[0]);
  if (out.numel() == 0) return;
  const size_t extra = repeats.size() - x.sizes().size();
  Dims sizes, from, to;  // for each dimension: how often, then its own
  for (size_t d = 0; d < repeats.size(); ++d) {
    const int64_t size = d < extra ? 1 : x.sizes()[d - extra];
    sizes.push_back(repeats[d]);
    from.push_back(0);
    to.push_back(size * out.strides()[d]);
    sizes.push_back(size);
    from.push_back(d < extra ? 0 : x.strides()[d - extra]);
    to.push_back(out.strides()[d]);
  }
  copy(x.as_strided(sizes, from, x.offset()), out.as_strided(sizes, to, out.offset()));
}

// The output is filled with zeros before.
template <typename Copy>
void diag_embed(const KernelCall& call, Copy&& copy) {
  const Tensor& x = call.inputs[0];
  const Tensor& out = call.outputs[0];
  const int64_t offset = std::get<int64_t>(call.attrs[0]);
  const size_t rank = out.sizes().size();
  Dims strides = out.strides();
  const int64_t row = strides[rank - 2];
  strides.pop_back();
  strides.back() = row + 1;
  copy(x,
       out.as_strided(x.sizes(), strides, out.offset() + (offset >= 0 ? offset : -offset * row)));
}

}  // namespace gradus::moves
