// Elements looked up by tensors of whole numbers.
#include "compute/vulkan/kernels.h"
#include "core/op/functions.h"
#include "core/op/index_rules.h"

namespace gradus::vulkan {
namespace {

// Offsets into x that the index tensors say (int32, dense, of walk.where_sizes).
Tensor where_of(const Kernel& k, const IndexWalk& walk, const Tensor& x) {
  const Tensor where = k.empty(walk.where_sizes, DType::int32);
  bool first = true;
  for (const IndexWalk::Dimension& each : walk.looked_up) {
    const Tensor spread = k.empty(walk.where_sizes, DType::int64);
    k.e.copy_elements(k.e.here(*each.index, k.device, false), spread);
    struct Params {
      uint32_t count;
      uint32_t offsets[2];
      uint32_t size, stride, from_the_end, adds, dim, call;
    } p{};
    p.count = u32(where.numel());
    p.offsets[0] = u32(where.offset());
    p.offsets[1] = u32(spread.offset());
    p.size = x.dim() == 0 ? 1 : u32(x.sizes()[each.dim]);
    p.stride = x.dim() == 0 ? 0 : u32(x.strides()[each.dim]);
    p.from_the_end = walk.from_the_end ? 1 : 0;
    p.adds = first ? 0 : 1;
    p.dim = static_cast<uint32_t>(each.dim);
    p.call = k.e.new_check(k.op(), Executor::Finding::index);
    if (p.count > 0) {
      k.e.dispatch({"places"}, {k.e.use(where, true), k.e.use(spread, false), k.e.report_use()}, p,
                   p.count);
    }
    first = false;
  }
  return where;
}

// `family` (take, put or keys) between a tensor of the walk's sizes and x.
void go(const Kernel& k, const ShaderName& shader, const IndexWalk& walk, const Tensor& other,
        const Dims& other_strides, const Tensor& x, const Tensor& where) {
  const bool puts = std::string_view(shader.family) == "put";
  for_each_walk(walk.sizes, {other_strides, walk.x_strides, walk.where_strides},
                {other.offset(), x.offset(), where.offset()}, [&](const Walk& each) {
                  k.e.dispatch(shader,
                               {k.e.use(other, !puts), k.e.use(x, puts), k.e.use(where, false)},
                               each, each.count);
                });
}

void take(const Kernel& k) {
  const Tensor x = k.input(0);
  Tensors inputs{k.call.inputs.begin(), k.call.inputs.end()};
  inputs[0] = x;
  const IndexWalk walk = walk_of(k.call.op, inputs, k.call.attrs);
  const Tensor where = where_of(k, walk, x);
  if (k.out.numel() == 0) return;
  go(k, {"take", size_name(k.op(), x.dtype())}, walk, k.out, k.out.strides(), x, where);
}

void put(const Kernel& k, const Tensor& target, const Tensor& values, bool adds) {
  Tensors inputs{k.call.inputs.begin(), k.call.inputs.end()};
  inputs[0] = target;
  const IndexWalk walk = walk_of(k.call.op, inputs, k.call.attrs);
  const Tensor where = where_of(k, walk, target);
  if (numel(walk.sizes) == 0) return;
  // A source may hold more than there are places.
  const bool each_its_own =
      values.sizes().size() == walk.sizes.size() && k.call.op.id != OpId::index_put;
  const Dims strides = each_its_own
                           ? values.strides()
                           : broadcast_strides(values.sizes(), values.strides(), walk.sizes);
  if (!adds) {
    return go(k, {"put", size_name(k.op(), target.dtype())}, walk, values, strides, target, where);
  }
  // Several may go to one place: sorted by it, so that they are added in the same order each time.
  const Tensor dense = k.empty(walk.sizes, values.dtype());
  k.e.copy_elements(values.as_strided(walk.sizes, strides, values.offset()), dense);
  const Tensor keys = k.empty(walk.sizes, DType::int32);
  go(k, {"keys"}, walk, keys, keys.strides(), target, where);
  k.e.check_turns(k.op(), u32(keys.numel()) / 16);  // should all go to one place
  const Tensor order = sorted_places(k, keys, 1, u32(keys.numel()), false);
  struct Params {
    uint32_t n;
    uint32_t offsets[3];
  } p{u32(keys.numel()), {u32(order.offset()), u32(keys.offset()), u32(dense.offset())}};
  k.e.dispatch(
      {"segments", type_name(k.op(), target.dtype())},
      {k.e.use(target, true), k.e.use(order, false), k.e.use(keys, false), k.e.use(dense, false)},
      p, p.n);
}

// Into what is a copy of the first input, or that input itself.
void scattered(const Kernel& k, bool adds) {
  if (!k.out.is(k.call.inputs[0])) k.e.copy_elements(k.input(0), k.out);
  if (k.call.inputs[1].numel() > 0) put(k, k.out, k.input(2), adds);
}

}  // namespace

void index(const Kernel& k) { take(k); }
void index_select(const Kernel& k) { take(k); }
void gather(const Kernel& k) { take(k); }
void index_put(const Kernel& k) { put(k, k.out, k.input(1), std::get<bool>(k.call.attrs[0])); }
void scatter(const Kernel& k) { scattered(k, false); }
void scatter_add(const Kernel& k) { scattered(k, true); }

}  // namespace gradus::vulkan
