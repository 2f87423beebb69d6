// exp, log, log1p, expm1, tanh, sin, cos, tan, erf, pow and their kin of float32, written once for every
// device: what drivers offer is neither accurate nor the same, and some of it is not offered.
// Within 4 ulp of the true value, pow within 16; nan and infinities as IEEE 754 and PyTorch have
// them. Subnormal arguments and results may be flushed by a device.
//
// Compiled as GLSL, and by a test as C++, which compares every function with the C library's in
// double. Coefficients: fit_math.py. Nothing relies on fused multiply-adds: `precise` forbids them.
//
// Note [Large angles]
// sin and cos need x·2/π modulo 4, to more bits than a float has. The bits of 2/π that decide it
// depend on the exponent of x alone: those before them give multiples of 4, those after them are
// too small to matter. So a window of 96 of them times the 24 bits of x, in whole numbers, gives
// the quadrant and 64 bits of the rest, for every float (M. Payne, R. Hanek, 1983).

#define K_INFINITY uintBitsToFloat(0x7f800000u)
#define K_NAN uintBitsToFloat(0x7fc00000u)

OP bool m_isnan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }

OP float m_with_sign(float size, float sign_of) {
  return uintBitsToFloat(floatBitsToUint(size) | (floatBitsToUint(sign_of) & 0x80000000u));
}

// x·2^k for |k| < 250, in two steps, so that only the result may overflow or be subnormal.
OP float m_scale(float x, int k) {
  int first = k / 2;
  return x * uintBitsToFloat(uint(first + 127) << 23) *
         uintBitsToFloat(uint(k - first + 127) << 23);
}

// a·b = high + low exactly (T. Dekker, 1971).
OP float m_product(float a, float b, OUT(float, low)) {
  precise float ca = 4097.0 * a;
  precise float ah = ca - (ca - a);
  precise float al = a - ah;
  precise float cb = 4097.0 * b;
  precise float bh = cb - (cb - b);
  precise float bl = b - bh;
  precise float high = a * b;
  precise float rest = ((ah * bh - high) + ah * bl + al * bh) + al * bl;
  low = rest;
  return high;
}

// --- exponentials ---

const float K_LOG2E = 1.44269504;
const float K_LN2_HI = 0.693359375;  // few bits, so that small multiples are exact
const float K_LN2_LO = -2.12194440e-4;

// Without branches, so that a compiler of the CPU makes vectors of it (compute/cpu/kernels).
OP float m_exp(float x) {
  float within = x > 88.8 ? 88.8 : x < -104.0 ? -104.0 : x;
  float k = floor(within * K_LOG2E + 0.5);
  precise float r = (within - k * K_LN2_HI) - k * K_LN2_LO;
  precise float p = 0.500000010 +
                    r * (0.166665189 + r * (0.0416662060 + r * (0.00836888243 + r * 0.00139504768)));
  precise float y = 1.0 + (r + r * r * p);
  float scaled = m_scale(y, int(k));
  return m_isnan(x) ? x : x > 88.8 ? K_INFINITY : x < -104.0 ? 0.0 : scaled;
}

OP float m_expm1(float x) {
  if (m_isnan(x) || abs(x) < 2.98023224e-8) return x;  // -0 as well
  if (x > 88.8) return K_INFINITY;
  if (x < -17.5) return -1.0;
  float k = abs(x) < 0.3465736 ? 0.0 : floor(x * K_LOG2E + 0.5);
  precise float r = (x - k * K_LN2_HI) - k * K_LN2_LO;
  precise float p =
      0.500000004 +
      r * (0.166666664 +
           r * (0.0416663610 + r * (0.00833338935 + r * (0.00139406173 + r * 0.000198458763))));
  precise float y = r + r * r * p;  // e^r - 1
  if (k == 0.0) return y;
  precise float rest = 1.0 - m_scale(1.0, -int(k));
  return m_scale(y + rest, int(k));
}

