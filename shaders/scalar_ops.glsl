// The scalar text of every elementwise op, written once: compiled as GLSL and as C++.
//
// `real` is the element type; this file is included once per type. Arguments are one element of each
// input tensor, then the op's attributes in their order. GRADUS_INTEGER is defined where `real` is a
// whole number or a bool, GRADUS_BOOL as well where it is a bool (0 or 1, whatever its type: what is
// not 0 becomes true when it is stored, so that sums are "or" and products "and"). C++ defines OP
// (static inline).
//
// IF_NAN(x, this, that) is for what a comparison with nan already makes right in C++: there it is
// `that`. IS_NAN and IS_INF ask; IS_NEGATIVE looks at the sign, of zeros as well.
#ifndef OP
#define OP
#define real float
#endif
#ifndef IF_NAN
#define IF_NAN(x, this_, that) (that)
#endif
#ifndef IS_NAN
#define IS_NAN(x) ((x) != (x))
#define IS_INF(x) ((x) == (x) && (x) - (x) != (x) - (x))
#define IS_NEGATIVE(x) (__builtin_signbit(x) != 0)
#endif

// --- numbers and bool ---
OP real op_add(real a, real b, real alpha) { return real(a + alpha * b); }
OP real op_mul(real a, real b) { return real(a * b); }
OP bool op_eq(real a, real b) { return a == b; }
OP bool op_ne(real a, real b) { return a != b; }
OP bool op_lt(real a, real b) { return a < b; }
OP bool op_le(real a, real b) { return a <= b; }
OP bool op_gt(real a, real b) { return a > b; }
OP bool op_ge(real a, real b) { return a >= b; }
OP bool op_logical_not(real x) { return x == real(0); }
OP bool op_logical_and(real a, real b) { return a != real(0) && b != real(0); }
OP bool op_logical_or(real a, real b) { return a != real(0) || b != real(0); }
OP bool op_logical_xor(real a, real b) { return (a != real(0)) != (b != real(0)); }
// nan wins. The second, where only it is one: a comparison with nan is false.
OP real op_maximum(real a, real b) {
  return IF_NAN(a, a, IF_NAN(b, b, a > b || IS_NAN(a) ? a : b));
}
OP real op_minimum(real a, real b) {
  return IF_NAN(a, a, IF_NAN(b, b, a < b || IS_NAN(a) ? a : b));
}
#ifdef GRADUS_INTEGER
OP bool op_isnan(real x) { return false; }
OP bool op_isinf(real x) { return false; }
OP bool op_isfinite(real x) { return true; }
#else
OP bool op_isnan(real x) { return IS_NAN(x); }
OP bool op_isinf(real x) { return IS_INF(x); }
OP bool op_isfinite(real x) { return !IS_NAN(x) && !IS_INF(x); }
#endif
#ifdef GRADUS_BOOL
OP real op_sign(real x) { return x; }
OP real op_bitwise_not(real x) { return real(x == real(0)); }
#else

// --- numbers ---
OP real op_sub(real a, real b, real alpha) { return real(a - alpha * b); }
OP real op_rsub(real a, real b) { return real(b - a); }
OP real op_neg(real x) { return real(-x); }
OP real op_sign(real x) { return real(int(x > real(0)) - int(x < real(0))); }
// nan passes through, as in PyTorch: a comparison with it is false. GPUs' compilers may forget that,
// so it is said.
OP real op_relu(real x) { return IF_NAN(x, x, x <= real(0) ? real(0) : x); }
OP real op_threshold_backward(real grad, real result) {
  return IF_NAN(result, grad, result <= real(0) ? real(0) : grad);
}
OP real op_clamp(real x, real low, real high) {
  return IS_NAN(low) ? low : IS_NAN(high) ? high : IF_NAN(x, x, x < low ? (high < low ? high : low) : (x > high ? high : x));
}
#endif

#ifdef GRADUS_INTEGER
// --- whole numbers and bool ---
OP real op_bitwise_and(real a, real b) { return real(a & b); }
OP real op_bitwise_or(real a, real b) { return real(a | b); }
OP real op_bitwise_xor(real a, real b) { return real(a ^ b); }
#ifndef GRADUS_BOOL

