#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

// One past the last element that a layout reaches; 0 for one of no elements, wherever it starts.
int64_t end_of(DimsView sizes, DimsView strides, int64_t offset) {
  int64_t last = 0;
  for (size_t d = 0; d < sizes.size(); ++d) {
    int64_t steps = 0;
    if (sizes[d] > 1 && (__builtin_mul_overflow(sizes[d] - 1, strides[d], &steps) ||
                         __builtin_add_overflow(last, steps, &last) || last > INT64_MAX / 16)) {
      fail("as_strided", "sizes {} and strides {} reach beyond any memory", to_string(sizes),
           to_string(strides));
    }
  }
  return numel(sizes) == 0 ? 0 : offset + last + 1;
}

void infer(const InferCall& call, Outputs& outputs) {
  const Tensor& x = call.input(0);
  const Dims& sizes = std::get<Dims>(call.attrs[0]);
  const Dims& strides = std::get<Dims>(call.attrs[1]);
  const int64_t offset = std::get<int64_t>(call.attrs[2]);
  if (sizes.size() != strides.size()) {
    fail(call.op, "{} sizes need as many strides, got {}", to_string(sizes), to_string(strides));
  }
  if (offset > INT64_MAX / 16) fail(call.op, "offset {} is beyond any memory", offset);
  const int64_t end = end_of(sizes, strides, offset);
  const auto held = static_cast<int64_t>(x.impl()->storage->bytes() / item_size(x.dtype()));
  if (end > held && !(x.device() == kMeta)) {
    fail(call.op, "sizes {}, strides {} and offset {} reach element {} of a storage of {}",
         to_string(sizes), to_string(strides), offset, end - 1, held);
  }
  outputs.push_back({{sizes, x.dtype()}, true, strides, offset});
}

Tensors backward(const BackwardCall& c) {
  const Dims& sizes = std::get<Dims>(c.attrs[0]);
  const Dims& strides = std::get<Dims>(c.attrs[1]);
  const int64_t offset = std::get<int64_t>(c.attrs[2]);
  const Dims& input_sizes = c.input_metas[0].sizes;
  const Dims& input_strides = std::get<Dims>(c.attrs[3]);
  const int64_t input_offset = std::get<int64_t>(c.attrs[4]);
  if (overlaps_itself(input_sizes, input_strides)) {
    fail("as_strided",
         "has no gradient for a tensor whose elements share memory: clone() it first");
  }
  if (numel(sizes) == 0) {
    return {zeros(input_sizes, c.grad().dtype(), c.grad().device())};
  }
  const int64_t first = std::min(offset, input_offset);
  const int64_t end = std::max(
      {first, end_of(sizes, strides, offset), end_of(input_sizes, input_strides, input_offset)});
  const Tensor memory = zeros(Dims{end - first}, c.grad().dtype(), c.grad().device());
  if (overlaps_itself(sizes, strides)) {
    const Tensor places = arange(0, end - first, 1, DType::int64, c.grad().device());
    const Tensor seen = reshape(as_strided(places, sizes, strides, offset - first), Dims{-1});
    index_put_(memory, std::span(&seen, 1), reshape(c.grad(), Dims{-1}), /*accumulate=*/true);
  } else {
    copy_(as_strided(memory, sizes, strides, offset - first), c.grad());
  }
  return {as_strided(memory, input_sizes, input_strides, input_offset - first)};
}

}  // namespace

const OpDef ops::as_strided{
    .id = OpId::as_strided,
    .torch = "torch.as_strided(x, sizes, strides, offset)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"sizes", AttrType::dims, {}, 0, 9e18, "The new shape."},
              {"strides", AttrType::dims, {}, 0, 9e18, "Elements from one to the next."},
              {"offset", AttrType::integer, {}, 0, 9e18, "Of the first element in the storage."},
              {"input_strides", AttrType::dims, {}, 0, 9e18, "Those of x."},
              {"input_offset", AttrType::integer, {}, 0, 9e18, "That of x."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Any view of the memory behind a tensor; nothing is copied.",
    .formula = R"(y_{ij} = m_{o + i s_0 + j s_1})",
    .grad_formula = R"(\bar m_{o + i s_0 + j s_1} \mathrel{+}= \bar y_{ij})",
    .samples =
        [](Samples& s) {
          const auto add = [&](const Tensor& x, Dims sizes, Dims strides, int64_t offset) {
            s.add({x}, Attrs{AttrValue(sizes), AttrValue(strides), AttrValue(offset),
                             AttrValue(x.strides()), AttrValue(x.offset())});
          };
          add(sample::uniform({2, 6}, -2, 2, 1), {3, 2}, {4, 1}, 1);
          add(sample::uniform({6}, -2, 2, 2), {4, 3}, {1, 1}, 0);
          add(sample::uniform({3, 4}, -2, 2, 3), {3}, {5}, 0);
        },
};

Tensor as_strided(const Tensor& x, DimsView sizes, DimsView strides, int64_t offset) {
  return call(ops::as_strided, {x},
              Attrs{AttrValue(Dims(sizes)), AttrValue(Dims(strides)), AttrValue(offset),
                    AttrValue(x.strides()), AttrValue(x.offset())});
}

}  // namespace gradus
