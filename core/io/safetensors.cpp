#include "core/io/safetensors.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/file.h"

namespace gradus {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

const char* format_name(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "F32";
    case DType::float64:
      return "F64";
    case DType::int64:
      return "I64";
    case DType::int32:
      return "I32";
    case DType::uint8:
      return "U8";
    case DType::boolean:
      return "BOOL";
  }
  return "?";
}

void append(std::string& bytes, const Tensor& tensor) {
  visit_dtype(tensor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const std::vector<T> values = tensor.to_vector<T>();
    for (const T value : values) {
      char raw[sizeof(T)];
      std::memcpy(raw, &value, sizeof(T));
      bytes.append(raw, sizeof(T));
    }
  });
}

}  // namespace

void save_safetensors(const NamedTensors& tensors, const std::filesystem::path& file) {
  nlohmann::ordered_json header = {{"__metadata__", {{"format", "pt"}, {"made_by", "Gradus"}}}};
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    if (header.contains(name)) fail(file.string(), "two tensors are called {:?}", name);
    const size_t begin = data.size();
    append(data, tensor);
    const Dims& sizes = tensor.sizes();
    header[name] = {{"dtype", format_name(tensor.dtype())},
                    {"shape", std::vector<int64_t>(sizes.begin(), sizes.end())},
                    {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  write_file_atomically(file, bytes + text + data);
}

}  // namespace gradus
