// Which shader an op runs, with which buffers and numbers.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "compute/vulkan/executor.h"
#include "core/op/functions.h"
#include "core/op/shape_rules.h"
#include "core/tensor/runtime.h"

namespace gradus::vulkan {
namespace {

constexpr size_t kRank = 4;  // as in grid.glsl
constexpr uint32_t kLanes = 64;
constexpr uint64_t kMostGroups = 4096;  // they go round for more

const char* type_name(const char* op, DType dtype) {
  if (dtype == DType::float32 || dtype == DType::int64 || dtype == DType::boolean) {
    return to_string(dtype);
  }
  fail(op, "{} tensors are for the CPU: this device works with float32, int64 and bool",
       to_string(dtype));
}

uint32_t u32(int64_t x) { return static_cast<uint32_t>(x); }

// Sizes of up to kRank dimensions, and the strides of up to three tensors over them.
struct Walk {
  uint32_t count = 0;
  uint32_t sizes[kRank] = {1, 1, 1, 1};
  uint32_t offsets[3] = {};
  uint32_t strides[3][kRank] = {};
  uint32_t attrs[2] = {};
};
static_assert(sizeof(Walk) == 88);

// An attribute as the two words that a shader of this type takes.
std::array<uint32_t, 2> words_of(const AttrValue& value, DType dtype) {
  const double number = as_number(value);
  if (dtype == DType::float32) return {std::bit_cast<uint32_t>(static_cast<float>(number)), 0};
  if (dtype == DType::boolean) return {number != 0 ? 1u : 0u, 0};
  const auto bits = static_cast<uint64_t>(static_cast<int64_t>(number));
  return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
}

}  // namespace

Executor::Executor(Stream& stream, Pipelines& pipelines, Block report, bool tiled_products)
    : stream_(stream), pipelines_(pipelines), report_(report), tiled_products_(tiled_products) {
  clear_report();
}

Use Executor::use(const Tensor& tensor, bool writes) const {
  const Block block = tensor.impl()->storage->block();
  return part(block, 0, block.bytes, writes);
}

template <typename Params>
void Executor::dispatch_groups(const ShaderName& shader, std::initializer_list<Use> uses,
                               const Params& params, uint64_t groups) {
  static_assert(sizeof(Params) <= 128);
  const Pipeline& pipeline = pipelines_.get(shader, uses.size());
  stream_.dispatch(pipeline.handle, pipeline.layout, {uses.begin(), uses.size()},
                   std::as_bytes(std::span(&params, 1)),
                   static_cast<uint32_t>(std::clamp<uint64_t>(groups, 1, kMostGroups)));
}

template <typename Params>
void Executor::dispatch(const ShaderName& shader, std::initializer_list<Use> uses,
                        const Params& params, uint64_t lanes) {
  dispatch_groups(shader, uses, params, (lanes + kLanes - 1) / kLanes);
}

// Calls `each` with walks over all elements of tensors of the sizes `sizes`, whose strides and
// offsets are given; dimensions beyond kRank are gone through here.
template <typename Each>
void for_each_walk(Dims sizes, std::vector<Dims> strides, const std::vector<int64_t>& offsets,
                   Each&& each) {
  merge_dims(sizes, strides);
  const size_t outer = sizes.size() > kRank ? sizes.size() - kRank : 0;
  int64_t rounds = 1;
  for (size_t d = 0; d < outer; ++d) rounds *= sizes[d];
  for (int64_t round = 0; round < rounds; ++round) {
    Walk walk;
    walk.count = 1;
    for (size_t t = 0; t < strides.size(); ++t) {
      int64_t offset = offsets[t];
      int64_t rest = round;
      for (size_t d = outer; d-- > 0;) {
        offset += rest % sizes[d] * strides[t][d];
        rest /= sizes[d];
      }
      walk.offsets[t] = u32(offset);
      for (size_t d = outer; d < sizes.size(); ++d) {
        walk.strides[t][kRank - sizes.size() + d] = u32(strides[t][d]);
      }
    }
    for (size_t d = outer; d < sizes.size(); ++d) {
      walk.sizes[kRank - sizes.size() + d] = u32(sizes[d]);
      walk.count *= u32(sizes[d]);
    }
    each(walk);
  }
}

// --- copies ---

void Executor::copy_elements(const Tensor& from, const Tensor& to) {
  if (to.numel() == 0) return;
  ShaderName shader{"copy", type_name("clone", to.dtype())};
  if (from.dtype() != to.dtype()) {
    shader = {"convert", type_name("to", from.dtype()), type_name("to", to.dtype())};
  }
  const Dims from_strides = broadcast_strides(from.sizes(), from.strides(), to.sizes());
  for_each_walk(to.sizes(), {to.strides(), from_strides}, {to.offset(), from.offset()},
                [&](const Walk& walk) {
                  dispatch(shader, {use(to, true), use(from, false)}, walk, walk.count);
                });
}

Tensor Executor::here(const Tensor& tensor, Device device, bool dense) {
  if (!(tensor.device() == device)) {  // a number in an expression
    const Tensor copy = Tensor::empty(tensor.sizes(), tensor.dtype(), device);
    const Use to = use(copy, true);
    stream_.upload(tensor.data<char>() - tensor.offset() +
                       tensor.offset() * static_cast<int64_t>(item_size(tensor.dtype())),
                   {to.buffer, to.offset, item_size(tensor.dtype()), true});
    return copy;
  }
  if (!dense || tensor.is_contiguous()) return tensor;
  const Tensor copy = Tensor::empty(tensor.sizes(), tensor.dtype(), device);
  copy_elements(tensor, copy);
  return copy;
}

Tensor Executor::moved_last(const Tensor& tensor, const Dims& last) {
  Dims sizes, strides;
  for (const bool wanted : {false, true}) {
    for (size_t i = 0; i < tensor.sizes().size(); ++i) {
      if ((std::ranges::find(last, static_cast<int64_t>(i)) != last.end()) != wanted) continue;
      sizes.push_back(tensor.sizes()[i]);
      strides.push_back(tensor.strides()[i]);
    }
  }
  const Tensor copy = Tensor::empty(sizes, tensor.dtype(), tensor.device());
  copy_elements(tensor.as_strided(sizes, strides, tensor.offset()), copy);
  return copy;
}

// --- what kernels report ---

void Executor::clear_report() {
  const std::array<std::byte, kReportBytes> zeros{};
  stream_.upload(zeros.data(), part(report_, 0, kReportBytes, true));
}

uint32_t Executor::new_check(const char* op) {
  checks_.push_back({op, context().origin});
  return static_cast<uint32_t>(checks_.size());
}

void Executor::record_report() {
  report_read_ = nullptr;
  if (checks_.empty()) return;
  report_read_ = stream_.notice(part(report_, 0, kReportBytes, false));
}

void Executor::throw_report() {
  if (!report_read_) return;
  uint32_t words[5];
  std::memcpy(words, report_read_, sizeof words);
  const std::vector<Check> checks = std::exchange(checks_, {});
  report_read_ = nullptr;
  if (words[0] == 0) return;
  clear_report();
  const auto label = static_cast<int64_t>(uint64_t{words[3]} << 32 | words[2]);
  const Check& check = checks.at(words[0] - 1);
  throw DataError(
      fmt::format("[{}] label {} of sample {} is out of range: there are {} classes, 0 to {}",
                  check.op, label, words[1], words[4], words[4] - 1),
      check.origin);
}

// --- the ops ---

struct Kernels {
  Executor& e;
  const KernelCall& call;
  const Tensor& out = call.outputs[0];
  const Device device = out.device();