OP float m_tanh(float x) {
  if (m_isnan(x) || abs(x) < 2.44140625e-4) return x;  // -0 as well
  float a = abs(x);
  if (a > 9.1) return m_with_sign(1.0, x);
  if (a >= 0.625) return m_with_sign(1.0 - 2.0 / (m_exp(2.0 * a) + 1.0), x);
  precise float z = x * x;
  precise float p =
      -0.333332839 +
      z * (0.133314912 + z * (-0.0537434953 + z * (0.0206505790 + z * -0.00571703656)));
  precise float y = x + x * z * p;
  return y;
}

// --- logarithms ---

// log(1 + f) + k log 2 + c, for 1 + f between √½ and √2 and a small c: with s = f / (2 + f),
// log(1 + f) = 2 atanh(s).
OP float m_log_from(float f, float k, float c) {
  precise float s = f / (2.0 + f);
  precise float z = s * s;
  precise float rest =
      z * (0.666666656 + z * (0.400003352 + z * (0.285373084 + z * 0.235821542)));
  precise float half_square = 0.5 * f * f;
  precise float y =
      k * K_LN2_HI - ((half_square - (s * (half_square + rest) + (k * K_LN2_LO + c))) - f);
  return y;
}

// A positive normal x as (1 + f)·2^k, with 1 + f between √½ and √2.
OP float m_split(float x, OUT(float, k)) {
  uint u = floatBitsToUint(x) + (0x3f800000u - 0x3f3504f3u);
  k = float(int(u >> 23) - 127);
  return uintBitsToFloat((u & 0x007fffffu) + 0x3f3504f3u) - 1.0;
}

OP float m_log(float x) {
  if (m_isnan(x) || x == K_INFINITY) return x;
  if (x < 0.0) return K_NAN;
  if (x == 0.0) return -K_INFINITY;
  float shift = 0.0;
  if (x < 1.17549435e-38) {
    x *= 33554432.0;  // 2^25
    shift = 25.0;
  }
  float k;
  float f = m_split(x, k);
  return m_log_from(f, k - shift, 0.0);
}

OP float m_log1p(float x) {
  if (m_isnan(x) || x == K_INFINITY) return x;
  if (x < -1.0) return K_NAN;
  if (x == -1.0) return -K_INFINITY;
  if (abs(x) < 5.9604645e-8) return x;
  if (x > -0.292893 && x < 0.414213) return m_log_from(x, 0.0, 0.0);
  precise float u = 1.0 + x;
  float k;
  float f = m_split(u, k);
  // What 1 + x has lost to rounding.
  precise float lost = k >= 2.0 ? 1.0 - (u - x) : x - (u - 1.0);
  return m_log_from(f, k, k >= 25.0 ? 0.0 : lost / u);
}

// --- angles ---

// Bits of 2/π, 32 at a time, after 32 zeros.
OP uint m_two_over_pi(int i) {
  return i == 0   ? 0u
         : i == 1 ? 0xa2f9836eu
         : i == 2 ? 0x4e441529u
         : i == 3 ? 0xfc2757d1u
         : i == 4 ? 0xf534ddc0u
         : i == 5 ? 0xdb629599u
         : i == 6 ? 0x3c439041u
                  : 0xfe5163abu;
}

