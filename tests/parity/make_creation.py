#!/usr/bin/env python3
"""Writes tests/parity/golden/creation.json: what PyTorch's creation and indexing functions give.

    python3 tests/parity/make_creation.py

creation_parity_test.cpp makes the same, by the same names.
"""
import json
import math
import pathlib

import torch

f64 = torch.float64


def seeded(make):
    torch.manual_seed(42)
    return make()


def results():
    yield "arange 10", torch.arange(10)
    yield "arange 2 20 3", torch.arange(2, 20, 3)
    yield "arange 5 -5 -2", torch.arange(5, -5, -2)
    yield "arange 0 1 0.1", torch.arange(0, 1, 0.1)
    yield "arange 0.5 3 0.7", torch.arange(0.5, 3, 0.7)
    yield "linspace 0 1 5", torch.linspace(0, 1, 5)
    yield "linspace -3 10 50", torch.linspace(-3, 10, 50)
    yield "linspace 2 1 7 f64", torch.linspace(2, 1, 7, dtype=f64)
    yield "linspace 3 9 1", torch.linspace(3, 9, 1)
    for n in (8, 11, 16, 20, 100):
        yield f"linspace n {n}", torch.linspace(-1, 3, n)
        yield f"linspace n {n} f64", torch.linspace(-1, 3, n, dtype=f64)
    yield "arange 0 10 0.1", torch.arange(0, 10, 0.1)
    yield "arange 0 10 0.1 f64", torch.arange(0, 10, 0.1, dtype=f64)
    yield "eye 3 5", torch.eye(3, 5)
    yield "full", torch.full((2, 3), 2.5)
    for n in (3, 16, 37):
        yield f"rand {n}", seeded(lambda: torch.rand(n))
        yield f"rand {n} f64", seeded(lambda: torch.rand(n, dtype=f64))
        yield f"randn {n}", seeded(lambda: torch.randn(n))
        yield f"randn {n} f64", seeded(lambda: torch.randn(n, dtype=f64))
        yield f"normal {n}", seeded(lambda: torch.normal(1.5, 2.0, (n,)))
        yield f"randint {n}", seeded(lambda: torch.randint(-5, 100, (n,)))
        yield f"randperm {n}", seeded(lambda: torch.randperm(n))
        yield f"bernoulli {n}", seeded(lambda: torch.bernoulli(torch.linspace(0, 1, n)))
        yield f"bernoulli {n} f64", seeded(lambda: torch.bernoulli(torch.linspace(0, 1, n, dtype=f64)))
        yield f"uniform_ {n}", seeded(lambda: torch.empty(n).uniform_(-2, 3))
        yield f"normal_ {n}", seeded(lambda: torch.empty(n).normal_(-2, 3))
        yield f"rand_like {n}", seeded(lambda: torch.rand_like(torch.empty(n, dtype=f64)))
        yield f"randint_like {n}", seeded(lambda: torch.randint_like(torch.empty(n), 0, 9))
    for n in (2, 9):  # into what does not lie row by row
        turned = torch.empty(n, 5).t()
        yield f"rand_like turned {n}", seeded(lambda: torch.rand_like(turned))
        yield f"randn_like turned {n}", seeded(lambda: torch.randn_like(turned))
        yield f"uniform_ turned {n}", seeded(lambda: torch.empty(n, 5).t().uniform_(-2, 3))
        yield f"normal_ turned {n}", seeded(lambda: torch.empty(n, 5).t().normal_(-2, 3))
        yield f"normal_ sliced {n}", seeded(lambda: torch.empty(5, 2 * n)[:, ::2].normal_(-2, 3))
        yield f"uniform_ sliced {n}", seeded(lambda: torch.empty(5, 2 * n)[:, ::2].uniform_(-2, 3))
        p = torch.linspace(0, 1, 5 * n).reshape(n, 5).t()
        yield f"bernoulli turned {n}", seeded(lambda: torch.bernoulli(p))
        m, s = torch.linspace(-1, 1, 5 * n).reshape(n, 5), torch.linspace(1, 2, 5)
        yield f"normal tensors {n}", seeded(lambda: torch.normal(m, s.expand(n, 5)))
        yield f"normal mean {n}", seeded(lambda: torch.normal(m, 2.0))
        yield f"normal std {n}", seeded(lambda: torch.normal(1.0, s))
        yield f"randint f32 {n}", seeded(lambda: torch.randint(-5, 100, (n,), dtype=torch.float32))
        yield f"randperm i32 {n}", seeded(lambda: torch.randperm(n, dtype=torch.int32))
        for dtype in (torch.float32, f64, torch.int64, torch.int32, torch.uint8, torch.bool):
            yield f"bernoulli_ {dtype} {n}", seeded(lambda: torch.zeros(n, dtype=dtype).bernoulli_(0.3))
            yield f"random_ {dtype} {n}", seeded(lambda: torch.zeros(n, dtype=dtype).random_())
        for dtype in (torch.float32, f64):
            yield f"exponential_ {dtype} {n}", seeded(lambda: torch.zeros(n, dtype=dtype).exponential_(1.5))
            w = torch.arange(5 * n, dtype=dtype).reshape(n, 5)
            yield f"multinomial {dtype} {n}", seeded(lambda: torch.multinomial(w, 4))
            yield f"multinomial 1 {dtype} {n}", seeded(lambda: torch.multinomial(w, 1))
            yield f"multinomial back {dtype} {n}", seeded(lambda: torch.multinomial(w, 7, replacement=True))
        yield f"random_ to {n}", seeded(lambda: torch.zeros(n).random_(3, 90))
        yield f"exponential_ turned {n}", seeded(lambda: torch.zeros(n, 5).t().exponential_())
    for dtype in (torch.int64, torch.int32, torch.uint8):
        yield f"linspace {dtype}", torch.linspace(0, 10, 5, dtype=dtype)
        yield f"linspace down {dtype}", torch.linspace(100, 3, 12, dtype=dtype)
        yield f"arange {dtype}", torch.arange(0, 100, 7.7, dtype=dtype)
        yield f"arange to 2.9 {dtype}", torch.arange(0, 2.9, 1, dtype=dtype)
    yield "arange -2.5 i32", torch.arange(-2.5, 2.5, 1, dtype=torch.int32)
    b = torch.tensor([True, False, True])
    for name, other in (("2", 2), ("2.5", 2.5), ("f", torch.tensor([2.5, 0.5, 3.0]))):
        yield f"bool // {name}", b // other
        yield f"bool % {name}", b % other
        yield f"bool fmod {name}", torch.fmod(b, other)
    yield "f % bool", torch.tensor([2.5, 0.5, 3.0]) % torch.tensor([True, True, True])
    yield "f ** bool", torch.tensor([2.5, 0.5, 3.0]) ** b
    m2 = torch.tensor([[True, False], [True, True]])
    cube = torch.arange(8.0).reshape(2, 2, 2)
    yield "cube[m2, 0]", cube[m2, 0]
    yield "cube[m2, 1]", cube[m2, 1]
    y = cube.clone(); y[m2, 0] = 9; yield "cube[m2, 0] = 9", y
    yield "roll", torch.roll(cube, 3)
    yield "roll dims", torch.roll(cube, (1, 1), (0, 2))
    x = torch.arange(24.0).reshape(2, 3, 4)
    i, j = torch.tensor([0, 1, 1]), torch.tensor([2, 0, -1])
    yield "x[1]", x[1]
    yield "x[:, 0]", x[:, 0]
    yield "x[..., -1]", x[..., -1]
    yield "x[0, 1:, ::2]", x[0, 1:, ::2]
    yield "x[None, :, None]", x[None, :, None]
    yield "x[i]", x[i]
    yield "x[:, j]", x[:, j]
    yield "x[i, j]", x[i, j]
    yield "x[i, :, j]", x[i, :, j]
    yield "x[:, i, j]", x[:, i, j]
    yield "x[0, :, j]", x[0, :, j]
    yield "x[x > 10]", x[x > 10]
    yield "x[mask]", x[torch.tensor([True, False])]
    yield "x[:, mask2]", x[:, torch.tensor([[True, False, False, True]] * 3)]
    yield "x[i[:, None], j]", x[i[:, None], j]
    yield "x[True]", x[True]
    yield "x[False]", x[False]
    yield "x[5:]", x[5:]
    y = x.clone(); y[:, 1] = 0; yield "x[:, 1] = 0", y
    y = x.clone(); y[x > 10] = -1; yield "x[x > 10] = -1", y
    y = x.clone(); y[i, j] = torch.tensor([5.0, 6.0, 7.0, 8.0]); yield "x[i, j] = v", y
    y = x.clone(); y[..., 0] = torch.tensor([1.0, 2.0, 3.0]); yield "x[..., 0] = v", y
    y = x.clone(); y[0] = torch.ones(1, 1, 4); yield "x[0] = ones(1, 1, 4)", y
    a, b = torch.arange(6.0).reshape(2, 3), torch.arange(12.0).reshape(3, 4)
    c, d = torch.arange(24.0).reshape(2, 3, 4), torch.arange(40.0).reshape(2, 4, 5)
    yield "matmul 1 1", torch.arange(3.0) @ torch.arange(3.0)
    yield "matmul 2 1", a @ torch.arange(3.0)
    yield "matmul 1 2", torch.arange(2.0) @ a
    yield "matmul 2 2", a @ b
    yield "matmul 3 3", c @ d
    yield "matmul 3 2", c @ b.t()
    yield "matmul 2 3", b.t()[:, :3] @ c
    yield "matmul 3 1", c @ torch.arange(4.0)
    yield "matmul 1 3", torch.arange(3.0) @ c
    yield "matmul 4 3", c.reshape(2, 1, 3, 4) @ d
    yield "einsum ij,jk->ik", torch.einsum("ij,jk->ik", a, b)
    yield "einsum ij,jk", torch.einsum("ij,jk", a, b)
    yield "einsum bij,bjk->bik", torch.einsum("bij,bjk->bik", c, d)
    yield "einsum ii", torch.einsum("ii", b[:, :3])
    yield "einsum ii->i", torch.einsum("ii->i", b[:, :3])
    yield "einsum ij->ji", torch.einsum("ij->ji", a)
    yield "einsum ij->j", torch.einsum("ij->j", a)
    yield "einsum i,j->ij", torch.einsum("i,j->ij", a[0], b[0])
    yield "einsum ...ij,...jk->...ik", torch.einsum("...ij,...jk->...ik", c, d)
    yield "einsum b...->...", torch.einsum("b...->...", c)
    yield "einsum ij,jk,kl->il", torch.einsum("ij,jk,kl->il", a, b, b.t())
    yield "einsum ij,ij->", torch.einsum("ij,ij->", a, a)
    yield "one_hot", torch.nn.functional.one_hot(torch.tensor([0, 2, 1]))
    yield "one_hot 5", torch.nn.functional.one_hot(torch.tensor([[0, 2], [1, 4]]), 5)
    yield "nonzero", x.gt(17).nonzero()
    for n, piece in enumerate(x.chunk(3, 2)):
        yield f"chunk {n}", piece
    for n, piece in enumerate(x.split(2, 1)):
        yield f"split {n}", piece
    yield "diag vector", torch.diag(torch.arange(3.0), 1)
    yield "diag matrix", torch.diag(b, -1)


def main():
    number = lambda v: str(v) if isinstance(v, float) and not math.isfinite(v) else v
    cases = {
        name: {"dtype": str(t.dtype)[6:], "sizes": list(t.shape),
               "values": [number(v) for v in t.to(f64).flatten().tolist()]}
        for name, t in results()
    }
    target = pathlib.Path(__file__).parent / "golden" / "creation.json"
    lines = (f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items())
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(cases)} results from PyTorch {torch.__version__} -> {target}")


if __name__ == "__main__":
    main()
