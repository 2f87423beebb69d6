// What learners get wrong, and what they are told: the op, the shapes, the cure. The same words on
// every device.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/autograd/backward_task.h"
#include "core/op/indexing.h"

namespace gradus {

struct BadCall {
  const char* name;
  std::function<void(Device)> call;
  std::string message;
};

inline const std::vector<BadCall>& bad_calls() {
  const auto floats = [](Dims sizes, Device device) { return ones(sizes, DType::float32, device); };
  const auto wholes = [](Dims sizes, Device device) { return ones(sizes, DType::int64, device); };
  const auto leaf = [](Device device) {
    return ones(Dims{2}, DType::float32, device).set_requires_grad(true);
  };
  static const std::vector<BadCall> all{
      {"DoesNotBroadcast",
       [=](Device d) {
         floats({4, 3}, d) + floats({4}, d);
       },
       "[add] cannot broadcast 4×3 with 4: sizes 3 and 4 differ in dimension 1 (counted from the "
       "last: -1). Sizes must be equal, or one of them 1."},
      {"IndexOutOfRange",
       [=](Device d) {
         index(floats({3, 4}, d), {5});
       },
       "[select] index 5 is out of range for dimension 0 of 3×4, whose size is 3"},
      {"IndexInTensorOutOfRange",
       [=](Device d) {
         index(floats({3, 4}, d), {Slice{}, tensor({0, 9}, DType::int64, d)}).to_vector<float>();
       },
       "[index] index 9 is out of range for dimension 1, whose size is 4"},
      {"GatherOutOfRange",
       [=](Device d) {
         gather(floats({3, 4}, d), 1, tensor({{-1}}, DType::int64, d)).to_vector<float>();
       },
       "[gather] index -1 is out of range for dimension 1, whose size is 4"},
      {"TooManyIndices",
       [=](Device d) {
         index(floats({3}, d), {0, 0});
       },
       "[index] 2 indices are too many for a tensor of 1 dimensions (3)"},
      {"DtypesDiffer",
       [=](Device d) {
         mm(floats({2, 2}, d), wholes({2, 2}, d));
       },
       "[mm] its inputs have dtypes float32 and int64: make both of one dtype, with to()"},
      {"InnerSizesDiffer",
       [=](Device d) {
         mm(floats({2, 3}, d), floats({2, 3}, d));
       },
       "[mm] cannot multiply 2×3 by 2×3: the inner sizes 3 and 2 differ"},
      {"CannotWriteFloatsIntoWholes", [=](Device d) { add_(wholes({2}, d), floats({2}, d)); },
       "[add] the result is float32, which add_() cannot write into a int64 tensor: use add(), or "
       "to()"},
      {"GradOfAnInteger", [=](Device d) { wholes({2}, d).set_requires_grad(true); },
       "[requires_grad] only floating-point tensors can require gradients, this one is int64"},
      {"BackwardTwice",
       [=](Device d) {
         const Tensor x = leaf(d);
         const Tensor y = sum(x * x);
         backward(y);
         backward(y);
       },
       "[MulBackward0] Trying to backward through the graph a second time: what mul saved was "
       "freed "
       "by the first backward. Pass retain_graph=true to the first backward if you need a second."},
      {"BackwardOfMany", [=](Device d) { backward(leaf(d) * 2); },
       "[backward] a gradient is made up only for one number, and this tensor has shape 2. Reduce "
       "it "
       "first (sum or mean), or pass a gradient of its shape."},
      {"InPlaceOnALeaf", [=](Device d) { mul_(leaf(d), floats({2}, d)); },
       "[mul] mul_() would overwrite a leaf that requires grad, and with it the value its gradient "
       "belongs to. Do it under no_grad, as optimisers do."},
      {"InPlaceOnWhatBackwardNeeds",
       [=](Device d) {
         const Tensor y = leaf(d) * 2;
         const Tensor z = sum(y * y);
         add_(y, floats({2}, d));
         backward(z);
       },
       "[MulBackward0] backward needs input 0 of mul (float32, shape 2) as it was, but add_() has "
       "overwritten it in place since: it is at version 1, expected 0. Use the op that returns a "
       "new tensor, or clone() first."},
      {"TooLarge",
       [=](Device d) {
         expand(floats({1}, d), Dims{int64_t{1} << 62, 4});
       },
       "[tensor] a tensor of 4611686018427387904×4 elements is too large to address"},
      {"DivisionByZero", [=](Device d) { floor_divide(wholes({2}, d), wholes({2}, d) - 1); },
       "[floor_divide] a whole number cannot be divided by 0"},
      {"BoolsAreNoNumbers", [=](Device d) { neg(gt(floats({2}, d), 0)); },
       "[neg] does not work on bool tensors: make them numbers first, with to()"},
      {"ShapesOfCat",
       [=](Device d) {
         cat({floats({2, 3}, d), floats({2, 2}, d)}, 0);
       },
       "[cat] tensor 1 has shape 2×2, the first one 2×3: they may differ in dimension 0 alone"},
      {"NoSuchDimension",
       [=](Device d) {
         sum(floats({2, 3}, d), Dims{2});
       },
       "[sum] dimension 2 is out of range: a tensor of 2 dimension(s) has -2 to 1"},
      {"ViewThatWouldCopy",
       [=](Device d) {
         view(t(floats({2, 3}, d)), Dims{6});
       },
       "[view] a tensor of shape 3×2 with strides [1, 3] cannot be seen as 6 without copying: use "
       "reshape"},
      {"NothingToChooseFrom",
       [=](Device d) {
         max(floats({0, 3}, d), 0);
       },
       "[max_dim] dimension 0 of 0×3 is empty: there is nothing to choose from"},
  };
  return all;
}

}  // namespace gradus
