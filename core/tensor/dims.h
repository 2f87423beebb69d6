// Sizes and strides: lists of int64, counted in elements, outermost first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/inline_vector.h"

namespace gradus {

using Dims = InlineVector<int64_t, 6>;
using DimsView = std::span<const int64_t>;

// Number of elements. Throws Error if it does not fit in 63 bits.
int64_t numel(DimsView sizes);
// Row-major strides.
Dims contiguous_strides(DimsView sizes);
bool is_contiguous(DimsView sizes, DimsView strides);
// Whether two elements may share a place in memory: whether some dimension does not step over all
// that the smaller ones reach.
bool overlaps_itself(DimsView sizes, DimsView strides);
// "[64, 784]", as PyTorch prints a torch.Size; "64×784" in prose (a scalar is "scalar").
std::string to_string(DimsView sizes);
std::string to_prose(DimsView sizes);
bool equal(DimsView a, DimsView b);

// Right-aligned broadcasting: sizes must be equal or 1. Throws an Error that names the axis.
// Source: https://pytorch.org/docs/stable/notes/broadcasting.html
Dims broadcast_sizes(std::string_view where, DimsView a, DimsView b);
// Strides that read a tensor of `sizes`/`strides` as if it had `target` sizes.
Dims broadcast_strides(DimsView sizes, DimsView strides, DimsView target);
// Merges neighbouring dimensions wherever all of `strides` step through them evenly.
void merge_dims(Dims& sizes, std::span<Dims> strides);
// -1 .. rank-1 and -rank .. -1 are valid; returns 0 .. rank-1. A scalar counts as rank 1.
int64_t wrap_dim(std::string_view where, int64_t dim, size_t rank);
// The strides under which a tensor can be seen with new sizes without copying, if there are any.
std::optional<Dims> view_strides(DimsView sizes, DimsView strides, DimsView new_sizes);
// Replaces one -1 in `wanted` by what fits `count` elements. Throws if it cannot.
Dims infer_sizes(std::string_view where, DimsView wanted, int64_t count);

}  // namespace gradus
