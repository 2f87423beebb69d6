// Whole numbers of 64 bits as two words, low first: not every device has them. The same functions
// as in scalar_ops.glsl, for the ops that work on whole numbers.
const uvec2 K_ZERO = uvec2(0u);
const uvec2 K_ONE = uvec2(1u, 0u);
const uvec2 K_MINUS_ONE = uvec2(0xffffffffu);

uvec2 i64_neg(uvec2 a) {
  uint low = ~a.x + 1u;
  return uvec2(low, ~a.y + (low == 0u ? 1u : 0u));
}
uvec2 i64_add(uvec2 a, uvec2 b) {
  uint carry;
  uint low = uaddCarry(a.x, b.x, carry);
  return uvec2(low, a.y + b.y + carry);
}
uvec2 i64_sub(uvec2 a, uvec2 b) { return i64_add(a, i64_neg(b)); }
uvec2 i64_mul(uvec2 a, uvec2 b) {
  uint high, low;
  umulExtended(a.x, b.x, high, low);
  return uvec2(low, high + a.x * b.y + a.y * b.x);
}
bool i64_less(uvec2 a, uvec2 b) {
  return a.y == b.y ? a.x < b.x : int(a.y) < int(b.y);
}
bool i64_is_negative(uvec2 a) { return (a.y >> 31) != 0u; }
uvec2 i64_abs(uvec2 a) { return i64_is_negative(a) ? i64_neg(a) : a; }

// Cut off towards zero; by long division. Of a division by 0 all bits.
uvec2 i64_div(uvec2 a, uvec2 b) {
  uvec2 left = i64_abs(a);
  uvec2 by = i64_abs(b);
  uvec2 rest = K_ZERO;
  uvec2 quotient = K_ZERO;
  for (int i = 63; i >= 0; --i) {
    bool out_of = (rest.y >> 31) != 0u;  // a bit more than 64
    uint bit = i < 32 ? left.x >> i & 1u : left.y >> (i - 32) & 1u;
    rest = uvec2(rest.x << 1 | bit, rest.y << 1 | rest.x >> 31);
    if (out_of || rest.y > by.y || rest.y == by.y && rest.x >= by.x) {
      rest = i64_sub(rest, by);
      if (i < 32) {
        quotient.x |= 1u << i;
      } else {
        quotient.y |= 1u << (i - 32);
      }
    }
  }
  return i64_is_negative(a) != i64_is_negative(b) ? i64_neg(quotient) : quotient;
}
uvec2 i64_rest(uvec2 a, uvec2 b) {
  if (b == K_ZERO) return K_ZERO;
  return i64_sub(a, i64_mul(b, i64_div(a, b)));
}

uvec2 op_add(uvec2 a, uvec2 b, uvec2 alpha) { return i64_add(a, i64_mul(alpha, b)); }
uvec2 op_sub(uvec2 a, uvec2 b, uvec2 alpha) { return i64_sub(a, i64_mul(alpha, b)); }
uvec2 op_rsub(uvec2 a, uvec2 b) { return i64_sub(b, a); }
uvec2 op_mul(uvec2 a, uvec2 b) { return i64_mul(a, b); }
uvec2 op_neg(uvec2 a) { return i64_neg(a); }
uvec2 op_abs(uvec2 a) { return i64_abs(a); }
uvec2 op_sign(uvec2 a) { return a == K_ZERO ? K_ZERO : i64_is_negative(a) ? K_MINUS_ONE : K_ONE; }
uvec2 op_round(uvec2 a) { return a; }
uvec2 op_floor(uvec2 a) { return a; }
uvec2 op_ceil(uvec2 a) { return a; }
uvec2 op_trunc(uvec2 a) { return a; }
uvec2 op_maximum(uvec2 a, uvec2 b) { return i64_less(a, b) ? b : a; }
uvec2 op_minimum(uvec2 a, uvec2 b) { return i64_less(b, a) ? b : a; }
uvec2 op_relu(uvec2 a) { return i64_is_negative(a) ? K_ZERO : a; }
uvec2 op_threshold_backward(uvec2 grad, uvec2 result) {
  return i64_less(K_ZERO, result) ? grad : K_ZERO;
}
uvec2 op_clamp(uvec2 x, uvec2 low, uvec2 high) { return op_minimum(op_maximum(x, low), high); }
uvec2 op_fmod(uvec2 a, uvec2 b) { return i64_rest(a, b); }
uvec2 op_remainder(uvec2 a, uvec2 b) {
  uvec2 rest = i64_rest(a, b);
  return rest != K_ZERO && i64_is_negative(rest) != i64_is_negative(b) ? i64_add(rest, b) : rest;
}
uvec2 op_floor_divide(uvec2 a, uvec2 b) {
  if (b == K_ZERO) return K_ZERO;
  uvec2 quotient = i64_div(a, b);
  uvec2 rest = i64_sub(a, i64_mul(b, quotient));
  bool down = rest != K_ZERO && i64_is_negative(rest) != i64_is_negative(b);
  return down ? i64_add(quotient, K_MINUS_ONE) : quotient;
}
uvec2 op_pow(uvec2 x, uvec2 exponent) {
  bool odd = (exponent.x & 1u) != 0u;
  if (i64_is_negative(exponent)) {  // what is left of 1 / x^n, cut off
    return x == K_ONE ? x : x == K_MINUS_ONE ? (odd ? x : K_ONE) : K_ZERO;
  }
  uvec2 result = K_ONE;
  while (exponent != K_ZERO) {
    if ((exponent.x & 1u) != 0u) result = i64_mul(result, x);
    x = i64_mul(x, x);
    exponent = uvec2(exponent.x >> 1 | exponent.y << 31, exponent.y >> 1);
  }
  return result;
}
uvec2 op_pow_tensor(uvec2 a, uvec2 b) { return op_pow(a, b); }
uvec2 op_bitwise_and(uvec2 a, uvec2 b) { return a & b; }
uvec2 op_bitwise_or(uvec2 a, uvec2 b) { return a | b; }
uvec2 op_bitwise_xor(uvec2 a, uvec2 b) { return a ^ b; }
uvec2 op_bitwise_not(uvec2 a) { return ~a; }
bool op_eq(uvec2 a, uvec2 b) { return a == b; }
bool op_ne(uvec2 a, uvec2 b) { return a != b; }
bool op_lt(uvec2 a, uvec2 b) { return i64_less(a, b); }
bool op_le(uvec2 a, uvec2 b) { return !i64_less(b, a); }
bool op_gt(uvec2 a, uvec2 b) { return i64_less(b, a); }
bool op_ge(uvec2 a, uvec2 b) { return !i64_less(a, b); }
bool op_logical_not(uvec2 a) { return a == K_ZERO; }
bool op_logical_and(uvec2 a, uvec2 b) { return a != K_ZERO && b != K_ZERO; }
bool op_logical_or(uvec2 a, uvec2 b) { return a != K_ZERO || b != K_ZERO; }
bool op_logical_xor(uvec2 a, uvec2 b) { return (a != K_ZERO) != (b != K_ZERO); }
bool op_isnan(uvec2 a) { return false; }
bool op_isinf(uvec2 a) { return false; }
bool op_isfinite(uvec2 a) { return true; }