  Tensor input(size_t i, bool dense = false) const { return e.here(call.inputs[i], device, dense); }
  const char* op() const { return call.op.name(); }

  void elementwise() const {
    if (out.numel() == 0) return;
    const DType dtype = call.inputs[0].dtype();
    const ShaderName shader{op(), type_name(op(), dtype)};
    // Results of comparisons are written four to a word, which needs them in one go.
    const bool in_one_go = out.dtype() == DType::boolean && out.sizes().size() > kRank;
    Tensors inputs;
    for (size_t i = 0; i < call.inputs.size(); ++i) {
      inputs.push_back(input(i));
      if (!in_one_go) continue;
      const Tensor spread = Tensor::empty(out.sizes(), dtype, device);
      e.copy_elements(inputs.back(), spread);
      inputs.back() = spread;
    }
    std::vector<Dims> strides{out.strides()};
    std::vector<int64_t> offsets{out.offset()};
    for (const Tensor& x : inputs) {
      strides.push_back(broadcast_strides(x.sizes(), x.strides(), out.sizes()));
      offsets.push_back(x.offset());
    }
    for_each_walk(out.sizes(), strides, offsets, [&](Walk walk) {
      if (!call.attrs.empty()) {
        const auto words = words_of(call.attrs[0], dtype);
        std::ranges::copy(words, walk.attrs);
      }
      if (inputs.size() == 1) {
        e.dispatch(shader, {e.use(out, true), e.use(inputs[0], false)}, walk, walk.count);
      } else {
        e.dispatch(shader, {e.use(out, true), e.use(inputs[0], false), e.use(inputs[1], false)},
                   walk, walk.count);
      }
    });
  }

