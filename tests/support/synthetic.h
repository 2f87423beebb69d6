// Small made-up data sets for tests.
#pragma once

#include <cmath>
#include <memory>

#include "core/data/two_moons.h"
#include "core/random/generator.h"

namespace gradus {

// Images of 1×28×28 noise with labels 0 to 9.
class SyntheticImages final : public Dataset {
 public:
  explicit SyntheticImages(int64_t count) : count_(count) {}
  std::string name() const override { return "synthetic"; }
  int64_t size() const override { return count_; }
  Dims sample_shape() const override { return {1, 28, 28}; }
  const std::vector<std::string>& class_names() const override {
    static const std::vector<std::string> names(10, "class");
    return names;
  }
  void read(int64_t index, float* sample, int64_t* label) const override {
    Generator(static_cast<uint64_t>(index)).uniform(sample, 784, 0, 1);
    *label = index % 10;
  }

 private:
  int64_t count_;
};

inline DataSplit synthetic_images(int64_t train, int64_t test) {
  return {std::make_shared<SyntheticImages>(train), std::make_shared<SyntheticImages>(test)};
}

// Another data set with one thing changed.
class Changed : public Dataset {
 public:
  explicit Changed(DatasetPtr inner) : inner_(std::move(inner)) {}
  std::string name() const override { return inner_->name(); }
  int64_t size() const override { return inner_->size(); }
  Dims sample_shape() const override { return inner_->sample_shape(); }
  const std::vector<std::string>& class_names() const override { return inner_->class_names(); }
  void read(int64_t index, float* sample, int64_t* label) const override {
    inner_->read(index, sample, label);
  }

 protected:
  DatasetPtr inner_;
};

// A data set with nan in one sample.
class WithNan final : public Changed {
 public:
  WithNan(DatasetPtr inner, int64_t bad) : Changed(std::move(inner)), bad_(bad) {}
  void read(int64_t index, float* sample, int64_t* label) const override {
    inner_->read(index, sample, label);
    if (index == bad_) sample[0] = NAN;
  }

 private:
  int64_t bad_;
};

// A data set that has a label beyond its classes.
class WithBadLabel final : public Changed {
 public:
  using Changed::Changed;
  void read(int64_t index, float* sample, int64_t* label) const override {
    inner_->read(index, sample, label);
    if (index == 3) *label = 7;
  }
};

inline DataSplit with_bad_label(DataSplit split) {
  return {std::make_shared<WithBadLabel>(split.train), split.test};
}

inline DataSplit with_nan(DataSplit split, int64_t bad) {
  return {std::make_shared<WithNan>(split.train, bad), split.test};
}

}  // namespace gradus
