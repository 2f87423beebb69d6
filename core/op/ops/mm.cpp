#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) { shape::matrix_product(call, 0, 1, outputs); }

Tensors backward(const BackwardCall& c) {
  Tensors grads(2, Tensor());
  if (c.needs_grad(0)) grads[0] = product_grad_left(c.grad(), c.inputs[1]);
  if (c.needs_grad(1)) grads[1] = product_grad_right(c.inputs[0], c.grad(), c.inputs[1]);
  return grads;
}

}  // namespace

const OpDef ops::mm{
    .id = OpId::mm,
    .torch = "torch.mm(a, b)",
    .category = Category::product,
    .inputs = {{"a", "n×m matrix"}, {"b", "m×p matrix"}},
    .infer = infer,
    // The right gradient also looks at b's layout, to be laid out alike.
    .saves = {save_input(1), Saves{.inputs = 0b11}},
    .backward = backward,
    .dtypes = Dtypes::same,
    .takes_bool = false,
    .summary = "Matrix product: rows of a times columns of b.",
    .formula = R"(Y = A B)",
    .grad_formula = R"(\bar A = \bar Y B^T,\quad \bar B = A^T \bar Y)",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({2, 3}, -2, 2, 1), sample::uniform({3, 4}, -2, 2, 2)});
          s.add({sample::uniform({5, 7}, -1, 1, 3), gradus::t(sample::uniform({6, 7}, -1, 1, 4))});
          s.add({gradus::t(sample::uniform({7, 5}, -1, 1, 5)), sample::uniform({7, 1}, -1, 1, 6)});
          s.add({sample::uniform({64, 33}, -1, 1, 7), sample::uniform({33, 10}, -1, 1, 8)});
          s.add({sample::uniform({2, 0}, -1, 1, 9), sample::uniform({0, 3}, -1, 1, 10)});
          s.add({sample::integers({2, 3}, -9, 9, 11), sample::integers({3, 2}, -9, 9, 12)});
        },
};

Tensor mm(const Tensor& a, const Tensor& b) { return call(ops::mm, {a, b}); }

}  // namespace gradus
