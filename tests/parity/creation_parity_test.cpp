// Creation, random numbers, indexing and what is composed of several ops, against PyTorch
// (golden/creation.json, written by make_creation.py): random numbers and whole ones to the bit.
#include <gtest/gtest.h>

#include <map>

#include "core/base/file.h"
#include "core/op/indexing.h"
#include "core/op/random.h"
#include "tests/parity/samples_json.h"

namespace gradus {
namespace {

using Results = std::map<std::string, Tensor>;

void add_creation(Results& r) {
  const DType f64 = DType::float64;
  r["arange 10"] = arange(10);
  r["arange 2 20 3"] = arange(int64_t{2}, int64_t{20}, int64_t{3}, DType::int64);
  r["arange 5 -5 -2"] = arange(int64_t{5}, int64_t{-5}, int64_t{-2}, DType::int64);
  r["arange 0 1 0.1"] = arange(0.0, 1.0, 0.1);
  r["arange 0.5 3 0.7"] = arange(0.5, 3.0, 0.7);
  r["linspace 0 1 5"] = linspace(0, 1, 5);
  r["linspace -3 10 50"] = linspace(-3, 10, 50);
  r["linspace 2 1 7 f64"] = linspace(2, 1, 7, f64);
  r["linspace 3 9 1"] = linspace(3, 9, 1);
  for (int64_t n : {8, 11, 16, 20, 100}) {
    r["linspace n " + std::to_string(n)] = linspace(-1, 3, n);
    r["linspace n " + std::to_string(n) + " f64"] = linspace(-1, 3, n, f64);
  }
  r["arange 0 10 0.1"] = arange(0.0, 10.0, 0.1);
  r["arange 0 10 0.1 f64"] = arange(0.0, 10.0, 0.1, f64);
  r["eye 3 5"] = eye(3, 5);
  r["full"] = full(Dims{2, 3}, 2.5);
  for (int64_t n : {3, 16, 37}) {
    const auto seeded = [&](const std::string& name, auto&& make) {
      Generator generator(42);
      r[name + " " + std::to_string(n)] = make(generator);
    };
    const auto seeded64 = [&](const std::string& name, auto&& make) {
      Generator generator(42);
      r[name + " " + std::to_string(n) + " f64"] = make(generator);
    };
    const Dims sizes{n};
    seeded("rand", [&](Generator& g) { return rand(sizes, g); });
    seeded64("rand", [&](Generator& g) { return rand(sizes, g, kCpu, f64); });
    seeded("randn", [&](Generator& g) { return randn(sizes, g); });
    seeded64("randn", [&](Generator& g) { return randn(sizes, g, kCpu, f64); });
    seeded("normal", [&](Generator& g) { return normal(1.5, 2, sizes, g); });
    seeded("randint", [&](Generator& g) { return randint(-5, 100, sizes, g); });
    seeded("randperm", [&](Generator& g) { return randperm(n, g); });
    seeded("bernoulli", [&](Generator& g) { return bernoulli(linspace(0, 1, n), g); });
    seeded64("bernoulli", [&](Generator& g) { return bernoulli(linspace(0, 1, n, f64), g); });
    seeded("uniform_", [&](Generator& g) { return uniform_(zeros(sizes), -2, 3, g); });
    seeded("normal_", [&](Generator& g) { return normal_(zeros(sizes), -2, 3, g); });
    seeded("rand_like", [&](Generator& g) { return rand_like(zeros(sizes, f64), g); });
    seeded("randint_like", [&](Generator& g) { return randint_like(zeros(sizes), 0, 9, g); });
  }
}

void add_odd_layouts_and_dtypes(Results& r) {
  for (int64_t n : {2, 9}) {
    const auto seeded = [&](const std::string& name, auto&& make) {
      Generator generator(42);
      r[name + " " + std::to_string(n)] = make(generator);
    };
    const auto turned = [n] { return t(zeros(Dims{n, 5})); };
    const auto sliced = [n] { return slice(zeros(Dims{5, 2 * n}), 1, 0, 2 * n, 2); };
    const Tensor p = t(reshape(linspace(0, 1, 5 * n), Dims{n, 5}));
    const Tensor m = reshape(linspace(-1, 1, 5 * n), Dims{n, 5});
    const Tensor s = linspace(1, 2, 5);
    seeded("rand_like turned", [&](Generator& g) { return rand_like(turned(), g); });
    seeded("randn_like turned", [&](Generator& g) { return randn_like(turned(), g); });
    seeded("uniform_ turned", [&](Generator& g) { return uniform_(turned(), -2, 3, g); });
    seeded("normal_ turned", [&](Generator& g) { return normal_(turned(), -2, 3, g); });
    seeded("normal_ sliced", [&](Generator& g) { return normal_(sliced(), -2, 3, g); });
    seeded("uniform_ sliced", [&](Generator& g) { return uniform_(sliced(), -2, 3, g); });
    seeded("bernoulli turned", [&](Generator& g) { return bernoulli(p, g); });
    seeded("normal tensors", [&](Generator& g) { return normal(m, s, g); });
    seeded("normal mean", [&](Generator& g) { return normal(m, 2.0, g); });
    seeded("normal std", [&](Generator& g) { return normal(1.0, s, g); });
    seeded("randint f32",
           [&](Generator& g) { return randint(-5, 100, Dims{n}, g, kCpu, DType::float32); });
    seeded("randperm i32", [&](Generator& g) { return randperm(n, g, kCpu, DType::int32); });
    for (DType dtype : {DType::float32, DType::float64, DType::int64, DType::int32, DType::uint8,
                        DType::boolean}) {
      const std::string of = std::string(" torch.") + to_string(dtype);
      const auto into = [n, dtype] { return zeros(Dims{n}, dtype); };
      seeded("bernoulli_" + of, [&](Generator& g) { return bernoulli_(into(), 0.3, g); });
      seeded("random_" + of, [&](Generator& g) { return random_(into(), g); });
      if (!is_floating_point(dtype)) continue;
      const Tensor w = reshape(arange(0.0, 5.0 * static_cast<double>(n), 1.0, dtype), Dims{n, 5});
      seeded("exponential_" + of, [&](Generator& g) { return exponential_(into(), 1.5, g); });
      seeded("multinomial" + of, [&](Generator& g) { return multinomial(w, 4, g); });
      seeded("multinomial 1" + of, [&](Generator& g) { return multinomial(w, 1, g); });
      seeded("multinomial back" + of, [&](Generator& g) { return multinomial(w, 7, g, true); });
    }
    seeded("random_ to", [&](Generator& g) { return random_(zeros(Dims{n}), 3, 90, g); });
    seeded("exponential_ turned", [&](Generator& g) { return exponential_(turned(), 1, g); });
  }
  for (DType dtype : {DType::int64, DType::int32, DType::uint8}) {
    const std::string name = std::string(" torch.") + to_string(dtype);
    r["linspace" + name] = linspace(0, 10, 5, dtype);
    r["linspace down" + name] = linspace(100, 3, 12, dtype);
    r["arange" + name] = arange(0.0, 100.0, 7.7, dtype);
    r["arange to 2.9" + name] = arange(0.0, 2.9, 1.0, dtype);
  }
  r["arange -2.5 i32"] = arange(-2.5, 2.5, 1, DType::int32);
  const Tensor b = tensor({true, false, true});
  const Tensor f = tensor({2.5, 0.5, 3.0});
  for (const auto& [name, other] : std::initializer_list<std::pair<std::string, Tensor>>{
           {"2", number(int64_t{2}, b)}, {"2.5", number(2.5, b)}, {"f", f}}) {
    r["bool // " + name] = floor_divide(b, other);
    r["bool % " + name] = remainder(b, other);
    r["bool fmod " + name] = fmod(b, other);
  }
  r["f % bool"] = remainder(f, tensor({true, true, true}));
  r["f ** bool"] = pow(f, b);
  const Tensor mask = tensor({{true, false}, {true, true}});
  const Tensor cube = reshape(arange(0.0, 8.0), Dims{2, 2, 2});
  r["cube[m2, 0]"] = index(cube, {mask, 0});
  r["cube[m2, 1]"] = index(cube, {mask, 1});
  r["cube[m2, 0] = 9"] = clone(cube);
  index_put_(r["cube[m2, 0] = 9"], {mask, 0}, 9.0);
  r["roll"] = roll(cube, 3);
  r["roll dims"] = roll(cube, Dims{1, 1}, Dims{0, 2});
}

void add_indexing(Results& r) {
  const Tensor x = reshape(arange(0.0, 24.0), Dims{2, 3, 4});
  const Tensor i = tensor({0, 1, 1});
  const Tensor j = tensor({2, 0, -1});
  const Slice all;
  r["x[1]"] = index(x, {1});
  r["x[:, 0]"] = index(x, {all, 0});
  r["x[..., -1]"] = index(x, {Ellipsis{}, -1});
  r["x[0, 1:, ::2]"] = index(x, {0, Slice{1}, Slice{{}, {}, 2}});
  r["x[None, :, None]"] = index(x, {NewAxis{}, all, NewAxis{}});
  r["x[i]"] = index(x, {i});
  r["x[:, j]"] = index(x, {all, j});
  r["x[i, j]"] = index(x, {i, j});
  r["x[i, :, j]"] = index(x, {i, all, j});
  r["x[:, i, j]"] = index(x, {all, i, j});
  r["x[0, :, j]"] = index(x, {0, all, j});
  r["x[x > 10]"] = index(x, {gt(x, 10)});
  r["x[mask]"] = index(x, {tensor({true, false})});
  const Tensor row = tensor({{true, false, false, true}});
  r["x[:, mask2]"] = index(x, {all, cat({row, row, row})});
  r["x[i[:, None], j]"] = index(x, {index(i, {all, NewAxis{}}), j});
  r["x[True]"] = index(x, {true});
  r["x[False]"] = index(x, {false});
  r["x[5:]"] = index(x, {Slice{5}});
  const auto changed = [&](auto&& change) {
    const Tensor y = clone(x);
    change(y);
    return y;
  };
  r["x[:, 1] = 0"] = changed([&](const Tensor& y) { index_put_(y, {all, 1}, 0.0); });
  r["x[x > 10] = -1"] = changed([&](const Tensor& y) { index_put_(y, {gt(x, 10)}, -1.0); });
  r["x[i, j] = v"] = changed([&](const Tensor& y) {
    index_put_(y, {i, j}, tensor({5.0, 6.0, 7.0, 8.0}));
  });
  r["x[..., 0] = v"] = changed([&](const Tensor& y) {
    index_put_(y, {Ellipsis{}, 0}, tensor({1.0, 2.0, 3.0}));
  });
  r["x[0] = ones(1, 1, 4)"] = changed([&](const Tensor& y) {
    index_put_(y, {0}, ones(Dims{1, 1, 4}));
  });
  r["nonzero"] = nonzero(gt(x, 17));
  const std::vector<Tensor> chunks = chunk(x, 3, 2);
  for (size_t n = 0; n < chunks.size(); ++n) r["chunk " + std::to_string(n)] = chunks[n];
  const std::vector<Tensor> pieces = split(x, 2, 1);
  for (size_t n = 0; n < pieces.size(); ++n) r["split " + std::to_string(n)] = pieces[n];
}

void add_products(Results& r) {
  const auto counted = [](Dims sizes) {
    return reshape(arange(0.0, static_cast<double>(numel(sizes))), sizes);
  };
  const Tensor a = counted({2, 3});
  const Tensor b = counted({3, 4});
  const Tensor c = counted({2, 3, 4});
  const Tensor d = counted({2, 4, 5});
  r["matmul 1 1"] = matmul(counted({3}), counted({3}));
  r["matmul 2 1"] = matmul(a, counted({3}));
  r["matmul 1 2"] = matmul(counted({2}), a);
  r["matmul 2 2"] = matmul(a, b);
  r["matmul 3 3"] = matmul(c, d);
  r["matmul 3 2"] = matmul(c, t(b));
  r["matmul 2 3"] = matmul(slice(t(b), 1, 0, 3), c);
  r["matmul 3 1"] = matmul(c, counted({4}));
  r["matmul 1 3"] = matmul(counted({3}), c);
  r["matmul 4 3"] = matmul(reshape(c, Dims{2, 1, 3, 4}), d);
  const auto sums = [&](const std::string& equation, std::initializer_list<Tensor> operands) {
    r["einsum " + equation] = einsum(equation, operands);
  };
  const Tensor square = slice(b, 1, 0, 3);
  sums("ij,jk->ik", {a, b});
  sums("ij,jk", {a, b});
  sums("bij,bjk->bik", {c, d});
  sums("ii", {square});
  sums("ii->i", {square});
  sums("ij->ji", {a});
  sums("ij->j", {a});
  sums("i,j->ij", {index(a, {0}), index(b, {0})});
  sums("...ij,...jk->...ik", {c, d});
  sums("b...->...", {c});
  sums("ij,jk,kl->il", {a, b, t(b)});
  sums("ij,ij->", {a, a});
  r["one_hot"] = one_hot(tensor({0, 2, 1}));
  r["one_hot 5"] = one_hot(tensor({{0, 2}, {1, 4}}), 5);
  r["diag vector"] = diag(counted({3}), 1);
  r["diag matrix"] = diag(b, -1);
}

TEST(CreationParity, GivesPyTorchsNumbers) {
  Results ours;
  add_creation(ours);
  add_odd_layouts_and_dtypes(ours);
  add_indexing(ours);
  add_products(ours);
  const Json golden =
      Json::parse(read_file(std::string(GRADUS_SOURCE_DIR) + "/tests/parity/golden/creation.json"));
  EXPECT_EQ(ours.size(), golden.size());
  for (const auto& [name, expected] : golden.items()) {
    const auto found = ours.find(name);
    if (found == ours.end()) {
      ADD_FAILURE() << name << " is not made here";
      continue;
    }
    const Tensor& got = found->second;
    EXPECT_EQ(to_string(got.dtype()), expected["dtype"].get<std::string>()) << name;
    EXPECT_EQ(std::vector<int64_t>(got.sizes().begin(), got.sizes().end()),
              expected["sizes"].get<std::vector<int64_t>>())
        << name;
    const std::vector<double> values = got.to_vector<double>();
    ASSERT_EQ(values.size(), expected["values"].size()) << name;
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(values[i], number_from_json(expected["values"][i])) << name << " [" << i << "]";
    }
  }
}

}  // namespace
}  // namespace gradus
