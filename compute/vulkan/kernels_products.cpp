// Matrix products, the losses and the optimiser's update.
#include "compute/vulkan/kernels.h"
#include "core/op/functions.h"
#include "core/op/layout.h"
#include "core/op/moves.h"

namespace gradus::vulkan {
namespace {

// out = a b, or bias + a b, of matrices; out is dense.
void product_at_once(const Kernel& k, const Tensor& a, const Tensor& b, const Tensor* bias_or_none,
                     const Tensor& out) {
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
  const Tensor& bias = bias_or_none ? *bias_or_none : a;
  p.offsets[0] = u32(out.offset());
  p.offsets[1] = u32(a.offset());
  p.offsets[2] = u32(b.offset());
  p.offsets[3] = u32(bias.offset());
  for (size_t d = 0; d < 2; ++d) {
    p.a_strides[d] = u32(a.strides()[d]);
    p.b_strides[d] = u32(b.strides()[d]);
  }
  if (bias_or_none) {
    const Dims strides = broadcast_strides(bias.sizes(), bias.strides(), out.sizes());
    for (size_t d = 0; d < 2; ++d) p.bias_strides[d] = u32(strides[d]);
    p.has_bias = 1;
  }
  const std::initializer_list<Use> uses = {k.e.use(out, true), k.e.use(a, false), k.e.use(b, false),
                                           k.e.use(bias, false)};
  const char* type = type_name(k.op(), out.dtype());
  const auto blocks = [&](uint32_t side) {
    return uint64_t{(p.rows + side - 1) / side} * ((p.columns + side - 1) / side);
  };
  if (k.e.tiled_products()) {
    k.e.dispatch_groups({"mm", type, "tiled"}, uses, p, blocks(64));
  } else {
    k.e.dispatch({"mm", type, "lane"}, uses, p, blocks(8));
  }
}

// The same, piece by piece where the inner dimension is longer than loops may be.
void product(const Kernel& k, const Tensor& a, const Tensor& b, const Tensor* bias_or_none,
             const Tensor& out) {
  const auto most = static_cast<int64_t>(k.e.most_turns());
  const int64_t inner = a.size(1);
  if (inner <= most) return product_at_once(k, a, b, bias_or_none, out);
  for (int64_t from = 0; from < inner; from += most) {
    const int64_t length = std::min(most, inner - from);
    const Tensor left =
        a.as_strided(Dims{a.size(0), length}, a.strides(), a.offset() + from * a.strides()[1]);
    const Tensor right =
        b.as_strided(Dims{length, b.size(1)}, b.strides(), b.offset() + from * b.strides()[0]);
    product_at_once(k, left, right, from > 0 ? &out : bias_or_none, out);
  }
}

}  // namespace

void mm(const Kernel& k) { product(k, k.input(0), k.input(1), nullptr, k.out); }
void addmm(const Kernel& k) {
  const Tensor bias = k.input(0);
  product(k, k.input(1), k.input(2), &bias, k.out);
}
void mv(const Kernel& k) {
  product(k, k.input(0), moves::as_column(k.input(1)), nullptr, moves::as_column(k.out));
}
void dot(const Kernel& k) {
  product(k, moves::as_row(k.input(0)), moves::as_column(k.input(1)), nullptr,
          k.out.as_strided(Dims{1, 1}, Dims{1, 1}, k.out.offset()));
}
void bmm(const Kernel& k) {
  const Tensor a = k.input(0);
  const Tensor b = k.input(1);
  for (int64_t i = 0; i < k.out.size(0); ++i) {
    product(k, moves::matrix_of(a, i), moves::matrix_of(b, i), nullptr, moves::matrix_of(k.out, i));
  }
}

namespace {

void nll(const Kernel& k, bool backward) {
  const Tensor a = k.input(0, true);
  const Tensor target = k.input(1, true);
  type_name(k.op(), a.dtype());
  struct Params {
    uint32_t samples, classes, reduction;
    uint32_t offsets[3];
    uint32_t call;
  } p{};
  p.samples = u32(target.numel());
  p.classes = u32(backward ? k.whole(0) : a.size(1));
  p.reduction = u32(k.whole(backward ? 1 : 0));
  p.offsets[0] = u32(k.out.offset());
  p.offsets[1] = u32(a.offset());
  p.offsets[2] = u32(target.offset());
  if (!backward) k.e.check_turns(k.op(), p.samples / 64);
  p.call = k.e.new_check(k.op(), Executor::Finding::label);
  const std::initializer_list<Use> uses = {k.e.use(k.out, true), k.e.use(a, false),
                                           k.e.use(target, false), k.e.report_use()};
  if (backward) {
    k.e.dispatch({"nll_loss_backward"}, uses, p, uint64_t{p.samples} * p.classes);
  } else {
    k.e.dispatch_groups({"nll_loss"}, uses, p, 1);
  }
}

}  // namespace

void nll_loss(const Kernel& k) { nll(k, false); }
void nll_loss_backward(const Kernel& k) { nll(k, true); }

// (1 - t) x - min(x, 0) + log(1 + exp(-|x|))
void binary_cross_entropy_with_logits(const Kernel& k) {
  const Tensor x = k.input(0);
  const Tensor target = k.input(1);
  const Dims& sizes = x.sizes();
  const auto step = [&](const OpDef& op, std::initializer_list<Tensor> inputs, Attrs attrs = {}) {
    return k.step(op, inputs, sizes, x.dtype(), std::move(attrs));
  };
  const Tensor one = k.empty(Dims{}, x.dtype());
  k.e.fill_elements(one, 1.0);
  const Attrs as_it_is{AttrValue(1.0)};
  const Tensor no = step(ops::sub, {one, target}, as_it_is);
  const Tensor low = step(ops::clamp, {x}, Attrs{AttrValue(-INFINITY), AttrValue(0.0)});
  const Tensor soft = step(ops::log1p, {step(ops::exp, {step(ops::neg, {step(ops::abs, {x})})})});
  const Tensor log_sigmoid = step(ops::sub, {low, soft}, as_it_is);
  const Tensor losses = step(ops::sub, {step(ops::mul, {no, x}), log_sigmoid}, as_it_is);
  const auto reduction = static_cast<Reduction>(k.whole(0));
  if (reduction == Reduction::none) return k.e.copy_elements(losses, k.out);
  const OpDef& reduce = reduction == Reduction::mean ? ops::mean : ops::sum;
  const Attrs attrs{AttrValue(Dims{}), AttrValue(false)};
  k.e.run({reduce, std::span(&losses, 1), k.call.outputs, attrs});
}

void sgd_step(const Kernel& k) {
  const Tensor& like = k.call.inputs[0];
  const Tensor grad = k.dense(in_order_of(k.call.inputs[1], like));
  const Tensor parameter = in_order_of(like, like);
  const Tensor buffer = in_order_of(k.call.inputs[2], like);
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
  p.lr = static_cast<float>(std::get<double>(k.call.attrs[0]));
  p.momentum = static_cast<float>(std::get<double>(k.call.attrs[1]));
  p.has_buffer = buffer.defined() ? 1 : 0;
  p.first = std::get<bool>(k.call.attrs[2]) ? 1 : 0;
  type_name(k.op(), parameter.dtype());
  k.e.dispatch({"sgd_step"},
               {k.e.use(parameter, true), k.e.use(grad, false),
                buffer.defined() ? k.e.use(buffer, true) : k.e.use(grad, false)},
               p, p.count);
}

}  // namespace gradus::vulkan