// Of an angle x > π/4, finite: the quadrant, and the rest from -π/4 to π/4. Note [Large angles].
OP int m_quadrant(float x, OUT(float, rest)) {
  uint u = floatBitsToUint(x);
  uint m = (u & 0x007fffffu) | 0x00800000u;
  int offset = int(u >> 23) - 150 - 2 + 32;  // of the window, in the bits of m_two_over_pi
  int i = offset >> 5;
  int left = offset & 31;
  uint a = m_two_over_pi(i) << left;
  uint b = m_two_over_pi(i + 1) << left;
  uint c = m_two_over_pi(i + 2) << left;
  if (left > 0) {
    a |= m_two_over_pi(i + 1) >> (32 - left);
    b |= m_two_over_pi(i + 2) >> (32 - left);
    c |= m_two_over_pi(i + 3) >> (32 - left);
  }
  uint b_high, b_low, c_high, c_low;
  umulExtended(b, m, b_high, b_low);
  umulExtended(c, m, c_high, c_low);
  uint middle = b_low + c_high;
  uint top = a * m + b_high + (middle < c_high ? 1u : 0u);
  int quadrant = int(top >> 30);
  uint high = (top << 2) | (middle >> 30);
  uint low = (middle << 2) | (c_low >> 30);
  bool negative = (high & 0x80000000u) != 0u;
  if (negative) {  // nearer to the next quadrant
    ++quadrant;
    low = ~low + 1u;
    high = ~high + (low == 0u ? 1u : 0u);
  }
  int zeros = 0;
  if (high == 0u) {
    high = low;
    low = 0u;
    zeros = 32;
  }
  if (high == 0u) {
    rest = 0.0;
    return quadrant;
  }
  int lead = 31 - findMSB(high);
  if (lead > 0) high = (high << lead) | (low >> (32 - lead));
  zeros += lead;
  float h = float(high >> 8);  // exact: 24 bits
  float l = float(high & 0xffu) * 0.00390625;
  float e;
  precise float p = m_product(h, 1.57079637, e);  // π/2 = this - 4.37113883e-8
  precise float angle = p + (e + (l * 1.57079637 + h * -4.37113883e-8));
  float size = m_scale(angle, -24 - zeros);
  rest = negative ? -size : size;
  return quadrant;
}

OP float m_sin_small(float r) {
  precise float z = r * r;
  precise float p =
      -0.166666666 + z * (0.00833332939 + z * (-0.000198393348 + z * 2.71831158e-6));
  precise float y = r + r * z * p;
  return y;
}

OP float m_cos_small(float r) {
  precise float z = r * r;
  precise float p =
      0.0416666666 + z * (-0.00138888838 + z * (2.47995200e-5 + z * -2.72102367e-7));
  precise float y = 1.0 - (0.5 * z - z * z * p);
  return y;
}

// sin(x + quarters·π/2)
OP float m_sine(float x, int quarters) {
  float a = abs(x);
  if (!(a < K_INFINITY)) return K_NAN;
  float r = a;
  int q = a > 0.785398163 ? m_quadrant(a, r) : 0;
  bool back = x < 0.0;
  if (back) {
    q = -q;
    r = -r;
  }
  q += quarters;
  float y = (q & 1) != 0 ? m_cos_small(r) : m_sin_small(r);
  return (q & 2) != 0 ? -y : y;
}

OP float m_sin(float x) { return abs(x) < 2.44140625e-4 ? x : m_sine(x, 0); }  // -0 as well
OP float m_cos(float x) { return m_sine(x, 1); }

OP float m_tan(float x) {
  float a = abs(x);
  if (!(a < K_INFINITY)) return K_NAN;
  float r = a;
  int q = a > 0.785398163 ? m_quadrant(a, r) : 0;
  float s = m_sin_small(r);
  float c = m_cos_small(r);
  float y = (q & 1) != 0 ? -c / s : s / c;
  return uintBitsToFloat(floatBitsToUint(y) ^ (floatBitsToUint(x) & 0x80000000u));
}

// --- erf ---

OP float m_erf(float x) {
  if (m_isnan(x)) return x;
  float a = abs(x);
  if (a > 3.95) return m_with_sign(1.0, x);
  if (a < 0.9) {
    precise float z = x * x;
    precise float p =
        1.12837917 +
        z * (-0.376126353 +
             z * (0.112837197 +
                  z * (-0.0268607528 +
                       z * (0.00520443598 + z * (-0.000818192676 + z * 8.53883699e-5)))));
    precise float y = x * p;
    return y;
  }
  precise float t = a - 2.0;  // -log(1 - erf(a)) as a polynomial around 2
  precise float p =
      5.36494126 +
      t * (4.41816082 +
           t * (0.923750923 +
                t * (0.0164650120 +
                     t * (-0.00357155544 +
                          t * (0.000731806852 +
                               t * (-0.000134017128 +
                                    t * (2.24407182e-5 +
                                         t * (-2.13147194e-6 + t * -1.11078021e-6))))))));
  return m_with_sign(1.0 - m_exp(-p), x);
}