  void copy_from(size_t i) const { e.copy_elements(input(i), out); }

  void fill_with(const AttrValue& value) const {
    if (out.numel() == 0) return;
    const ShaderName shader{"fill", type_name(op(), out.dtype())};
    for_each_walk(out.sizes(), {out.strides()}, {out.offset()}, [&](Walk walk) {
      std::ranges::copy(words_of(value, out.dtype()), walk.attrs);
      e.dispatch(shader, {e.use(out, true)}, walk, walk.count);
    });
  }

  void product(size_t left, size_t right, std::optional<size_t> bias_at) const {
    const Tensor a = input(left);
    const Tensor b = input(right);
    if (out.numel() == 0) return;
    struct Params {
      uint32_t rows, inner, columns;
      uint32_t offsets[4];
      uint32_t a_strides[2], b_strides[2], bias_strides[2];
      uint32_t has_bias;
    } p{};
    p.rows = u32(out.size(0));
    p.inner = u32(a.size(1));
    p.columns = u32(out.size(1));
    const Tensor bias = bias_at ? input(*bias_at) : a;
    p.offsets[0] = u32(out.offset());
    p.offsets[1] = u32(a.offset());
    p.offsets[2] = u32(b.offset());
    p.offsets[3] = u32(bias.offset());
    for (size_t d = 0; d < 2; ++d) {
      p.a_strides[d] = u32(a.strides()[d]);
      p.b_strides[d] = u32(b.strides()[d]);
    }
    if (bias_at) {
      const Dims strides = broadcast_strides(bias.sizes(), bias.strides(), out.sizes());
      for (size_t d = 0; d < 2; ++d) p.bias_strides[d] = u32(strides[d]);
      p.has_bias = 1;
    }
    const std::initializer_list<Use> uses = {e.use(out, true), e.use(a, false), e.use(b, false),
                                             e.use(bias, false)};
    const char* type = type_name(op(), out.dtype());
    const auto blocks = [&](uint32_t side) {
      return uint64_t{(p.rows + side - 1) / side} * ((p.columns + side - 1) / side);
    };
    if (e.tiled_products_) {
      e.dispatch_groups({"mm", type, "tiled"}, uses, p, blocks(64));
    } else {
      e.dispatch({"mm", type, "lane"}, uses, p, blocks(8));
    }
  }

  void sum_times(double factor) const {
    if (out.numel() == 0) return;
    Tensor x = input(0);
    struct Params {
      uint32_t kept_count;
      uint32_t kept_sizes[kRank];
      uint32_t reduced_count;
      uint32_t reduced_sizes[kRank];
      uint32_t offsets[2];
      uint32_t kept_strides[kRank], reduced_strides[kRank];
      float factor;
    } p{};
    static_assert(sizeof(Params) <= 128);
    const Dims reduced = shape::reduced_dims(op(), call.attrs, x.sizes().size());
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
      x = e.moved_last(x, reduced);
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
    p.factor = static_cast<float>(factor);
    const char* type = type_name(op(), x.dtype());
    if (p.reduced_count <= 256) {
      e.dispatch({"sum", type, "1"}, {e.use(out, true), e.use(x, false)}, p, p.kept_count);
    } else {
      e.dispatch_groups({"sum", type, "64"}, {e.use(out, true), e.use(x, false)}, p, p.kept_count);
    }
  }

