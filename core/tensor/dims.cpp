#include "core/tensor/dims.h"

#include <algorithm>

#include <limits>

#include "core/base/error.h"

namespace gradus {

int64_t numel(DimsView sizes) {
  int64_t count = 1;
  bool zero = false;
  for (int64_t size : sizes) {
    if (size < 0) fail("tensor", "sizes must not be negative, got {}", to_string(sizes));
    if (size == 0) {
      zero = true;
    } else if (count > std::numeric_limits<int64_t>::max() / size / 8) {
      fail("tensor", "a tensor of {} elements is too large to address", to_prose(sizes));
    } else {
      count *= size;
    }
  }
  return zero ? 0 : count;
}

Dims contiguous_strides(DimsView sizes) {
  Dims strides(sizes.size(), 1);
  int64_t step = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = step;
    step *= sizes[i] > 0 ? sizes[i] : 1;
  }
  return strides;
}

bool overlaps_itself(DimsView sizes, DimsView strides) {
  InlineVector<std::pair<int64_t, int64_t>, 6> steps;  // stride, size
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] == 0) return false;
    if (sizes[d] > 1) steps.push_back({strides[d], sizes[d]});
  }
  std::sort(steps.begin(), steps.end());
  int64_t reach = 0;  // the farthest place of the dimensions so far
  for (const auto& [stride, size] : steps) {
    if (stride <= reach) return true;
    reach += stride * (size - 1);
  }
  return false;
}

bool is_contiguous(DimsView sizes, DimsView strides) {
  int64_t step = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    if (sizes[i] == 0) return true;
    if (sizes[i] != 1) {
      if (strides[i] != step) return false;
      step *= sizes[i];
    }
  }
  return true;
}

std::string to_string(DimsView sizes) {
  return fmt::format("[{}]", fmt::join(sizes.begin(), sizes.end(), ", "));
}

std::string to_prose(DimsView sizes) {
  if (sizes.empty()) return "scalar";
  return fmt::format("{}", fmt::join(sizes.begin(), sizes.end(), "×"));
}

bool equal(DimsView a, DimsView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

Dims broadcast_sizes(std::string_view where, DimsView a, DimsView b) {
  const size_t rank = std::max(a.size(), b.size());
  Dims result(rank, 1);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t x = i < rank - a.size() ? 1 : a[i - (rank - a.size())];
    const int64_t y = i < rank - b.size() ? 1 : b[i - (rank - b.size())];
    if (x != y && x != 1 && y != 1) {
      fail(where,
           "cannot broadcast {} with {}: sizes {} and {} differ in dimension {} (counted from the "
           "last: {}). Sizes must be equal, or one of them 1.",
           to_prose(a), to_prose(b), x, y, i, static_cast<int64_t>(i) - static_cast<int64_t>(rank));
    }
    result[i] = x == 1 ? y : x;
  }
  return result;
}

Dims broadcast_strides(DimsView sizes, DimsView strides, DimsView target) {
  Dims result(target.size(), 0);
  const size_t shift = target.size() - sizes.size();
  for (size_t i = 0; i < sizes.size(); ++i) {
    result[i + shift] = sizes[i] == 1 && target[i + shift] != 1 ? 0 : strides[i];
  }
  return result;
}

void merge_dims(Dims& sizes, std::span<Dims> strides) {
  for (size_t i = sizes.size(); i-- > 1;) {
    const bool even = std::ranges::all_of(strides, [&](const Dims& s) {
      return sizes[i - 1] == 1 || sizes[i] == 1 || s[i - 1] == s[i] * sizes[i];
    });
    if (!even) continue;
    for (Dims& s : strides) {
      if (sizes[i] == 1) s[i] = s[i - 1];
      s.erase(i - 1);
    }
    sizes[i] *= sizes[i - 1];
    sizes.erase(i - 1);
  }
}

int64_t wrap_dim(std::string_view where, int64_t dim, size_t rank) {
  const int64_t n = rank == 0 ? 1 : static_cast<int64_t>(rank);
  if (dim < -n || dim >= n) {
    fail(where, "dimension {} is out of range: a tensor of {} dimension(s) has {} to {}", dim, rank,
         -n, n - 1);
  }
  return dim < 0 ? dim + n : dim;
}

std::optional<Dims> view_strides(DimsView sizes, DimsView strides, DimsView new_sizes) {
  const int64_t count = numel(sizes);
  if (count != numel(new_sizes)) return std::nullopt;
  if (count == 0) return contiguous_strides(new_sizes);
  Dims result(new_sizes.size(), 1);
  if (sizes.empty()) return result;
  // Walk from the last dimension, over runs of old dimensions that are contiguous with each
  // other; each run must be filled exactly by whole new dimensions.
  int64_t to = static_cast<int64_t>(new_sizes.size()) - 1;
  int64_t run_stride = strides.back();
  int64_t run_count = 1;
  int64_t view_count = 1;
  for (int64_t from = static_cast<int64_t>(sizes.size()) - 1; from >= 0; --from) {
    run_count *= sizes[from];
    const bool run_ends =
        from == 0 || (sizes[from - 1] != 1 && strides[from - 1] != run_count * run_stride);
    if (!run_ends) continue;
    while (to >= 0 && (view_count < run_count || new_sizes[to] == 1)) {
      result[to] = view_count * run_stride;
      view_count *= new_sizes[to];
      --to;
    }
    if (view_count != run_count) return std::nullopt;
    if (from > 0) {
      run_stride = strides[from - 1];
      run_count = view_count = 1;
    }
  }
  if (to != -1) return std::nullopt;
  return result;
}

Dims infer_sizes(std::string_view where, DimsView wanted, int64_t count) {
  Dims sizes{wanted};
  int64_t known = 1;
  std::optional<size_t> unknown;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == -1) {
      if (unknown) fail(where, "only one size may be -1, got {}", to_string(wanted));
      unknown = i;
    } else if (sizes[i] < 0) {
      fail(where, "size {} is negative in {}", sizes[i], to_string(wanted));
    } else {
      known *= sizes[i];
    }
  }
  if (unknown && known != 0 && count % known == 0) {
    sizes[*unknown] = count / known;
  } else if (unknown || known != count) {
    fail(where, "shape {} is invalid for an input of {} elements", to_string(wanted), count);
  }
  return sizes;
}

}  // namespace gradus
