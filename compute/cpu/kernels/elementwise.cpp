// Rows of the elementwise ops, generated from shaders/scalar_ops.glsl for each element type.
#include <math.h>

#include <type_traits>

#include "compute/cpu/kernels/table.h"

namespace gradus::cpu::GRADUS_ISA {
namespace {

#define OP static inline
// The exponential that devices have: loops over it become vectors, over the C library's they do
// not.
namespace shader {
using uint = uint32_t;
#define OUT(type, name) type& name
#define precise
OP float uintBitsToFloat(uint bits) { return __builtin_bit_cast(float, bits); }
OP uint floatBitsToUint(float x) { return __builtin_bit_cast(uint, x); }
OP int findMSB(uint bits) { return 31 - __builtin_clz(bits); }
OP void umulExtended(uint a, uint b, uint& high, uint& low) {
  const uint64_t product = uint64_t{a} * b;
  high = static_cast<uint>(product >> 32);
  low = static_cast<uint>(product);
}
OP float floor(float x) { return ::floorf(x); }
OP float abs(float x) { return ::fabsf(x); }
OP float sqrt(float x) { return ::sqrtf(x); }
OP float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
#include "shaders/math.glsl"
#undef OUT
#undef precise
}  // namespace shader
#define ROUND_EVEN rint
namespace f32 {
OP float exp(float x) { return shader::m_exp(x); }
OP float expm1(float x) { return ::expm1f(x); }
OP float exp2(float x) { return ::exp2f(x); }
OP float log(float x) { return ::logf(x); }
OP float log2(float x) { return ::log2f(x); }
OP float log10(float x) { return ::log10f(x); }
OP float log1p(float x) { return ::log1pf(x); }
OP float sqrt(float x) { return ::sqrtf(x); }
OP float tan(float x) { return ::tanf(x); }
OP float asin(float x) { return ::asinf(x); }
OP float acos(float x) { return ::acosf(x); }
OP float atan(float x) { return ::atanf(x); }
OP float sinh(float x) { return ::sinhf(x); }
OP float cosh(float x) { return ::coshf(x); }
OP float tanh(float x) { return ::tanhf(x); }
OP float erf(float x) { return ::erff(x); }
OP float floor(float x) { return ::floorf(x); }
OP float ceil(float x) { return ::ceilf(x); }
OP float trunc(float x) { return ::truncf(x); }
OP float sin(float x) { return ::sinf(x); }
OP float cos(float x) { return ::cosf(x); }
OP float rint(float x) { return ::rintf(x); }
OP float abs(float x) { return ::fabsf(x); }
OP float pow(float x, float p) { return ::powf(x, p); }
OP float fmod(float a, float b) { return ::fmodf(a, b); }
#define real float
#include "shaders/scalar_ops.glsl"
#undef real
}  // namespace f32
namespace f64 {
OP double abs(double x) { return ::fabs(x); }
#define real double
#include "shaders/scalar_ops.glsl"
#undef real
}  // namespace f64
#define GRADUS_INTEGER
namespace i64 {
#define real int64_t
#include "shaders/scalar_ops.glsl"
#undef real
}  // namespace i64
namespace i32 {
#define real int32_t
#include "shaders/scalar_ops.glsl"
#undef real
}  // namespace i32
namespace u8 {
#define real uint8_t
#include "shaders/scalar_ops.glsl"
#undef real
}  // namespace u8
#define GRADUS_BOOL
namespace b8 {
#define real bool
#include "shaders/scalar_ops.glsl"
#undef real
}  // namespace b8
#undef GRADUS_BOOL
#undef GRADUS_INTEGER
#undef OP

// Calls f(i-th element…) along a row, with the common strides as compile-time facts so that the
// compiler vectorises them.
template <typename Out, typename In, typename F>
void unary_row(Out* out, const In* a, int64_t n, int64_t so, int64_t sa, F f) {
  if (so == 1 && sa == 1) {
    for (int64_t i = 0; i < n; ++i) out[i] = f(a[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * so] = f(a[i * sa]);
  }
}

template <typename Out, typename In, typename F>
void binary_row(Out* out, const In* a, const In* b, int64_t n, int64_t so, int64_t sa, int64_t sb,
                F f) {
  if (so == 1 && sa == 1 && sb == 1) {
    for (int64_t i = 0; i < n; ++i) out[i] = f(a[i], b[i]);
  } else if (so == 1 && sa == 1 && sb == 0) {
    const In y = *b;
    for (int64_t i = 0; i < n; ++i) out[i] = f(a[i], y);
  } else if (so == 1 && sa == 0 && sb == 1) {
    const In x = *a;
    for (int64_t i = 0; i < n; ++i) out[i] = f(x, b[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * so] = f(a[i * sa], b[i * sb]);
  }
}

// An attribute as an element: what a whole number cannot hold becomes its farthest.
template <typename T>
T param(double value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else if constexpr (std::is_integral_v<T>) {
    constexpr bool is_signed = T(-1) < T(0);
    constexpr T most = is_signed ? T((~uint64_t{0} >> 1) >> (64 - 8 * sizeof(T))) : T(~T(0));
    constexpr T least = is_signed ? T(-most - 1) : T(0);
    if (value >= static_cast<double>(most)) return most;
    if (value <= static_cast<double>(least)) return least;
  }
  return static_cast<T>(value);
}

// From the scalar function's type: its tensors come first, its attributes after them.
template <typename T, T (*kF)(T)>
void unary(void* out, const void* a, const void*, int64_t n, int64_t so, int64_t sa, int64_t,
           const double*) {
  unary_row(static_cast<T*>(out), static_cast<const T*>(a), n, so, sa, [](T x) { return kF(x); });
}
template <typename T, T (*kF)(T, T)>
void unary(void* out, const void* a, const void*, int64_t n, int64_t so, int64_t sa, int64_t,
           const double* params) {
  const T p = param<T>(params[0]);
  unary_row(static_cast<T*>(out), static_cast<const T*>(a), n, so, sa,
            [p](T x) { return kF(x, p); });
}
template <typename T, T (*kF)(T, T, T)>
void unary(void* out, const void* a, const void*, int64_t n, int64_t so, int64_t sa, int64_t,
           const double* params) {
  const T p = param<T>(params[0]);
  const T q = param<T>(params[1]);
  unary_row(static_cast<T*>(out), static_cast<const T*>(a), n, so, sa,
            [p, q](T x) { return kF(x, p, q); });
}
template <typename T, T (*kF)(T, T)>
void binary(void* out, const void* a, const void* b, int64_t n, int64_t so, int64_t sa, int64_t sb,
            const double*) {
  binary_row(static_cast<T*>(out), static_cast<const T*>(a), static_cast<const T*>(b), n, so, sa,
             sb, [](T x, T y) { return kF(x, y); });
}
template <typename T, T (*kF)(T, T, T)>
void binary(void* out, const void* a, const void* b, int64_t n, int64_t so, int64_t sa, int64_t sb,
            const double* params) {
  const T p = param<T>(params[0]);
  binary_row(static_cast<T*>(out), static_cast<const T*>(a), static_cast<const T*>(b), n, so, sa,
             sb, [p](T x, T y) { return kF(x, y, p); });
}
template <typename T, bool (*kF)(T)>
void test(void* out, const void* a, const void*, int64_t n, int64_t so, int64_t sa, int64_t,
          const double*) {
  unary_row(static_cast<bool*>(out), static_cast<const T*>(a), n, so, sa,
            [](T x) { return kF(x); });
}
template <typename T, bool (*kF)(T, T)>
void compare(void* out, const void* a, const void* b, int64_t n, int64_t so, int64_t sa, int64_t sb,
             const double*) {
  binary_row(static_cast<bool*>(out), static_cast<const T*>(a), static_cast<const T*>(b), n, so, sa,
             sb, [](T x, T y) { return kF(x, y); });
}

// As PyTorch's c10::convert: to whole numbers towards zero, to uint8 modulo 256, to bool whether it
// is not zero.
template <typename To, typename From>
To converted(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From(0);
  } else if constexpr (std::is_same_v<To, uint8_t> && std::is_floating_point_v<From>) {
    return static_cast<uint8_t>(static_cast<int64_t>(x));
  } else {
    return static_cast<To>(x);
  }
}
template <typename From, typename To>
void convert(void* out, const void* a, const void*, int64_t n, int64_t so, int64_t sa, int64_t,
             const double*) {
  unary_row(static_cast<To*>(out), static_cast<const From*>(a), n, so, sa,
            [](From x) { return converted<To>(x); });
}
template <typename T>
void fill(void* out, const void*, const void*, int64_t n, int64_t so, int64_t, int64_t,
          const double* params) {
  const T value = converted<T>(params[0]);
  for (int64_t i = 0; i < n; ++i) static_cast<T*>(out)[i * so] = value;
}

template <typename T>
constexpr int element() {
  if constexpr (std::is_same_v<T, float>) return kFloat32;
  if constexpr (std::is_same_v<T, double>) return kFloat64;
  if constexpr (std::is_same_v<T, int64_t>) return kInt64;
  if constexpr (std::is_same_v<T, int32_t>) return kInt32;
  if constexpr (std::is_same_v<T, uint8_t>) return kUint8;
  return kBool;
}

template <typename T, typename... To>
void fill_moves(KernelTable& t) {
  ((t.convert[element<T>()][element<To>()] = convert<T, To>), ...);
  t.fill[element<T>()] = fill<T>;
}

}  // namespace

void fill_elementwise(KernelTable& t) {
#define GRADUS_ROWS_FLOAT(kind, name)                                           \
  t.rows[static_cast<int>(OpId::name)][kFloat32] = kind<float, f32::op_##name>; \
  t.rows[static_cast<int>(OpId::name)][kFloat64] = kind<double, f64::op_##name>;
#define GRADUS_ROWS_ALL(kind, name)                                             \
  GRADUS_ROWS_FLOAT(kind, name)                                                 \
  t.rows[static_cast<int>(OpId::name)][kInt64] = kind<int64_t, i64::op_##name>; \
  t.rows[static_cast<int>(OpId::name)][kInt32] = kind<int32_t, i32::op_##name>; \
  t.rows[static_cast<int>(OpId::name)][kUint8] = kind<uint8_t, u8::op_##name>;
#define GRADUS_ROWS_ANY(kind, name) \
  GRADUS_ROWS_ALL(kind, name)       \
  t.rows[static_cast<int>(OpId::name)][kBool] = kind<bool, b8::op_##name>;
#define GRADUS_ROWS_WHOLE(kind, name)                                           \
  t.rows[static_cast<int>(OpId::name)][kInt64] = kind<int64_t, i64::op_##name>; \
  t.rows[static_cast<int>(OpId::name)][kInt32] = kind<int32_t, i32::op_##name>; \
  t.rows[static_cast<int>(OpId::name)][kUint8] = kind<uint8_t, u8::op_##name>;  \
  t.rows[static_cast<int>(OpId::name)][kBool] = kind<bool, b8::op_##name>;
#define GRADUS_UNARY(name, types) GRADUS_ROWS_##types(unary, name)
#define GRADUS_BINARY(name, types) GRADUS_ROWS_##types(binary, name)
#define GRADUS_COMPARE(name) GRADUS_ROWS_ANY(compare, name)
#define GRADUS_TEST(name) GRADUS_ROWS_ANY(test, name)
#define GRADUS_VIEW(name)
#define GRADUS_OP(name)
#include "core/op/all_ops.inc"
#define GRADUS_MOVES(T) fill_moves<T, float, double, int64_t, int32_t, uint8_t, bool>(t);
  GRADUS_MOVES(float)
  GRADUS_MOVES(double)
  GRADUS_MOVES(int64_t)
  GRADUS_MOVES(int32_t)
  GRADUS_MOVES(uint8_t)
  GRADUS_MOVES(bool)
#undef GRADUS_MOVES
}

}  // namespace gradus::cpu::GRADUS_ISA
