// Tensors out of nothing: torch.zeros, arange, rand, ... Numbers are made on the CPU and moved to
// the device, so that they are PyTorch's everywhere.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "core/random/generator.h"
#include "core/tensor/tensor.h"

namespace gradus {

// A number, or lists of them in each other, as one writes them in Python: {{1, 2}, {3, 4}}.
class Nested {
 public:
  Nested(bool value) : number_(value), kind_(DType::boolean) {}  // NOLINT: meant to convert
  Nested(int value) : Nested(int64_t{value}) {}                  // NOLINT
  Nested(int64_t value)
      : number_(static_cast<double>(value)), whole_(value), kind_(DType::int64) {}  // NOLINT
  Nested(double value) : number_(value), kind_(DType::float32) {}                   // NOLINT
  Nested(std::initializer_list<Nested> items) : items_(items), is_list_(true) {}    // NOLINT
  static Nested list(std::vector<Nested> items);
  // As it is written in Python: "[[1, 2], [3., -4e2]]", "True", "inf". Throws Error with the place.
  static Nested parse(std::string_view text);
  bool is_list() const { return is_list_; }

 private:
  friend Tensor tensor(const Nested& data, std::optional<DType> dtype, Device device);
  std::vector<Nested> items_;
  bool is_list_ = false;
  double number_ = 0;
  int64_t whole_ = 0;
  DType kind_ = DType::boolean;
};
// torch.tensor(data): whole numbers become int64, others float32, bools bool, unless a dtype is
// asked for. Throws for lists of different lengths side by side.
Tensor tensor(const Nested& data, std::optional<DType> dtype = {}, Device device = kCpu);

Tensor full(DimsView sizes, double value, DType dtype = DType::float32, Device device = kCpu);
Tensor zeros(DimsView sizes, DType dtype = DType::float32, Device device = kCpu);
Tensor ones(DimsView sizes, DType dtype = DType::float32, Device device = kCpu);
// Of the shape and device of x, and of its dtype unless another one is given.
Tensor full_like(const Tensor& x, double value, std::optional<DType> dtype = {});
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype = {});
Tensor ones_like(const Tensor& x, std::optional<DType> dtype = {});
Tensor empty_like(const Tensor& x, std::optional<DType> dtype = {});
// start, start + step, … below end. Throws where the step leads away from end.
Tensor arange(double start, double end, double step = 1, DType dtype = DType::float32,
              Device device = kCpu);
Tensor arange(int64_t start, int64_t end, int64_t step, DType dtype, Device device = kCpu);
inline Tensor arange(int64_t end) { return arange(int64_t{0}, end, int64_t{1}, DType::int64); }
// `steps` numbers from start to end, both included, evenly apart.
Tensor linspace(double start, double end, int64_t steps, DType dtype = DType::float32,
                Device device = kCpu);
Tensor eye(int64_t rows, int64_t columns, DType dtype = DType::float32, Device device = kCpu);
inline Tensor eye(int64_t n) { return eye(n, n); }

// --- random numbers: those of PyTorch's CPU generator ---
// From [0, 1).
Tensor rand(DimsView sizes, Generator& generator, Device device = kCpu,
            DType dtype = DType::float32);
// From the normal distribution of mean 0 and standard deviation 1.
Tensor randn(DimsView sizes, Generator& generator, Device device = kCpu,
             DType dtype = DType::float32);
// torch.normal(mean, std, sizes). Throws for a negative std.
Tensor normal(double mean, double std, DimsView sizes, Generator& generator, Device device = kCpu,
              DType dtype = DType::float32);
// The same with a mean and a deviation for each element; the two are broadcast.
Tensor normal(const Tensor& mean, const Tensor& std, Generator& generator);
Tensor normal(const Tensor& mean, double std, Generator& generator);
Tensor normal(double mean, const Tensor& std, Generator& generator);
// Whole numbers from low up to high, which is not included.
Tensor randint(int64_t low, int64_t high, DimsView sizes, Generator& generator,
               Device device = kCpu, DType dtype = DType::int64);
// 0 to n - 1 in a random order.
Tensor randperm(int64_t n, Generator& generator, Device device = kCpu, DType dtype = DType::int64);
Tensor rand_like(const Tensor& x, Generator& generator, std::optional<DType> dtype = {});
Tensor randn_like(const Tensor& x, Generator& generator, std::optional<DType> dtype = {});
Tensor randint_like(const Tensor& x, int64_t low, int64_t high, Generator& generator,
                    std::optional<DType> dtype = {});
// 1 with the probability that stands at each place, else 0. Throws for one outside [0, 1].
Tensor bernoulli(const Tensor& probabilities, Generator& generator);
// In place: tensor.uniform_(from, to) and tensor.normal_(mean, std).
Tensor uniform_(const Tensor& x, double from, double to, Generator& generator);
Tensor normal_(const Tensor& x, double mean, double std, Generator& generator);

}  // namespace gradus