  void rows(const char* family) const {
    const Tensor x = input(0, true);
    if (x.numel() == 0) return;
    const size_t rank = x.sizes().size();
    const auto at = static_cast<size_t>(wrap_dim(op(), std::get<int64_t>(call.attrs[0]), rank));
    struct Params {
      uint32_t rows = 1, count = 1, inner = 1;
      uint32_t offsets[2] = {};
    } p;
    for (size_t i = 0; i < rank; ++i) {
      (i == at ? p.count : p.rows) *= u32(x.sizes()[i]);
      if (i > at) p.inner *= u32(x.sizes()[i]);
    }
    p.offsets[0] = u32(out.offset());
    p.offsets[1] = u32(x.offset());
    e.dispatch({family, type_name(op(), x.dtype())}, {e.use(out, true), e.use(x, false)}, p,
               p.rows);
  }

  void nll(bool backward) const {
    const Tensor a = input(0, true);
    const Tensor target = input(1, true);
    struct Params {
      uint32_t samples, classes, reduction;
      uint32_t offsets[3];
      uint32_t call;
    } p{};
    p.samples = u32(target.numel());
    p.classes = u32(backward ? std::get<int64_t>(call.attrs[0]) : a.size(1));
    p.reduction = u32(std::get<int64_t>(call.attrs[backward ? 1 : 0]));
    p.offsets[0] = u32(out.offset());
    p.offsets[1] = u32(a.offset());
    p.offsets[2] = u32(target.offset());
    p.call = e.new_check(op());
    const Use report = part(e.report_, 0, Executor::kReportBytes, true);
    const std::initializer_list<Use> uses = {e.use(out, true), e.use(a, false),
                                             e.use(target, false), report};
    if (backward) {
      e.dispatch({"nll_loss_backward"}, uses, p, uint64_t{p.samples} * p.classes);
    } else {
      e.dispatch_groups({"nll_loss"}, uses, p, 1);
    }
  }

  void sgd() const {
    const Tensor grad = input(1, true);
    const Tensor& parameter = call.inputs[0];
    const Tensor& buffer = call.inputs[2];
    struct Params {
      uint32_t count;
      uint32_t offsets[3];
      float lr, momentum;
      uint32_t has_buffer, first;
    } p{};
    p.count = u32(parameter.numel());
    p.offsets[0] = u32(parameter.offset());
    p.offsets[1] = u32(grad.offset());
    p.offsets[2] = buffer.defined() ? u32(buffer.offset()) : 0;
    p.lr = static_cast<float>(std::get<double>(call.attrs[0]));
    p.momentum = static_cast<float>(std::get<double>(call.attrs[1]));
    p.has_buffer = buffer.defined() ? 1 : 0;
    p.first = std::get<bool>(call.attrs[2]) ? 1 : 0;
    type_name(op(), parameter.dtype());
    e.dispatch({"sgd_step"},
               {e.use(parameter, true), e.use(grad, false),
                buffer.defined() ? e.use(buffer, true) : e.use(grad, false)},
               p, p.count);
  }
};

namespace {

using Kernel = void (*)(const Kernels&);

// By name, as in core/op/all_ops.inc.
void mm(const Kernels& k) { k.product(0, 1, {}); }
void addmm(const Kernels& k) { k.product(1, 2, 0); }
void sum(const Kernels& k) { k.sum_times(1); }
void mean(const Kernels& k) {
  k.sum_times(static_cast<double>(std::max<int64_t>(k.out.numel(), 1)) /
              static_cast<double>(k.call.inputs[0].numel()));
}
void argmax(const Kernels& k) { k.rows("argmax"); }
void log_softmax(const Kernels& k) { k.rows("log_softmax"); }
void nll_loss(const Kernels& k) { k.nll(false); }
void nll_loss_backward(const Kernels& k) { k.nll(true); }
void clone(const Kernels& k) { k.copy_from(0); }
void to(const Kernels& k) { k.copy_from(0); }
void copy(const Kernels& k) { k.copy_from(1); }
void fill(const Kernels& k) { k.fill_with(k.call.attrs[0]); }
void sgd_step(const Kernels& k) { k.sgd(); }
void elementwise(const Kernels& k) { k.elementwise(); }

constexpr std::array<Kernel, kOpCount> kKernels = {
#define GRADUS_ELEMENTWISE(name) elementwise,
#define GRADUS_VIEW(name) nullptr,
#define GRADUS_OP(name) vulkan::name,
#include "core/op/all_ops.inc"
};

}  // namespace

void Executor::run(const KernelCall& call) {
  kKernels[static_cast<size_t>(call.op.id)](Kernels{*this, call});
}

}  // namespace gradus::vulkan
