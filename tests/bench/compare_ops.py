#!/usr/bin/env python3
"""Compares the commonest elementwise ops and reductions with PyTorch's, on the CPU.

    /usr/bin/python3 tests/bench/compare_ops.py [--pairs 7] [--build build/release]

The two take turns; what counts is the median of the ratios of neighbouring runs (below 1: Gradus is
faster). Nothing is recorded for a gradient. Needs torch.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import time

import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZES = (10, 1000, 1_000_000)
OPS = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "exp": lambda a, b: a.exp(),
    "relu": lambda a, b: a.relu(),
    "sum": lambda a, b: a.sum(),
    "mean": lambda a, b: a.mean(),
    "max": lambda a, b: a.max(),
}


def torch_seconds(name, size, count):
    op = OPS[name]
    a = torch.linspace(0.5, 1.5, size)
    b = torch.linspace(1.5, 0.5, size)
    with torch.no_grad():
        for _ in range(max(3, count // 20)):
            op(a, b)
        start = time.perf_counter()
        for _ in range(count):
            op(a, b)
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--build", default="build/release")
    options = parser.parse_args()
    program = subprocess.Popen([str(ROOT / options.build / "bin" / "gradus-bench-train")],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def gradus_seconds(name, size, count):
        program.stdin.write(f"op {name} {size} {count}\n")
        program.stdin.flush()
        answer = json.loads(program.stdout.readline())
        if "error" in answer:
            raise SystemExit(answer["error"])
        return answer["seconds"]

    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"{'op':6}" + "".join(f"{size:>28,}" for size in SIZES))
    for name in OPS:
        line = f"{name:6}"
        for size in SIZES:
            count = {10: 20000, 1000: 10000}.get(size, 400)
            ratios = []
            for _ in range(options.pairs):
                theirs = torch_seconds(name, size, count)
                ours = gradus_seconds(name, size, count)
                ratios.append(ours / theirs)
            median = statistics.median(ratios)
            line += f"{median:>10.3f} [{min(ratios):.3f}, {max(ratios):.3f}]".rjust(28)
        print(line, flush=True)
    program.stdin.write("quit\n")
    program.stdin.flush()
    program.wait()


if __name__ == "__main__":
    main()
