// Elements looked up by tensors of whole numbers.
#include "core/op/index_rules.h"

#include <vector>

#include "compute/cpu/cpu_ops.h"
#include "core/base/error.h"

namespace gradus::cpu {
namespace {

// Offsets into x that the index tensors say, for each place of where_sizes. Throws for one that is
// out of range.
std::vector<int64_t> where_of(const char* op, const IndexWalk& walk, const Tensor& x) {
  std::vector<int64_t> where(static_cast<size_t>(numel(walk.where_sizes)), 0);
  for (const IndexWalk::Dimension& each : walk.looked_up) {
    const Tensor spread = Tensor::empty(walk.where_sizes, DType::int64);
    copy_elements(*each.index, spread);
    const int64_t size = x.dim() == 0 ? 1 : x.sizes()[each.dim];
    const int64_t stride = x.dim() == 0 ? 0 : x.strides()[each.dim];
    const int64_t* index = spread.data<int64_t>();
    for (size_t i = 0; i < where.size(); ++i) {
      if (index[i] >= size || index[i] < (walk.from_the_end ? -size : 0)) {
        fail(op, "{}", index_out_of_range(index[i], static_cast<int64_t>(each.dim), size));
      }
      where[i] += (index[i] < 0 ? index[i] + size : index[i]) * stride;
    }
  }
  return where;
}

// Calls f(offset in x, offset in the other tensor, of strides `strides`) for each place, in order.
template <typename F>
void for_each_place(const IndexWalk& walk, const std::vector<int64_t>& where, const Dims& strides,
                    F&& f) {
  const int64_t count = numel(walk.sizes);
  const size_t rank = walk.sizes.size();
  Dims at(rank, 0);
  int64_t x = 0;
  int64_t w = 0;
  int64_t other = 0;
  for (int64_t i = 0; i < count; ++i) {
    f(x + where[static_cast<size_t>(w)], other);
    for (size_t d = rank; d-- > 0;) {
      x += walk.x_strides[d];
      w += walk.where_strides[d];
      other += strides[d];
      if (++at[d] < walk.sizes[d]) break;
      x -= at[d] * walk.x_strides[d];
      w -= at[d] * walk.where_strides[d];
      other -= at[d] * strides[d];
      at[d] = 0;
    }
  }
}

void take(const KernelCall& call) {
  const Tensor& x = call.inputs[0];
  const Tensor& out = call.outputs[0];
  const IndexWalk walk = walk_of(call.op, call.inputs, call.attrs);
  const std::vector<int64_t> where = where_of(call.op.name(), walk, x);
  visit_dtype(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = out.data<T>();
    for_each_place(walk, where, contiguous_strides(walk.sizes),
                   [&](int64_t there, int64_t i) { to[i] = from[there]; });
  });
}

// Writes `values` to the places of `target`, or adds them.
void put(const KernelCall& call, const Tensor& target, const Tensor& values, bool adds) {
  Tensors inputs{call.inputs.begin(), call.inputs.end()};
  inputs[0] = target;
  const IndexWalk walk = walk_of(call.op, inputs, call.attrs);
  const std::vector<int64_t> where = where_of(call.op.name(), walk, target);
  visit_dtype(target.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = target.data<T>();
    const T* from = values.data<T>();
    const auto sum = [](T a, T b) { return static_cast<T>(a + b); };
    // A source may hold more than there are places.
    const Dims strides = values.sizes().size() == walk.sizes.size() && call.op.id != OpId::index_put
                             ? values.strides()
                             : broadcast_strides(values.sizes(), values.strides(), walk.sizes);
    for_each_place(walk, where, strides, [&](int64_t there, int64_t i) {
      to[there] = adds ? sum(to[there], from[i]) : from[i];
    });
  });
}

// Into what is a copy of the first input, or that input itself.
void scattered(const KernelCall& call, bool adds) {
  const Tensor& out = call.outputs[0];
  if (!out.is(call.inputs[0])) copy_elements(call.inputs[0], out);
  if (call.inputs[1].numel() > 0) put(call, out, call.inputs[2], adds);
}

}  // namespace

void index(const KernelCall& call) { take(call); }
void index_select(const KernelCall& call) { take(call); }
void gather(const KernelCall& call) { take(call); }
void index_put(const KernelCall& call) {
  put(call, call.outputs[0], call.inputs[1], std::get<bool>(call.attrs[0]));
}
void scatter(const KernelCall& call) { scattered(call, false); }
void scatter_add(const KernelCall& call) { scattered(call, true); }

}  // namespace gradus::cpu
