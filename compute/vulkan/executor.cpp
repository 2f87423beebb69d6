#include "compute/vulkan/executor.h"

#include <bit>
#include <cstring>
#include <limits>

#include "compute/vulkan/walk.h"
#include "core/op/functions.h"
#include "core/op/index_rules.h"
#include "core/tensor/runtime.h"

namespace gradus::vulkan {

const char* type_name(const char* op, DType dtype) {
  if (dtype != DType::float64) return to_string(dtype);
  fail(op,
       "float64 tensors are for the CPU: this device works with float32, int64, int32, uint8 "
       "and bool");
}

const char* size_name(const char* op, DType dtype) {
  type_name(op, dtype);
  return item_size(dtype) == 8 ? "int64" : item_size(dtype) == 4 ? "int32" : "uint8";
}

namespace {

template <typename T>
T nearest(double number) {
  if (number >= static_cast<double>(std::numeric_limits<T>::max())) {
    return std::numeric_limits<T>::max();
  }
  if (number <= static_cast<double>(std::numeric_limits<T>::min())) {
    return std::numeric_limits<T>::min();
  }
  return static_cast<T>(number);
}

}  // namespace

std::array<uint32_t, 2> words_of(const AttrValue& value, DType dtype) {
  const double number = as_number(value);
  switch (dtype) {
    case DType::float32:
      return {std::bit_cast<uint32_t>(static_cast<float>(number)), 0};
    case DType::boolean:
      return {number != 0 ? 1u : 0u, 0};
    case DType::uint8:
      return {nearest<uint8_t>(number), 0};
    case DType::int32:
      return {static_cast<uint32_t>(nearest<int32_t>(number)), 0};
    default: {
      const auto bits = static_cast<uint64_t>(nearest<int64_t>(number));
      return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
    }
  }
}

Executor::Executor(Stream& stream, Pipelines& pipelines, Block report, bool tiled_products)
    : stream_(stream), pipelines_(pipelines), report_(report), tiled_products_(tiled_products) {
  clear_report();
}

Use Executor::use(const Tensor& tensor, bool writes) const {
  const Block block = tensor.impl()->storage->block();
  return part(block, 0, block.bytes, writes);
}

// --- copies ---

void Executor::copy_elements(const Tensor& from, const Tensor& to) {
  if (to.numel() == 0) return;
  ShaderName shader{"copy", size_name("clone", to.dtype())};
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

void Executor::fill_elements(const Tensor& tensor, const AttrValue& value) {
  if (tensor.numel() == 0) return;
  const ShaderName shader{"fill", size_name("fill", tensor.dtype())};
  for_each_walk(tensor.sizes(), {tensor.strides()}, {tensor.offset()}, [&](Walk walk) {
    std::ranges::copy(words_of(value, tensor.dtype()), walk.attrs[0]);
    dispatch(shader, {use(tensor, true)}, walk, walk.count);
  });
}

// --- what kernels report ---

void Executor::check_turns(const char* op, uint64_t turns) const {
  if (turns <= most_turns()) return;
  fail(op,
       "takes {} turns of one loop here, and this software driver gives up after 65535: compute it "
       "on the CPU or a GPU",
       turns);
}

void Executor::clear_report() {
  const std::array<std::byte, kReportBytes> zeros{};
  stream_.upload(zeros.data(), part(report_, 0, kReportBytes, true));
}

uint32_t Executor::new_check(const char* op, Finding finding) {
  checks_.push_back({op, context().origin, finding});
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
  const auto found = static_cast<int64_t>(uint64_t{words[3]} << 32 | words[2]);
  const Check& check = checks.at(words[0] - 1);
  throw DataError(
      check.finding == Finding::index
          ? fmt::format("[{}] {}", check.op, index_out_of_range(found, words[1], words[4]))
          : fmt::format("[{}] label {} of sample {} is out of range: there are {} classes, 0 to {}",
                        check.op, found, words[1], words[4], words[4] - 1),
      check.origin);
}

}  // namespace gradus::vulkan