// --- pow ---

// x^y of a positive, finite x other than 1 and a finite y: 2^(y log2 x), with the logarithm in two
// floats.
OP float m_pow_positive(float x, float y) {
  y = clamp(y, -4294967296.0, 4294967296.0);  // beyond, the result is 0 or infinite all the same
  float shift = 0.0;
  if (x < 1.17549435e-38) {
    x *= 33554432.0;
    shift = 25.0;
  }
  float k;
  float f = m_split(x, k);
  k -= shift;
  precise float d = 2.0 + f;
  precise float d_low = f - (d - 2.0);
  precise float s = f / d;
  float e;
  precise float p = m_product(s, d, e);
  precise float s_low = (((f - p) - e) - s * d_low) / d;
  precise float z = s * s;
  precise float rest =
      z * (0.666666656 + z * (0.400003352 + z * (0.285373084 + z * 0.235821542)));
  precise float log_high = 2.0 * s;
  precise float log_low = 2.0 * s_low + s * rest;
  precise float high = m_product(log_high, 1.44269502, e);  // log2 e = this + 1.92596303e-8
  precise float low = e + (log_high * 1.92596303e-8 + log_low * 1.44269502);
  precise float sum = k + high;
  precise float lost = (k == 0.0 ? 0.0 : (k - sum) + high) + low;
  precise float log2_high = sum + lost;
  precise float log2_low = (sum - log2_high) + lost;
  precise float power = m_product(y, log2_high, e);
  precise float power_low = e + y * log2_low;
  if (power > 129.0) return K_INFINITY;
  if (power < -151.0) return 0.0;
  float n = floor(power + 0.5);
  precise float r = (power - n) + power_low;
  precise float q =
      0.693147206 +
      r * (0.240226513 +
           r * (0.0555032774 + r * (0.00961800541 + r * (0.00134002831 + r * 0.000154758982))));
  precise float result = 1.0 + r * q;
  return m_scale(result, int(n));
}

OP float m_pow(float x, float y) {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (m_isnan(x) || m_isnan(y)) return K_NAN;
  float a = abs(x);
  bool whole = abs(y) >= 16777216.0 || floor(y) == y;
  bool odd = whole && abs(y) < 16777216.0 && (int(y) & 1) != 0;
  bool negative = (floatBitsToUint(x) & 0x80000000u) != 0u;
  float size;
  if (a == 0.0 || a == K_INFINITY) {
    size = (a == 0.0) == (y > 0.0) ? 0.0 : K_INFINITY;
  } else if (abs(y) == K_INFINITY) {
    if (a == 1.0) return 1.0;
    return (a > 1.0) == (y > 0.0) ? K_INFINITY : 0.0;
  } else if (negative && !whole) {
    return K_NAN;
  } else {
    size = a == 1.0 ? 1.0 : m_pow_positive(a, y);
  }
  return negative && odd ? -size : size;
}

// --- composed of those ---

OP float m_exp2(float x) {
  if (m_isnan(x)) return x;
  if (x > 128.5) return K_INFINITY;
  if (x < -151.0) return 0.0;
  float k = floor(x + 0.5);
  precise float r = (x - k) * 0.693147181;  // |r| ≤ ½ log 2
  precise float p = 0.500000010 +
                    r * (0.166665189 + r * (0.0416662060 + r * (0.00836888243 + r * 0.00139504768)));
  precise float y = 1.0 + (r + r * r * p);
  return m_scale(y, int(k));
}

OP float m_log2(float x) {
  precise float y = m_log(x) * K_LOG2E;
  return y;
}

OP float m_log10(float x) {
  precise float y = m_log(x) * 0.434294482;
  return y;
}

