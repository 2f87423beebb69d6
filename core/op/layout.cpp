#include "core/op/layout.h"

#include <algorithm>
#include <array>

namespace gradus {
namespace {

#define GRADUS_ELEMENTWISE(name) true,
#define GRADUS_OP(name) false,
constexpr std::array<bool, kOpCount> kElementwise = {
#include "core/op/all_ops.inc"
};

}  // namespace

bool is_elementwise(OpId id) { return kElementwise[static_cast<size_t>(id)]; }

Dims kept_strides(std::span<const Tensor> inputs, DimsView sizes) {
  const bool all_dense = std::ranges::all_of(
      inputs, [](const Tensor& x) { return !x.defined() || x.is_contiguous(); });
  if (all_dense || sizes.size() < 2) return {};
  InlineVector<Dims, 3> all;
  for (const Tensor& x : inputs) {
    if (x.defined()) all.push_back(broadcast_strides(x.sizes(), x.strides(), sizes));
  }
  // Whether dimension a is further apart in memory than b: 1; -1 if it is nearer; 0 if none tells.
  const auto compare = [&](size_t a, size_t b) {
    for (const Dims& strides : all) {
      if (strides[a] == 0 || strides[b] == 0) continue;
      if (strides[a] != strides[b]) return strides[a] < strides[b] ? -1 : 1;
      if (sizes[a] > sizes[b]) return 1;
    }
    return 0;
  };
  InlineVector<size_t, 6> order;  // the nearest first
  for (size_t d = sizes.size(); d-- > 0;) order.push_back(d);
  for (size_t i = 1; i < order.size(); ++i) {
    size_t moved = i;
    for (size_t k = i; k-- > 0;) {
      const int found = compare(order[k], order[moved]);
      if (found < 0) break;
      if (found == 0) continue;
      std::swap(order[k], order[moved]);
      moved = k;
    }
  }
  bool row_by_row = true;
  for (size_t i = 0; i < order.size(); ++i) {
    row_by_row = row_by_row && order[i] == order.size() - 1 - i;
  }
  if (row_by_row) return {};
  Dims strides(sizes.size(), 1);
  int64_t step = 1;
  for (const size_t d : order) {
    strides[d] = step;
    step *= std::max<int64_t>(sizes[d], 1);
  }
  return strides;
}

Tensor laid_out_like(const Tensor& x, Tensor fresh) {
  const Dims strides = kept_strides({&x, 1}, x.sizes());
  if (!strides.empty()) fresh.impl()->set_layout(x.sizes(), strides, 0);
  return fresh;
}

Tensor in_order_of(const Tensor& x, DimsView sizes, DimsView strides) {
  if (!x.defined() || x.dim() == 0) return x;
  InlineVector<size_t, 6> order;  // the furthest apart first
  for (size_t d = 0; d < sizes.size(); ++d) order.push_back(d);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return strides[a] > strides[b]; });
  const Dims spread = broadcast_strides(x.sizes(), x.strides(), sizes);
  Dims new_sizes;
  Dims new_strides;
  for (const size_t d : order) {
    new_sizes.push_back(sizes[d]);
    new_strides.push_back(spread[d]);
  }
  return x.as_strided(new_sizes, new_strides, x.offset());
}

}  // namespace gradus
