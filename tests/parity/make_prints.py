#!/usr/bin/env python3
"""Writes tests/parity/golden/prints.json: tensors, and the text PyTorch prints of them.

    python3 tests/parity/make_prints.py
"""
import json
import math
import pathlib

import torch

torch.manual_seed(0)
i64, i32, u8, f32, f64, b = (torch.int64, torch.int32, torch.uint8, torch.float32, torch.float64,
                             torch.bool)


def tensors():
    yield torch.tensor([[6, 8], [10, 12]])
    yield torch.tensor(3.5)
    yield torch.tensor(7)
    yield torch.tensor(True)
    yield torch.tensor([1.0, 2.0, 3.0])
    yield torch.tensor([1.0, 2.5, -3.25])
    yield torch.tensor([1e-5, 1.0])
    yield torch.tensor([1e10, 1.0])
    yield torch.tensor([1e5, 1.0])
    yield torch.tensor([123456.0, 1000.5])
    yield torch.tensor([0.0, -0.0])
    yield torch.tensor([math.nan, 1.0, math.inf])
    yield torch.tensor([math.nan, 1.5, -math.inf])
    yield torch.tensor([math.nan, math.inf])
    yield torch.tensor([0.0001, 0.1])
    yield torch.tensor([0.00009, 0.05])
    yield torch.tensor([99999999.0, 100000000.0])
    yield torch.tensor([1e9])
    yield torch.tensor([[True, False], [False, True]])
    for dtype in (i64, i32, u8, f32, f64, b):
        yield torch.tensor([], dtype=dtype)
        yield torch.zeros(0, 3, dtype=dtype)
        yield torch.zeros(2, 0, dtype=dtype)
        yield torch.ones(2, 3, dtype=dtype)
        yield torch.arange(2000).to(dtype)
        yield torch.tensor(1).to(dtype)
    yield torch.rand(3, 4)
    yield torch.randn(2, 3, 4)
    yield torch.randn(2, 2, 2, 2)
    yield torch.randn(30)
    yield torch.randn(40, 40)
    yield torch.randn(8, 8, 20)
    yield torch.randn(7, 3, 60)
    yield torch.arange(1001)
    yield torch.arange(1000)
    yield torch.arange(24).reshape(2, 3, 4)
    yield torch.randint(-1000, 1000, (5, 30))
    yield torch.randn(3, 3).t()
    yield torch.tensor([2 ** 62, -5])
    yield torch.eye(4)
    yield torch.zeros(1, 1, 1)
    yield torch.full((3,), 1 / 3, dtype=f64)
    yield torch.randn(5, 1200)
    yield torch.randn(1200, 2)


def case(tensor, text=None, **more):
    number = lambda v: str(v) if isinstance(v, float) and not math.isfinite(v) else v
    values = [number(v) if not isinstance(v, bool) else int(v) for v in tensor.flatten().tolist()]
    return {"dtype": str(tensor.dtype)[6:], "sizes": list(tensor.shape), "values": values,
            "text": text or str(tensor), **more}


def main():
    cases = [case(t) for t in tensors()]
    for t in (torch.ones(2), torch.ones(13), torch.ones(12), torch.randn(3, 5), torch.randn(2, 30), torch.tensor(2.0)):
        cases.append(case(t, str(t.clone().requires_grad_()), requires_grad=True))
        cases.append(case(t, str(t.clone().requires_grad_() + 0), grad_fn=True))
    with torch.no_grad():
        for options in ({"precision": 2}, {"sci_mode": True}, {"threshold": 5, "edgeitems": 2},
                        {"linewidth": 40}, {"sci_mode": False, "precision": 6}):
            torch.set_printoptions(**options)
            for t in (torch.rand(3, 4), torch.tensor([1e-6, 2.5]), torch.arange(12)):
                cases.append(case(t, options=options))
            torch.set_printoptions(profile="default", sci_mode=None)
    target = pathlib.Path(__file__).parent / "golden" / "prints.json"
    target.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    print(f"{len(cases)} texts from PyTorch {torch.__version__} -> {target}")


if __name__ == "__main__":
    main()
