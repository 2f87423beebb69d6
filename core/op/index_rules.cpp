#include "core/op/index_rules.h"

namespace gradus {
namespace {

void require_int64(const char* op, const Tensor& index) {
  if (index.dtype() == DType::int64) return;
  fail(op, "looks elements up by int64 tensors, got {}: use to()", to_string(index.dtype()));
}

void append_dense(IndexWalk& walk) {
  const Dims strides = contiguous_strides(walk.where_sizes);
  for (size_t d = 0; d < walk.where_sizes.size(); ++d) {
    walk.sizes.push_back(walk.where_sizes[d]);
    walk.x_strides.push_back(0);
    walk.where_strides.push_back(strides[d]);
  }
}

void append_whole(IndexWalk& walk, const Tensor& x, size_t dim) {
  walk.sizes.push_back(x.sizes()[dim]);
  walk.x_strides.push_back(x.strides()[dim]);
  walk.where_strides.push_back(0);
}

}  // namespace

IndexWalk walk_of_index(const char* op, const Tensor& x, std::span<const Tensor> indices) {
  IndexWalk walk;
  walk.from_the_end = true;
  if (indices.size() > x.sizes().size()) {
    fail(op, "{} indices are too many for a tensor of {} dimensions ({})", indices.size(), x.dim(),
         to_prose(x.sizes()));
  }
  constexpr size_t kMost = 8;  // of which backward keeps all: see Saves
  if (indices.size() > kMost) {
    fail(op, "looks up to {} dimensions up at once, got {}", kMost, indices.size());
  }
  bool adjacent = true;
  for (size_t i = 0; i < indices.size(); ++i) {
    if (!indices[i].defined()) continue;
    require_int64(op, indices[i]);
    if (!walk.looked_up.empty() && walk.looked_up.back().dim + 1 != i) adjacent = false;
    walk.where_sizes = broadcast_sizes(op, walk.where_sizes, indices[i].sizes());
    walk.looked_up.push_back({i, &indices[i]});
  }
  if (walk.looked_up.empty()) fail(op, "needs at least one index tensor");
  // Where they are apart, what they say comes first, as in NumPy.
  const size_t at = adjacent ? walk.looked_up.front().dim : 0;
  const auto is_looked_up = [&](size_t dim) {
    return dim < indices.size() && indices[dim].defined();
  };
  for (size_t d = 0; d < x.sizes().size(); ++d) {
    if (d == at) append_dense(walk);
    if (!is_looked_up(d)) append_whole(walk, x, d);
  }
  return walk;
}

IndexWalk walk_of_index_select(const char* op, const Tensor& x, int64_t dim, const Tensor& index) {
  require_int64(op, index);
  if (index.dim() > 1) {
    fail(op, "needs a list of places, got an index of shape {}", to_prose(index.sizes()));
  }
  if (x.dim() == 0) fail(op, "a scalar has no dimension to select from");
  const auto at = static_cast<size_t>(wrap_dim(op, dim, x.sizes().size()));
  IndexWalk walk;
  walk.where_sizes = Dims{index.numel()};
  walk.looked_up.push_back({at, &index});
  for (size_t d = 0; d < x.sizes().size(); ++d) {
    if (d == at) {
      append_dense(walk);
    } else {
      append_whole(walk, x, d);
    }
  }
  return walk;
}

IndexWalk walk_of_gather(const char* op, const Tensor& x, int64_t dim, const Tensor& index) {
  require_int64(op, index);
  const auto at = static_cast<size_t>(wrap_dim(op, dim, x.sizes().size()));
  IndexWalk walk;
  if (index.numel() > 0 && index.dim() != x.dim()) {
    fail(op, "an index of {} dimensions ({}) does not fit a tensor of {} ({})", index.dim(),
         to_prose(index.sizes()), x.dim(), to_prose(x.sizes()));
  }
  for (size_t d = 0; d < index.sizes().size() && index.numel() > 0; ++d) {
    if (d == at || index.sizes()[d] <= x.sizes()[d]) continue;
    fail(op, "an index of shape {} reaches beyond {} in dimension {}", to_prose(index.sizes()),
         to_prose(x.sizes()), d);
  }
  walk.sizes = walk.where_sizes = index.sizes();
  walk.where_strides = contiguous_strides(index.sizes());
  walk.x_strides = x.strides();
  if (index.numel() == 0) walk.x_strides = Dims(index.sizes().size(), 0);
  if (!walk.x_strides.empty()) walk.x_strides[std::min(at, walk.x_strides.size() - 1)] = 0;
  walk.looked_up.push_back({at, &index});
  return walk;
}

IndexWalk walk_of(const OpDef& op, std::span<const Tensor> inputs, const Attrs& attrs) {
  switch (op.id) {
    case OpId::index:
      return walk_of_index(op.name(), inputs[0], inputs.subspan(1));
    case OpId::index_put:
      return walk_of_index(op.name(), inputs[0], inputs.subspan(2));
    case OpId::index_select:
      return walk_of_index_select(op.name(), inputs[0], std::get<int64_t>(attrs[0]), inputs[1]);
    default:
      return walk_of_gather(op.name(), inputs[0], std::get<int64_t>(attrs[0]), inputs[1]);
  }
}

std::string index_out_of_range(int64_t index, int64_t dim, int64_t size) {
  return fmt::format("index {} is out of range for dimension {}, whose size is {}", index, dim,
                     size);
}

namespace shape {

void index(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  outputs.push_back({.meta = {walk_of_index(call.op, x, call.inputs.subspan(1)).sizes, x.dtype()}});
}

void index_put(const InferCall& call, Outputs& outputs) {
  const Tensor& target = call.input(0);
  const Tensor& values = call.input(1);
  const Dims places = walk_of_index(call.op, target, call.inputs.subspan(2)).sizes;
  if (values.dtype() != target.dtype()) {
    fail(call.op, "puts {} values into a {} tensor: make both of one dtype, with to()",
         to_string(values.dtype()), to_string(target.dtype()));
  }
  if (broadcast_sizes(call.op, values.sizes(), places) != places) {
    fail(call.op, "values of shape {} do not fit into the places, {}", to_prose(values.sizes()),
         to_prose(places));
  }
  outputs.push_back({.meta = target.meta()});
}

void index_select(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const int64_t dim = std::get<int64_t>(call.attrs[0]);
  outputs.push_back(
      {.meta = {walk_of_index_select(call.op, x, dim, call.input(1)).sizes, x.dtype()}});
}

void gather(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const int64_t dim = std::get<int64_t>(call.attrs[0]);
  outputs.push_back({.meta = {walk_of_gather(call.op, x, dim, call.input(1)).sizes, x.dtype()}});
}

void scatter(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const Tensor& index = call.input(1);
  const Tensor& source = call.input(2);
  walk_of_gather(call.op, x, std::get<int64_t>(call.attrs[0]), index);
  if (source.dtype() != x.dtype()) {
    fail(call.op, "puts {} values into a {} tensor: make both of one dtype, with to()",
         to_string(source.dtype()), to_string(x.dtype()));
  }
  bool fits = index.numel() == 0 || source.dim() == index.dim();
  for (size_t d = 0; fits && index.numel() > 0 && d < index.sizes().size(); ++d) {
    fits = index.sizes()[d] <= source.sizes()[d];
  }
  if (!fits) {
    fail(call.op, "a source of shape {} has no value for each place of an index of shape {}",
         to_prose(source.sizes()), to_prose(index.sizes()));
  }
  outputs.push_back({.meta = x.meta()});
}

}  // namespace shape

}  // namespace gradus
