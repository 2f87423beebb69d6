#include "core/autograd/transfer.h"

#include "core/autograd/function.h"
#include "core/op/functions.h"
#include "core/tensor/runtime.h"

namespace gradus {
namespace {

Tensor copy_to(const Tensor& x, Device device) {
  const Tensor here = contiguous(x);
  const Tensor there = Tensor::empty(x.sizes(), x.dtype(), device);
  const size_t bytes = static_cast<size_t>(x.numel()) * item_size(x.dtype());
  if (bytes == 0 || device.type == DeviceType::meta) return there;
  std::vector<std::byte> carried(bytes);
  const size_t start = static_cast<size_t>(here.offset()) * item_size(x.dtype());
  const Storage& from = here.impl()->storage;
  from->backend().download(from->block(), start, carried.data(), bytes);
  const Storage& target = there.impl()->storage;
  target->backend().upload(carried.data(), target->block(), 0, bytes);
  return there;
}

}  // namespace

Tensor to(const Tensor& x, Device device) {
  if (!x.defined()) fail("to", "there is no tensor to move");
  if (x.device() == device) return x;
  if (!Runtime::current().backend(device).works_with(x.dtype())) {
    fail("to", "{} does not work with {}: convert the tensor first, to float32", to_string(device),
         to_string(x.dtype()));
  }
  const Function transfer{
      .name = "to",
      .forward = [device](FunctionContext&, std::span<const Tensor> inputs) -> std::vector<Tensor> {
        return {copy_to(inputs[0], device)};
      },
      .backward = [back = x.device()](FunctionContext&, std::span<const Tensor> grads)
          -> std::vector<Tensor> { return {to(grads[0], back)}; },
      .node_name = "ToCopyBackward0"};
  return apply(transfer, {&x, 1})[0];
}

}  // namespace gradus