// --- whole numbers ---
OP real op_abs(real x) { return real(x < real(0) ? -x : x); }
OP real op_bitwise_not(real x) { return real(~x); }
OP real op_round(real x) { return x; }
OP real op_floor(real x) { return x; }
OP real op_ceil(real x) { return x; }
OP real op_trunc(real x) { return x; }
// Of a division by 0, which is refused before it comes here, they are 0; the smallest number
// divided by -1 has no room for its result, and becomes itself.
OP real op_fmod(real a, real b) {
  if (b == real(0) || (b == real(-1) && real(-1) < real(0))) return real(0);
  return real(a - real(b * real(a / b)));
}
OP real op_remainder(real a, real b) {
  real rest = op_fmod(a, b);
  return rest != real(0) && (rest < real(0)) != (b < real(0)) ? real(rest + b) : rest;
}
OP real op_floor_divide(real a, real b) {
  if (b == real(0)) return real(0);
  if (b == real(-1) && real(-1) < real(0)) return real(-a);
  real quotient = real(a / b);
  real rest = real(a - real(b * quotient));
  return rest != real(0) && (rest < real(0)) != (b < real(0)) ? real(quotient - real(1)) : quotient;
}
OP real op_pow(real x, real exponent) {
  if (exponent < real(0)) {  // what is left of 1 / x^n, cut off
    if (x == real(1)) return x;
    if (x == real(-1)) return (exponent & real(1)) != real(0) ? x : real(1);
    return real(0);
  }
  real result = real(1);
  while (exponent > real(0)) {
    if ((exponent & real(1)) != real(0)) result = real(result * x);
    x = real(x * x);
    exponent = real(exponent / real(2));
  }
  return result;
}
OP real op_pow_tensor(real a, real b) { return op_pow(a, b); }
#endif
#else

// --- floating point ---
OP real op_div(real a, real b) { return a / b; }
OP real op_abs(real x) { return abs(x); }
OP real op_pow(real x, real exponent) {
  if (exponent == real(2)) return x * x;
  if (exponent == real(0.5)) return sqrt(x);  // as PyTorch: of -inf it is nan, of -0 it is -0
  if (exponent == real(-0.5)) return real(1) / sqrt(x);
  return pow(x, exponent);
}
OP real op_pow_tensor(real a, real b) { return pow(a, b); }
OP real op_exp(real x) { return exp(x); }
OP real op_sin(real x) { return sin(x); }
OP real op_cos(real x) { return cos(x); }
OP real op_expm1(real x) { return expm1(x); }
OP real op_exp2(real x) { return exp2(x); }
OP real op_log(real x) { return log(x); }
OP real op_log2(real x) { return log2(x); }
OP real op_log10(real x) { return log10(x); }
OP real op_log1p(real x) { return log1p(x); }
OP real op_sqrt(real x) { return sqrt(x); }
OP real op_rsqrt(real x) { return real(1) / sqrt(x); }
OP real op_reciprocal(real x) { return real(1) / x; }
OP real op_tan(real x) { return tan(x); }
OP real op_asin(real x) { return asin(x); }
OP real op_acos(real x) { return acos(x); }
OP real op_atan(real x) { return atan(x); }
OP real op_sinh(real x) { return sinh(x); }
OP real op_cosh(real x) { return cosh(x); }
OP real op_tanh(real x) { return tanh(x); }
OP real op_sigmoid(real x) { return real(1) / (real(1) + exp(-x)); }
OP real op_erf(real x) { return erf(x); }
OP real op_tanh_backward(real a, real b) { return a * (real(1) - b * b); }
OP real op_sigmoid_backward(real a, real b) { return a * (real(1) - b) * b; }
OP real op_floor(real x) { return floor(x); }
OP real op_ceil(real x) { return ceil(x); }
OP real op_trunc(real x) { return trunc(x); }
OP real op_round(real x) { return ROUND_EVEN(x); }
OP real op_fmod(real a, real b) { return fmod(a, b); }
OP real op_remainder(real a, real b) {
  real rest = fmod(a, b);
  return rest != real(0) && (rest < real(0)) != (b < real(0)) ? rest + b : rest;
}
// As PyTorch: the quotient of what can be divided without a rest, so that rounding does no harm.
OP real op_floor_divide(real a, real b) {
  if (b == real(0)) return a / b;
  real rest = fmod(a, b);
  real quotient = (a - rest) / b;
  if (rest != real(0) && (rest < real(0)) != (b < real(0))) quotient = quotient - real(1);
  if (quotient == real(0)) return IS_NEGATIVE(a) != IS_NEGATIVE(b) ? -real(0) : real(0);
  real whole = floor(quotient);
  return quotient - whole > real(0.5) ? whole + real(1) : whole;
}
#endif
