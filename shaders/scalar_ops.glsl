// The scalar text of every elementwise op, written once: compiled as GLSL and as C++.
//
// `real` is the element type: float here; C++ includes this file once per type. Arguments are one
// element of each input tensor, then the op's attributes in their order.
// C++ defines OP (static inline), real, and GRADUS_INTEGER where `real` is an integer type.
//
// IF_NAN(x, this, that) is for what a comparison with nan already makes right in C++: there it is
// `that`.
#ifndef OP
#define OP
#define real float
#endif
#ifndef IF_NAN
#define IF_NAN(x, this_, that) (that)
#endif

// --- any number ---
OP real op_add(real a, real b, real alpha) { return a + alpha * b; }
OP real op_sub(real a, real b, real alpha) { return a - alpha * b; }
OP real op_mul(real a, real b) { return a * b; }
OP real op_neg(real x) { return -x; }
OP bool op_eq(real a, real b) { return a == b; }

// --- floating point ---
#ifndef GRADUS_INTEGER
OP real op_div(real a, real b) { return a / b; }
OP real op_pow(real x, real exponent) {
  if (exponent == real(2)) return x * x;
  if (exponent == real(0.5)) return sqrt(x);  // as PyTorch: of -inf it is nan, of -0 it is -0
  if (exponent == real(-0.5)) return real(1) / sqrt(x);
  return pow(x, exponent);
}
OP real op_exp(real x) { return exp(x); }
OP real op_sin(real x) { return sin(x); }
OP real op_cos(real x) { return cos(x); }
// nan passes through, as in PyTorch: a comparison with it is false. GPUs' compilers may forget that,
// so it is said.
OP real op_relu(real x) { return IF_NAN(x, x, x <= real(0) ? real(0) : x); }
OP real op_threshold_backward(real grad, real result) {
  return IF_NAN(result, grad, result <= real(0) ? real(0) : grad);
}
#endif
