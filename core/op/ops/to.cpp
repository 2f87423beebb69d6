#include "core/op/functions.h"
#include "core/op/samples.h"
#include "core/op/shape_rules.h"

namespace gradus {
namespace {

void infer(const InferCall& call, Outputs& outputs) {
  outputs.push_back({.meta = {call.input(0).sizes(), std::get<DType>(call.attrs[0])}});
}

Tensors backward(const BackwardCall& c) { return {to(c.grad(), c.input_metas[0].dtype)}; }

}  // namespace

const OpDef ops::to{
    .id = OpId::to,
    .torch = "x.to(dtype)",
    .category = Category::movement,
    .inputs = {{"x", "any tensor"}},
    .attrs = {{"dtype", AttrType::dtype, {}, 0, 0, "What its numbers become."}},
    .infer = infer,
    .saves = {save_nothing()},
    .backward = backward,
    .grad_name = "ToCopyBackward0",
    .summary = "The same numbers in another dtype: whole ones are cut off towards zero.",
    .formula = R"(y = x)",
    .grad_formula = R"(\bar x = \bar y)",
    .samples =
        [](Samples& s) {
          for (DType dtype : {DType::int64, DType::boolean}) {
            s.add({sample::uniform({2, 3}, -4, 4, 1)}, Attrs{AttrValue(dtype)});
          }
          s.add({sample::values({0.0, -0.0, 0.5, -0.9, 1e9, -3e9})},
                Attrs{AttrValue(DType::int64)});
          s.add({sample::values({0.0, -0.0, 1e-30, INFINITY, NAN})},
                Attrs{AttrValue(DType::boolean)});
          s.add({sample::integers({2, 3}, -300, 300, 2)}, Attrs{AttrValue(DType::float32)});
          s.add({sample::integers({2, 3}, -1, 1, 3)}, Attrs{AttrValue(DType::boolean)});
          s.add({gradus::t(sample::uniform({2, 3}, -2, 2, 4))}, Attrs{AttrValue(DType::float32)});
          for (DType dtype : {DType::int32, DType::uint8}) {
            s.add({sample::integers({2, 3}, 0, 300, 5)}, Attrs{AttrValue(dtype)});
          }
          s.add({sample::uniform({2, 3}, -2, 2, 6)}, Attrs{AttrValue(DType::float64)});
        },
};

Tensor to(const Tensor& x, DType dtype) {
  return x.dtype() == dtype ? x : call(ops::to, {x}, Attrs{AttrValue(dtype)});
}

}  // namespace gradus