OP float m_sinh(float x) {
  if (m_isnan(x) || abs(x) < 2.44140625e-4) return x;  // -0 as well
  float a = abs(x);
  if (a > 88.0) {  // e^a would not fit, its half may
    precise float half_of = m_exp(0.5 * a);
    precise float y = (0.5 * half_of) * half_of;
    return m_with_sign(y, x);
  }
  precise float e = m_expm1(a);
  precise float y = 0.5 * (e + e / (e + 1.0));
  return m_with_sign(y, x);
}

OP float m_cosh(float x) {
  if (m_isnan(x)) return x;
  float a = abs(x);
  if (a > 88.0) {
    precise float half_of = m_exp(0.5 * a);
    precise float y = (0.5 * half_of) * half_of;
    return y;
  }
  precise float e = m_exp(a);
  precise float y = 0.5 * (e + 1.0 / e);
  return y;
}

// |x| at most tan(π/8), or 1/x or (x - 1)/(x + 1) of it.
OP float m_atan(float x) {
  if (m_isnan(x) || abs(x) < 2.44140625e-4) return x;  // -0 as well
  float a = abs(x);
  float base = 0.0;
  float small = a;
  if (a > 2.41421356) {
    base = 1.57079633;
    small = -1.0 / a;
  } else if (a > 0.414213562) {
    base = 0.785398163;
    small = (a - 1.0) / (a + 1.0);
  }
  precise float z = small * small;
  precise float p =
      -0.333333155 +
      z * (0.199984894 + z * (-0.142438482 + z * (0.105959982 + z * -0.0608344555)));
  precise float y = base + (small + small * z * p);
  return m_with_sign(y, x);
}

// For |x| at most ½.
OP float m_asin_small(float x) {
  precise float z = x * x;
  precise float p =
      0.166667539 +
      z * (0.0749524178 + z * (0.0454770971 + z * (0.0241476118 + z * 0.0422185462)));
  precise float y = x + x * z * p;
  return y;
}

OP float m_asin(float x) {
  float a = abs(x);
  if (m_isnan(x) || a < 2.44140625e-4) return x;  // -0 as well
  if (a > 1.0) return K_NAN;
  if (a <= 0.5) return m_asin_small(x);
  precise float y = 1.57079633 - 2.0 * m_asin_small(sqrt(0.5 * (1.0 - a)));
  return m_with_sign(y, x);
}

OP float m_acos(float x) {
  float a = abs(x);
  if (m_isnan(x)) return x;
  if (a > 1.0) return K_NAN;
  if (a <= 0.5) {
    precise float y = 1.57079633 - m_asin_small(x);
    return y;
  }
  precise float y = 2.0 * m_asin_small(sqrt(0.5 * (1.0 - a)));
  return x < 0.0 ? 3.14159265 - y : y;
}

// What is left of a / b, with the sign of a: exact, by long division.
OP float m_fmod(float a, float b) {
  uint ua = floatBitsToUint(a) & 0x7fffffffu;
  uint ub = floatBitsToUint(b) & 0x7fffffffu;
  if (ua >= 0x7f800000u || ub > 0x7f800000u || ub < 0x00800000u) return K_NAN;
  if (ua < ub) return a;
  uint rest = (ua & 0x007fffffu) | 0x00800000u;
  uint divisor = (ub & 0x007fffffu) | 0x00800000u;
  int exponent = int(ub >> 23);
  for (int k = int(ua >> 23) - exponent; k > 0; --k) {
    if (rest >= divisor) rest -= divisor;
    rest <<= 1;
  }
  if (rest >= divisor) rest -= divisor;
  if (rest == 0u) return m_with_sign(0.0, a);
  while (rest < 0x00800000u && exponent > 1) {
    rest <<= 1;
    --exponent;
  }
  uint bits = rest < 0x00800000u ? rest : (uint(exponent) << 23) + (rest - 0x00800000u);
  return m_with_sign(uintBitsToFloat(bits), a);
}
