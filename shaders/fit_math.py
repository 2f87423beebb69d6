#!/usr/bin/env python3
"""Prints the coefficients in math.glsl: polynomials of least relative error, by Lawson's weights.

Each is fitted to what is left of the function once its leading terms are taken off, in 50 digits,
then rounded to float32. How far the whole is from the true value is measured by the tests."""
import mpmath as mp

mp.mp.dps = 50


def fit(name, f, weight, low, high, degree, points=400, rounds=60):
    """Coefficients c of Σ c_i x^i ≈ f(x), where weight(x) turns an error into a relative one."""
    xs = [low + (high - low) * (1 - mp.cos(mp.pi * (i + mp.mpf(1) / 2) / points)) / 2
          for i in range(points)]
    fs = [f(x) for x in xs]
    ws = [weight(x) for x in xs]
    lawson = [mp.mpf(1) / points] * points
    best, best_error = None, mp.inf
    for _ in range(rounds):
        a = mp.matrix(degree + 1, degree + 1)
        b = mp.matrix(degree + 1, 1)
        for x, y, w, l in zip(xs, fs, ws, lawson):
            k = l * w * w
            powers = [x ** i for i in range(2 * degree + 1)]
            for i in range(degree + 1):
                for j in range(degree + 1):
                    a[i, j] += k * powers[i + j]
                b[i] += k * powers[i] * y
        c = mp.lu_solve(a, b)
        errors = [abs((mp.polyval(list(c)[::-1], x) - y) * w) for x, y, w in zip(xs, fs, ws)]
        if max(errors) < best_error:
            best, best_error = list(c), max(errors)
        lawson = [l * e for l, e in zip(lawson, errors)]
        total = sum(lawson)
        lawson = [l / total for l in lawson]
    print(f"{name}: error {mp.nstr(best_error, 3)} = 2^{mp.nstr(mp.log(best_error, 2), 4)}")
    for i, c in enumerate(best):
        print(f"  c{i} = {mp.nstr(c, 9)}")


if __name__ == "__main__":
    half_ln2 = mp.log(2) / 2
    tiny = mp.mpf(10) ** -12
    fit("exp: (e^r - 1 - r) / r^2 in r", lambda r: (mp.expm1(r) - r) / r ** 2 if r else mp.mpf(1) / 2,
        lambda r: r ** 2, -half_ln2, half_ln2, 4)
    fit("expm1: (e^r - 1 - r) / r^2 in r, relative to r",
        lambda r: (mp.expm1(r) - r) / r ** 2 if r else mp.mpf(1) / 2,
        lambda r: r ** 2 / mp.expm1(r) if r else mp.mpf(0), -half_ln2, half_ln2, 5)
    z_most = (3 - 2 * mp.sqrt(2)) ** 2
    def log_rest(z):
        s = mp.sqrt(z)
        return (2 * mp.atanh(s) / s - 2) / z
    fit("log: (2 atanh(s) / s - 2) / z in z = s^2", log_rest, lambda z: z / 2, tiny, z_most, 3)
    fit("tanh: (tanh(x) / x - 1) / z in z = x^2",
        lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z, tiny,
        mp.mpf("0.625") ** 2, 4)
    quarter = (mp.pi / 4) ** 2
    fit("sin: (sin(r) / r - 1) / z in z = r^2",
        lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z, tiny, quarter, 3)
    fit("cos: (cos(r) - 1 + z / 2) / z^2 in z = r^2",
        lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z ** 2, lambda z: z ** 2, tiny, quarter, 3)
    fit("erf: erf(x) / x in z = x^2", lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z), lambda z: 1, tiny,
        mp.mpf("0.9") ** 2, 6)
    fit("erfc: -log(erfc(x)) in x - 2", lambda t: -mp.log(mp.erfc(t + 2)),
        lambda t: mp.erfc(t + 2), mp.mpf("-1.1"), mp.mpf("1.95"), 9)
    fit("exp2: (2^r - 1) / r in r, |r| <= 1/2",
        lambda r: (mp.mpf(2) ** r - 1) / r if r else mp.log(2), lambda r: r,
        mp.mpf(-1) / 2, mp.mpf(1) / 2, 5)
    fit("atan: (atan(x) / x - 1) / z in z = x^2",
        lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z, tiny,
        mp.tan(mp.pi / 8) ** 2, 4)
    fit("asin: (asin(x) / x - 1) / z in z = x^2",
        lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z, tiny,
        mp.mpf(1) / 4, 4)
