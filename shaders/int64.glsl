// Whole numbers of 64 bits as two words, low first: not every device has them. The same functions
// as in scalar_ops.glsl, for the ops that work on any number.
uvec2 i64_neg(uvec2 a) {
  uint low = ~a.x + 1u;
  return uvec2(low, ~a.y + (low == 0u ? 1u : 0u));
}
uvec2 i64_add(uvec2 a, uvec2 b) {
  uint carry;
  uint low = uaddCarry(a.x, b.x, carry);
  return uvec2(low, a.y + b.y + carry);
}
uvec2 i64_mul(uvec2 a, uvec2 b) {
  uint high, low;
  umulExtended(a.x, b.x, high, low);
  return uvec2(low, high + a.x * b.y + a.y * b.x);
}
bool i64_less(uvec2 a, uvec2 b) {
  return a.y == b.y ? a.x < b.x : int(a.y) < int(b.y);
}

uvec2 op_add(uvec2 a, uvec2 b, uvec2 alpha) { return i64_add(a, i64_mul(alpha, b)); }
uvec2 op_sub(uvec2 a, uvec2 b, uvec2 alpha) { return i64_add(a, i64_neg(i64_mul(alpha, b))); }
uvec2 op_mul(uvec2 a, uvec2 b) { return i64_mul(a, b); }
uvec2 op_neg(uvec2 a) { return i64_neg(a); }
bool op_eq(uvec2 a, uvec2 b) { return a == b; }
