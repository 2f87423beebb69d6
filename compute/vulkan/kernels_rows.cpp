// Reductions, and work along one dimension.
#include <cmath>
#include <limits>

#include "compute/vulkan/kernels.h"
#include "core/op/functions.h"
#include "core/op/shape_rules.h"

namespace gradus::vulkan {
namespace {

void reduce_in_pieces(const Kernel& k, const char* family, const Tensor& x, const Dims& reduced,
                      const Tensor& out, double divisor, int64_t length);

// out = what `family` makes of x, / divisor, over the dimensions in `reduced`.
void reduce(const Kernel& k, const char* family, Tensor x, const Dims& reduced, const Tensor& out,
            double divisor = 1) {
  if (out.numel() == 0) return;
  const int64_t length = 32 * static_cast<int64_t>(k.e.most_turns());  // 64 lanes share a row
  if (x.numel() / out.numel() > length) {
    return reduce_in_pieces(k, family, x, reduced, out, divisor, length);
  }
  struct Params {
    uint32_t kept_count;
    uint32_t kept_sizes[kRank];
    uint32_t reduced_count;
    uint32_t reduced_sizes[kRank];
    uint32_t offsets[2];
    uint32_t kept_strides[kRank], reduced_strides[kRank];
    float divisor;
  } p{};
  static_assert(sizeof(Params) <= 128);
  Dims kept_sizes, reduced_sizes;
  Dims strides[2];
  for (size_t i = 0; i < x.sizes().size(); ++i) {
    const bool gone = std::ranges::find(reduced, static_cast<int64_t>(i)) != reduced.end();
    (gone ? reduced_sizes : kept_sizes).push_back(x.sizes()[i]);
    strides[gone ? 1 : 0].push_back(x.strides()[i]);
  }
  const Dims all_kept = kept_sizes;
  const Dims all_reduced = reduced_sizes;
  merge_dims(kept_sizes, std::span(&strides[0], 1));
  merge_dims(reduced_sizes, std::span(&strides[1], 1));
  if (kept_sizes.size() > kRank || reduced_sizes.size() > kRank) {
    // Too scattered for one go: laid out anew, what is kept first.
    x = k.e.moved_last(x, reduced);
    kept_sizes = {numel(all_kept)};
    reduced_sizes = {numel(all_reduced)};
    strides[0] = {numel(all_reduced)};
    strides[1] = {1};
  }
  const auto fill = [](const Dims& sizes, const Dims& from, uint32_t& count, uint32_t* to_sizes,
                       uint32_t* to_strides) {
    count = 1;
    std::fill_n(to_sizes, kRank, 1u);
    for (size_t d = 0; d < sizes.size(); ++d) {
      to_sizes[kRank - sizes.size() + d] = u32(sizes[d]);
      to_strides[kRank - sizes.size() + d] = u32(from[d]);
      count *= u32(sizes[d]);
    }
  };
  fill(kept_sizes, strides[0], p.kept_count, p.kept_sizes, p.kept_strides);
  fill(reduced_sizes, strides[1], p.reduced_count, p.reduced_sizes, p.reduced_strides);
  p.offsets[0] = u32(out.offset());
  p.offsets[1] = u32(x.offset());
  p.divisor = static_cast<float>(divisor);
  const char* type = type_name(k.op(), x.dtype());
  if (p.reduced_count <= 256) {
    k.e.dispatch({family, type, "1"}, {k.e.use(out, true), k.e.use(x, false)}, p, p.kept_count);
  } else {
    k.e.dispatch_groups({family, type, "64"}, {k.e.use(out, true), k.e.use(x, false)}, p,
                        p.kept_count);
  }
}

// Rows that are longer than `length`: first each piece of them, then what the pieces gave.
void reduce_in_pieces(const Kernel& k, const char* family, const Tensor& x, const Dims& reduced,
                      const Tensor& out, double divisor, int64_t length) {
  const Tensor rows = k.e.moved_last(x, reduced);  // dense, the rows one after the other
  const int64_t count = out.numel();
  const int64_t row = x.numel() / count;
  const int64_t pieces = (row + length - 1) / length;
  const Tensor partial = k.empty(Dims{pieces, count}, out.dtype());
  for (int64_t i = 0; i < pieces; ++i) {
    const int64_t from = i * length;
    const Tensor piece = rows.as_strided(Dims{count, std::min(length, row - from)}, Dims{row, 1},
                                         rows.offset() + from);
    reduce(k, family, piece, Dims{1},
           partial.as_strided(Dims{count}, Dims{1}, partial.offset() + i * count));
  }
  reduce(k, family, partial, Dims{0}, out, divisor);
}

Dims dims_of(const Kernel& k) {
  return shape::reduced_dims(k.op(), k.call.attrs, k.call.inputs[0].sizes().size());
}

void reduce_all(const Kernel& k, const char* family, double divisor = 1) {
  reduce(k, family, k.input(0), dims_of(k), k.out, divisor);
}

double count_per_result(const Kernel& k) {
  return static_cast<double>(k.call.inputs[0].numel()) /
         static_cast<double>(std::max<int64_t>(k.out.numel(), 1));
}

// The out of a reduction with its dimensions kept.
Tensor kept(const Kernel& k, const Dims& dims) {
  const Dims sizes = shape::kept_sizes(k.call.inputs[0].sizes(), dims);
  return k.out.as_strided(sizes, contiguous_strides(sizes), k.out.offset());
}

Tensor elementwise_step(const Kernel& k, const OpDef& op, std::initializer_list<Tensor> inputs,
                        Attrs attrs = {}) {
  Dims sizes;
  for (const Tensor& x : inputs) sizes = broadcast_sizes(k.op(), sizes, x.sizes());
  return k.step(op, inputs, sizes, k.out.dtype(), std::move(attrs));
}

void decide(const Kernel& k, const char* family) {
  const Tensor x = k.input(0);
  const Tensor truth = k.empty(x.sizes(), DType::boolean);
  k.e.copy_elements(x, truth);
  reduce(k, family, truth, dims_of(k), k.out);
}

void variance(const Kernel& k, const Tensor& out) {
  const Dims dims = dims_of(k);
  const Tensor x = k.input(0);
  const double count = count_per_result(k);
  const Dims sizes = shape::kept_sizes(x.sizes(), dims);
  const Tensor mean = k.empty(sizes, x.dtype());
  reduce(k, "sum", x, dims, mean, count);
  const Tensor distance = elementwise_step(k, ops::sub, {x, mean}, Attrs{AttrValue(1.0)});
  const Tensor squares = elementwise_step(k, ops::mul, {distance, distance});
  const double free = std::max(0.0, count - static_cast<double>(k.whole(1)));
  reduce(k, "sum", squares, dims, out, free);
}

}  // namespace

void sum(const Kernel& k) { reduce_all(k, "sum"); }
void mean(const Kernel& k) { reduce_all(k, "sum", count_per_result(k)); }
void prod(const Kernel& k) { reduce_all(k, "prod"); }
void max(const Kernel& k) { reduce_all(k, "max"); }
void amax(const Kernel& k) { reduce_all(k, "max"); }
void min(const Kernel& k) { reduce_all(k, "min"); }
void amin(const Kernel& k) { reduce_all(k, "min"); }
void any(const Kernel& k) { decide(k, "max"); }
void all(const Kernel& k) { decide(k, "min"); }
void var(const Kernel& k) { variance(k, k.out); }
void std(const Kernel& k) {
  const Tensor squared = k.empty(k.out.sizes(), k.out.dtype());
  variance(k, squared);
  k.e.run({ops::sqrt, std::span(&squared, 1), k.call.outputs, {}});
}

void norm(const Kernel& k) {
  const double p = as_number(k.call.attrs[1]);
  const Tensor x = k.input(0);
  const Dims dims = dims_of(k);
  if (k.out.numel() == 0) return;
  const Tensor size = elementwise_step(k, ops::abs, {x});
  if (std::isinf(p)) return reduce(k, p > 0 ? "max" : "min", size, dims, k.out);
  if (p == 0) {
    const Tensor zero = k.empty(Dims{}, x.dtype());
    k.e.fill_elements(zero, 0.0);
    const Tensor counts = k.step(ops::ne, {x, zero}, x.sizes(), DType::boolean);
    const Tensor numbers = k.empty(x.sizes(), x.dtype());
    k.e.copy_elements(counts, numbers);
    return reduce(k, "sum", numbers, dims, k.out);
  }
  if (p == 1) return reduce(k, "sum", size, dims, k.out);
  const Tensor powers = elementwise_step(k, ops::pow, {size}, Attrs{AttrValue(p)});
  const Tensor total = k.empty(k.out.sizes(), k.out.dtype());
  reduce(k, "sum", powers, dims, total);
  const Attrs root{AttrValue(1 / p)};
  k.e.run({ops::pow, std::span(&total, 1), k.call.outputs, root});
}

// The largest is taken off before, unless it is infinite: then the exponentials tell by themselves.
void logsumexp(const Kernel& k) {
  const Tensor x = k.input(0);
  const Dims dims = dims_of(k);
  if (k.out.numel() == 0) return;
  const Dims sizes = shape::kept_sizes(x.sizes(), dims);
  const Tensor most = k.empty(sizes, x.dtype());
  reduce(k, "max", x, dims, most);
  const Tensor infinite = k.step(ops::isinf, {most}, sizes, DType::boolean);
  const Tensor shift =
      k.step(ops::masked_fill, {most, infinite}, sizes, x.dtype(), Attrs{AttrValue(0.0)});
  const Tensor shifted = elementwise_step(k, ops::sub, {x, shift}, Attrs{AttrValue(1.0)});
  const Tensor total = k.empty(sizes, x.dtype());
  reduce(k, "sum", elementwise_step(k, ops::exp, {shifted}), dims, total);
  const std::array<Tensor, 2> parts{elementwise_step(k, ops::log, {total}), shift};
  const Tensor out = kept(k, dims);
  const Attrs plain{AttrValue(1.0)};
  k.e.run({ops::add, parts, std::span(&out, 1), plain});
}

Rows rows_of(const char* op, const Tensor& x, int64_t dim) {
  Rows result;
  const size_t rank = x.sizes().size();
  const auto at = static_cast<size_t>(wrap_dim(op, dim, rank));
  for (size_t i = 0; i < rank; ++i) {
    (i == at ? result.count : result.rows) *= u32(x.sizes()[i]);
    if (i > at) result.inner *= u32(x.sizes()[i]);
  }
  return result;
}

namespace {

// `family` on the rows of x, which is dense, into out.
void run_rows(const Kernel& k, const char* family, const Tensor& x, int64_t dim,
              const Tensor& out) {
  if (x.numel() == 0) return;
  struct Params {
    Rows rows;
    uint32_t offsets[2] = {};
  } p;
  p.rows = rows_of(k.op(), x, dim);
  k.e.check_turns(k.op(), p.rows.count);
  p.offsets[0] = u32(out.offset());
  p.offsets[1] = u32(x.offset());
  k.e.dispatch({family, type_name(k.op(), x.dtype())}, {k.e.use(out, true), k.e.use(x, false)}, p,
               p.rows.rows);
}

// Running totals, of whole numbers in 64 bits.
void accumulate(const Kernel& k, const char* family) {
  Tensor x = k.input(0, true);
  if (x.dtype() != k.out.dtype()) {
    const Tensor wide = k.empty(x.sizes(), k.out.dtype());
    k.e.copy_elements(x, wide);
    x = wide;
  }
  run_rows(k, family, x, k.whole(0), k.out);
}

void choose(const Kernel& k, const char* family) {
  const Tensor x = k.input(0, true);
  const int64_t dim = k.whole(0);
  const Tensor& places = k.call.outputs[1];
  run_rows(k, family, x, dim, places);
  if (x.numel() == 0) return;
  // The values stand where the places say.
  Dims sizes = x.sizes();
  if (!sizes.empty()) sizes[static_cast<size_t>(wrap_dim(k.op(), dim, sizes.size()))] = 1;
  const Dims strides = contiguous_strides(sizes);
  const std::array<Tensor, 2> inputs{x, places.as_strided(sizes, strides, places.offset())};
  const Tensor values = k.out.as_strided(sizes, strides, k.out.offset());
  const Attrs attrs{AttrValue(dim)};
  k.e.run({ops::gather, inputs, std::span(&values, 1), attrs});
}

// The first `count` of each row of x, in order: values and places to the outputs.
void order(const Kernel& k, int64_t dim, int64_t count, bool descending) {
  const Tensor x = k.input(0);
  if (k.out.numel() == 0) return;
  if (x.dim() == 0) {
    k.e.copy_elements(x, k.out);
    return k.e.fill_elements(k.call.outputs[1], int64_t{0});
  }
  const int64_t at = wrap_dim(k.op(), dim, x.sizes().size());
  const Tensor keys = k.e.moved_last(x, Dims{at});
  const auto n = u32(x.size(at));
  const auto rows = u32(x.numel() / x.size(at));
  const Tensor sorted = sorted_places(k, keys, rows, n, descending);
  // Back to where that dimension was, as int64.
  Dims sizes = k.out.sizes();
  Dims strides;
  const Dims moved = contiguous_strides(keys.sizes());
  for (size_t d = 0, from = 0; d < sizes.size(); ++d) {
    strides.push_back(d == static_cast<size_t>(at) ? 1 : moved[from++]);
  }
  sizes[static_cast<size_t>(at)] = count;
  const Tensor& places = k.call.outputs[1];
  k.e.copy_elements(sorted.as_strided(sizes, strides, 0), places);
  const std::array<Tensor, 2> inputs{x, places};
  const Attrs attrs{AttrValue(at)};
  k.e.run({ops::gather, inputs, std::span(&k.out, 1), attrs});
}

}  // namespace

Tensor sorted_places(const Kernel& k, const Tensor& keys, uint32_t rows, uint32_t n,
                     bool descending) {
  const Dims sizes{static_cast<int64_t>(rows), static_cast<int64_t>(n)};
  Tensor from = k.empty(sizes, DType::int32);
  Tensor to = k.empty(sizes, DType::int32);
  struct Params {
    uint32_t rows, n, width, descending;
    uint32_t offsets[3];
  } p{};
  p.rows = rows;
  p.n = n;
  p.descending = descending ? 1 : 0;
  p.offsets[2] = u32(keys.offset());
  // A first pass of width 1 even where there is nothing to sort: it writes the places.
  for (p.width = 1; p.width == 1 || p.width < n; p.width *= 2) {
    k.e.dispatch({"sort", type_name(k.op(), keys.dtype())},
                 {k.e.use(to, true), k.e.use(from, false), k.e.use(keys, false)}, p,
                 uint64_t{rows} * n);
    std::swap(from, to);
  }
  return from;
}

void argmax(const Kernel& k) { run_rows(k, "argmax", k.input(0, true), k.whole(0), k.out); }
void argmin(const Kernel& k) { run_rows(k, "argmin", k.input(0, true), k.whole(0), k.out); }
void max_dim(const Kernel& k) { choose(k, "argmax"); }
void min_dim(const Kernel& k) { choose(k, "argmin"); }
void cumsum(const Kernel& k) { accumulate(k, "cumsum"); }
void cumprod(const Kernel& k) { accumulate(k, "cumprod"); }

namespace {

// The three loops of a row in one lane, or step by step where they would be too long.
void softmax_rows(const Kernel& k, const char* family, bool log) {
  const Tensor x = k.input(0, true);
  if (x.numel() == 0) return;
  if (3 * uint64_t{rows_of(k.op(), x, k.whole(0)).count} <= k.e.most_turns()) {
    return run_rows(k, family, x, k.whole(0), k.out);
  }
  const Dims dims{wrap_dim(k.op(), k.whole(0), x.sizes().size())};
  const Dims sizes = shape::kept_sizes(x.sizes(), dims);
  const Attrs plain{AttrValue(1.0)};
  const Tensor most = k.empty(sizes, x.dtype());
  reduce(k, "max", x, dims, most);
  const Tensor shifted = elementwise_step(k, ops::sub, {x, most}, plain);
  const Tensor powers = elementwise_step(k, ops::exp, {shifted});
  const Tensor total = k.empty(sizes, x.dtype());
  reduce(k, "sum", powers, dims, total);
  const std::array<Tensor, 2> parts{log ? shifted : powers,
                                    log ? k.step(ops::log, {total}, sizes, x.dtype()) : total};
  const Attrs attrs = log ? plain : Attrs{};
  k.e.run({log ? ops::sub : ops::div, parts, std::span(&k.out, 1), attrs});
}

}  // namespace

void softmax(const Kernel& k) { softmax_rows(k, "softmax", false); }
void log_softmax(const Kernel& k) { softmax_rows(k, "log_softmax", true); }
void sort(const Kernel& k) {
  const Tensor& x = k.call.inputs[0];
  order(k, k.whole(0), x.dim() == 0 ? 1 : x.size(k.whole(0)), std::get<bool>(k.call.attrs[1]));
}
void topk(const Kernel& k) { order(k, k.whole(1), k.whole(0), std::get<bool>(k.call.attrs[2])); }

}  // namespace gradus::vulkan
