// Ops element by element, and those that move elements.
#include "compute/vulkan/kernels.h"
#include "core/op/moves.h"
#include "core/op/op_def.h"

namespace gradus::vulkan {

void elementwise(const Kernel& k) {
  if (k.out.numel() == 0) return;
  const DType dtype = k.call.inputs[0].dtype();
  const ShaderName shader{k.op(), type_name(k.op(), dtype)};
  // Results of comparisons are written four to a word, which needs them in one go.
  const bool in_one_go = k.out.dtype() == DType::boolean && k.out.sizes().size() > kRank;
  Tensors inputs;
  for (size_t i = 0; i < k.call.inputs.size(); ++i) {
    inputs.push_back(k.input(i));
    if (!in_one_go) continue;
    const Tensor spread = k.empty(k.out.sizes(), dtype);
    k.e.copy_elements(inputs.back(), spread);
    inputs.back() = spread;
  }
  std::vector<Dims> strides{k.out.strides()};
  std::vector<int64_t> offsets{k.out.offset()};
  for (const Tensor& x : inputs) {
    strides.push_back(broadcast_strides(x.sizes(), x.strides(), k.out.sizes()));
    offsets.push_back(x.offset());
  }
  for_each_walk(k.out.sizes(), strides, offsets, [&](Walk walk) {
    for (size_t i = 0; i < std::min<size_t>(k.call.attrs.size(), 2); ++i) {
      std::ranges::copy(words_of(k.call.attrs[i], dtype), walk.attrs[i]);
    }
    if (inputs.size() == 1) {
      k.e.dispatch(shader, {k.e.use(k.out, true), k.e.use(inputs[0], false)}, walk, walk.count);
    } else {
      k.e.dispatch(shader,
                   {k.e.use(k.out, true), k.e.use(inputs[0], false), k.e.use(inputs[1], false)},
                   walk, walk.count);
    }
  });
}

void clone(const Kernel& k) { k.e.copy_elements(k.input(0), k.out); }
void to(const Kernel& k) { k.e.copy_elements(k.input(0), k.out); }
void copy(const Kernel& k) { k.e.copy_elements(k.input(1), k.out); }
void fill(const Kernel& k) { k.e.fill_elements(k.out, k.call.attrs[0]); }

namespace {

auto copier(const Kernel& k) {
  return [&k](const Tensor& from, const Tensor& to) {
    k.e.copy_elements(k.e.here(from, k.device, false), to);
  };
}

// out = condition ? a : b
void choose(const Kernel& k, const Tensor& condition, const Tensor& a, const Tensor& b) {
  if (k.out.numel() == 0) return;
  const ShaderName shader{"where", size_name(k.op(), k.out.dtype())};
  std::vector<Dims> strides{k.out.strides()};
  std::vector<int64_t> offsets{k.out.offset()};
  for (const Tensor* x : {&condition, &a, &b}) {
    strides.push_back(broadcast_strides(x->sizes(), x->strides(), k.out.sizes()));
    offsets.push_back(x->offset());
  }
  for_each_walk(k.out.sizes(), strides, offsets, [&](const Walk& walk) {
    k.e.dispatch(
        shader,
        {k.e.use(k.out, true), k.e.use(condition, false), k.e.use(a, false), k.e.use(b, false)},
        walk, walk.count);
  });
}

void triangle(const Kernel& k, const char* family) {
  const Tensor x = k.input(0, true);
  if (x.numel() == 0) return;
  struct Params {
    uint32_t count, rows, columns;
    int32_t diagonal;
    uint32_t offsets[2];
  } p{};
  p.count = u32(x.numel());
  p.rows = u32(x.size(-2));
  p.columns = u32(x.size(-1));
  const auto most = static_cast<int64_t>(INT32_MAX / 2);
  p.diagonal = static_cast<int32_t>(std::clamp(k.whole(0), -most, most));
  p.offsets[0] = u32(k.out.offset());
  p.offsets[1] = u32(x.offset());
  k.e.dispatch({family, size_name(k.op(), x.dtype())}, {k.e.use(k.out, true), k.e.use(x, false)}, p,
               p.count);
}

}  // namespace

void cat(const Kernel& k) { moves::cat(k.call, copier(k)); }
void stack(const Kernel& k) { moves::stack(k.call, copier(k)); }
void flip(const Kernel& k) { moves::flip(k.call, copier(k)); }
void roll(const Kernel& k) { moves::roll(k.call, copier(k)); }
void repeat(const Kernel& k) { moves::repeat(k.call, copier(k)); }
void diag_embed(const Kernel& k) {
  k.e.fill_elements(k.out, 0.0);
  moves::diag_embed(k.call, copier(k));
}
void tril(const Kernel& k) { triangle(k, "tril"); }
void triu(const Kernel& k) { triangle(k, "triu"); }

void where(const Kernel& k) { choose(k, k.input(0), k.input(1), k.input(2)); }
void masked_fill(const Kernel& k) {
  const Tensor value = k.empty(Dims{}, k.out.dtype());
  k.e.fill_elements(value, k.call.attrs[0]);
  choose(k, k.input(1), value, k.input(0));
}

namespace {

using Run = void (*)(const Kernel&);

constexpr std::array<Run, kOpCount> kKernels = {
#define GRADUS_ELEMENTWISE(name) elementwise,
#define GRADUS_VIEW(name) nullptr,
#define GRADUS_OP(name) vulkan::name,
#include "core/op/all_ops.inc"
};

}  // namespace

void Executor::run(const KernelCall& call) {
  kKernels[static_cast<size_t>(call.op.id)](Kernel{*this, call});
}

}  // namespace gradus::vulkan
