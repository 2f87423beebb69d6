// Where samples come from. A dataset is immutable after construction and may be read by several
// threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/tensor/dims.h"

namespace gradus {

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::string name() const = 0;
  virtual int64_t size() const = 0;
  virtual Dims sample_shape() const = 0;  // [1, 28, 28], without the batch
  virtual const std::vector<std::string>& class_names() const = 0;
  // Writes sample `index` (0 ≤ index < size), after its transforms, as numel(sample_shape())
  // floats, and its class number.
  virtual void read(int64_t index, float* sample, int64_t* label) const = 0;
};

using DatasetPtr = std::shared_ptr<const Dataset>;

// What a network is trained and tested on.
struct DataSplit {
  DatasetPtr train;
  DatasetPtr test;
};

}  // namespace gradus
