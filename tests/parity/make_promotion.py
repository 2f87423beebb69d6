#!/usr/bin/env python3
"""Writes tests/parity/golden/promotion.json: what PyTorch makes of every pair of dtypes.

    python3 tests/parity/make_promotion.py

Each operand is a vector, a 0-dimensional tensor, or a Python number. For add, sub, mul, div and eq it
keeps the result's dtype and numbers, or that PyTorch refuses; for the in-place forms likewise.
"""
import json
import math
import pathlib

import torch

DTYPES = ["float32", "float64", "int64", "int32", "uint8", "bool"]
VALUES = {True: [0, 1, 3, 200], False: [0.5, -1.5, 2.0, 200.0]}  # whole or not


def operands():
    for dtype in DTYPES:
        floating = dtype.startswith("float")
        values = VALUES[not floating]
        yield {"kind": "vector", "dtype": dtype, "values": values}
        yield {"kind": "scalar", "dtype": dtype, "values": [values[2]]}
    yield {"kind": "number", "dtype": "int64", "values": [3]}
    yield {"kind": "number", "dtype": "float64", "values": [2.5]}


def tensor_of(spec):
    if spec["kind"] == "number":
        value = spec["values"][0]
        return int(value) if spec["dtype"] == "int64" else float(value)
    tensor = torch.tensor(spec["values"]).to(getattr(torch, spec["dtype"]))
    return tensor if spec["kind"] == "vector" else tensor[0]


def result_of(f):
    try:
        result = f()
    except RuntimeError:
        return None
    numbers = [v if not isinstance(v, float) or math.isfinite(v) else
               "nan" if math.isnan(v) else "inf" if v > 0 else "-inf"
               for v in (int(x) if isinstance(x, bool) else x for x in result.flatten().tolist())]
    return {"dtype": str(result.dtype).replace("torch.", ""), "sizes": list(result.shape),
            "values": numbers}


def main():
    records = []
    for a in operands():
        for b in operands():
            if a["kind"] == "number":
                continue  # our numbers stand on the right, or in 2 * x
            for op in ("add", "sub", "mul", "div", "eq"):
                record = {"op": op, "a": a, "b": b}
                record["result"] = result_of(lambda: getattr(torch, op)(tensor_of(a), tensor_of(b)))
                if op in ("add", "sub", "mul"):
                    x = tensor_of(a)
                    record["inplace"] = result_of(lambda: getattr(x, op + "_")(tensor_of(b)))
                records.append(record)
    target = pathlib.Path(__file__).parent / "golden" / "promotion.json"
    with open(target, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(r) for r in records) + "\n]\n")
    print(f"{len(records)} pairs from PyTorch {torch.__version__} -> {target}")


if __name__ == "__main__":
    main()
