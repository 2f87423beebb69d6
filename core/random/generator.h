// A pseudo-random number generator whose streams equal, bit for bit, those of PyTorch's default
// CPU generator (its AVX2 kernels; tests/parity/make_random.py compares with PyTorch).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace gradus {

// The seed PyTorch's default generator starts from when nobody seeds it.
inline constexpr uint64_t kDefaultSeed = 67280421310721;

// Everything that decides what a Generator yields next. Two generators whose states compare equal
// yield the same numbers for ever.
struct GeneratorState {
  static constexpr int kWords = 624;

  // The current block of untempered MT19937 words.
  std::array<uint32_t, kWords> words{};
  // The word the next draw uses; kWords when the block is used up, as it is just after seeding.
  uint32_t index = kWords;
  // The second sample of the last Box-Muller pair, where one was drawn and not handed out yet.
  std::optional<double> cached_normal;

  friend bool operator==(const GeneratorState&, const GeneratorState&) = default;
};

// MT19937 with PyTorch's distributions on top.
//
// All results are computed with IEEE operations in a fixed order, so they do not depend on the
// target's instruction set, provided that the compiler is kept from contracting a * b + c by
// itself (-ffp-contract=off): std::fma is called wherever PyTorch's binary uses a fused operation.
// The exceptions are normal() into double, and into fewer than 16 floats, which call log, sin and
// cos on double from the C library, as PyTorch does: the last bit of a double is the C library's.
//
// Every function that writes an array accepts n == 0 and then draws nothing. Not thread-safe.
class Generator {
 public:
  // As torch.manual_seed(seed).
  explicit Generator(uint64_t seed = kDefaultSeed) { manual_seed(seed); }

  // Restarts the stream and drops the cached normal sample. Only the low 32 bits of the seed count.
  // A negative Python seed s is the same as static_cast<uint64_t>(s).
  void manual_seed(uint64_t seed);

  const GeneratorState& state() const { return state_; }
  // The index must be at most GeneratorState::kWords.
  void set_state(const GeneratorState& state);

  // The next 32 bits of the stream.
  uint32_t random();
  // Two draws, the first one in the high half.
  uint64_t random64();
  // Fills out[0, n) with the next n values of random().
  void fill_random(uint32_t* out, int64_t n);

  // As tensor.uniform_(from, to); torch.rand is uniform(out, n, 0, 1). A float takes one 32-bit
  // draw and uses 24 bits of it, a double takes two and uses 53. Requires from <= to.
  void uniform(float* out, int64_t n, double from, double to);
  void uniform(double* out, int64_t n, double from, double to);

  // As tensor.normal_(mean, std) on a contiguous tensor, hence torch.randn with (0, 1), and
  // torch.normal(mean, std, size). Requires std >= 0. Which algorithm runs depends on n:
  //   n < 16   sample by sample from double Box-Muller pairs, the odd one left in cached_normal;
  //   n >= 16  n uniform values turned in groups of 16; if a remainder is left, the last 16 values
  //            of the array are drawn and turned afresh. The cached sample is not touched.
  void normal(float* out, int64_t n, double mean, double std);
  void normal(double* out, int64_t n, double mean, double std);

  // As torch.randint(low, high, (n,)): a draw modulo (high - low), 64 bits wide where that range is
  // 2^32 or more, 32 bits wide otherwise. Requires low < high.
  void randint(int64_t* out, int64_t n, int64_t low, int64_t high);

  // As torch.empty((), dtype=torch.int64).random_(): in [0, 2^63).
  int64_t random_int64();

  // As torch.randperm(n): a permutation of 0 .. n - 1.
  void randperm(int64_t* out, int64_t n);

 private:
  void next_block();
  double next_normal(double mean, double std);

  GeneratorState state_;
};

}  // namespace gradus
