#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

Tensors backward(const BackwardCall& c) { return {tril(c.grad(), std::get<int64_t>(c.attrs[0]))}; }

}  // namespace

const OpDef ops::tril{
    .id = OpId::tril,
    .torch = "torch.tril(x, diagonal)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"diagonal", AttrType::integer, int64_t{0}, -9e18, 9e18,
               "0 is the main one, 1 above it."}},
    .infer = shape::matrices,
    .saves = {save_nothing()},
    .backward = backward,
    .summary = "Keeps what is on and below a diagonal; all else becomes 0.",
    .formula = R"(y_{ij} = x_{ij}\,[j - i \le k])",
    .grad_formula = R"(\bar x_{ij} = \bar y_{ij}\,[j - i \le k])",
    .samples =
        [](Samples& s) {
          s.add({sample::uniform({3, 4}, -2, 2, 1)});
          s.add({sample::uniform({2, 3, 3}, -2, 2, 2)}, Attrs{AttrValue(int64_t{1})});
          s.add({sample::uniform({4, 3}, -2, 2, 3)}, Attrs{AttrValue(int64_t{-1})});
        },
};

Tensor tril(const Tensor& x, int64_t diagonal) {
  return call(ops::tril, {x}, Attrs{AttrValue(diagonal)});
}

}  // namespace gradus
