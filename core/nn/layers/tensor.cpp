// Numbers that are written down in the drawing: a leaf of the autograd graph.
#include "core/base/error.h"
#include "core/nn/layer_def.h"
#include "core/op/creation.h"
#include "core/op/functions.h"

namespace gradus::nn {
namespace {

enum : size_t { kData, kShape, kDType, kRequiresGrad };

Nested data_of(const Attrs& attrs) {
  try {
    return Nested::parse(std::get<std::string>(attrs[kData]));
  } catch (const Error& error) {
    fail("tensor", "data {}", without_place(error.what()));
  }
}

// What torch.tensor makes of the data, before it is filled into a shape.
Tensor written(const Attrs& attrs) {
  const auto* dtype = std::get_if<DType>(&attrs[kDType]);
  return tensor(data_of(attrs), dtype ? std::optional(*dtype) : std::nullopt);
}

void complete(Attrs& attrs, std::span<const Tensor>) {
  const Tensor numbers = written(attrs);
  attrs[kDType] = numbers.dtype();
  if (std::holds_alternative<std::monostate>(attrs[kShape])) attrs[kShape] = numbers.sizes();
  const Dims& shape = std::get<Dims>(attrs[kShape]);
  if (numbers.dim() > 0 && numel(shape) != numbers.numel()) {
    fail("tensor",
         "data has {} numbers, shape {} has room for {}. One number alone fills any shape",
         numbers.numel(), to_prose(shape), numel(shape));
  }
  if (std::get<bool>(attrs[kRequiresGrad]) && !is_floating_point(numbers.dtype())) {
    fail("tensor",
         "only floating-point tensors can require grad, this one is {}. Write a point behind a "
         "number, or set dtype to float32",
         to_string(numbers.dtype()));
  }
}

Tensor init(DimsView sizes, const Attrs& attrs, Generator&) {
  const Tensor numbers = written(attrs);
  return numbers.dim() > 0 ? reshape(numbers, sizes) : contiguous(expand(numbers, sizes));
}

}  // namespace

const LayerDef layers::Tensor{
    .name = "Tensor",
    .torch = "torch.tensor",
    .kind = LayerKind::data,
    .inputs = {},
    .attrs = {{"data", AttrType::text, std::string("[1., 2., 3.]"), 0, 1e6,
               "Numbers as in Python: 2., or [[1, 2], [3, 4]]."},
              {"shape",
               AttrType::dims,
               {},
               0,
               1e9,
               "Dimensions, where they are not those of the data. One number fills them all."},
              {"dtype",
               AttrType::dtype,
               {},
               0,
               0,
               "float32, int64, ... Unless given, as the numbers are written."},
              {"requires_grad", AttrType::boolean, false, 0, 1, "Track it, for backward."}},
    .complete = complete,
    .parameters = [](const Attrs& attrs) -> std::vector<ParamSpec> {
      return {{"", std::get<Dims>(attrs[kShape]), init, std::get<DType>(attrs[kDType]),
               std::get<bool>(attrs[kRequiresGrad])}};
    },
    .forward = [](const LayerCall& call) { return call.parameters[0]; },
    .summary = "Numbers of your own.",
    .formula = "x",
};

}  // namespace gradus::nn
