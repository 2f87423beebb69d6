// The IDX format of MNIST and its kin: a header of big-endian sizes, then bytes; gzip or plain.
// Source: http://yann.lecun.com/exdb/mnist/
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/tensor/dims.h"

namespace gradus {

struct IdxFile {
  Dims sizes;                  // [60000, 28, 28]
  std::vector<uint8_t> bytes;  // row-major
};

// Reads a file of unsigned bytes with `rank` dimensions. Throws Error naming the file, what is
// wrong with it and the cure: missing, not IDX, truncated, too long, not gzip.
IdxFile read_idx(const std::filesystem::path& file, size_t rank);

}  // namespace gradus
