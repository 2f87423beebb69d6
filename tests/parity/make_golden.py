#!/usr/bin/env python3
"""Writes tests/parity/golden/ops.json: what PyTorch makes of every op's cases (cases.h).

    build/release/bin/gradus-op-samples | python3 tests/parity/make_golden.py

Needs PyTorch. For each case it keeps a fingerprint of the case, the outputs, and the gradients of
the floating-point inputs for the upstream gradient sin(1), sin(2), ..., or that PyTorch refuses it.
Run it again whenever an op or a sample is added or changed; the parity test fails by name until
then.
"""
import json
import math
import pathlib
import sys
import warnings

import numpy
import torch
import torch.nn.functional as F  # noqa: F401  (used by the ops' expressions)

warnings.filterwarnings("ignore")


def number_of(text):
    return float(text) if isinstance(text, str) else text


def tensor_of(spec):
    if spec is None:
        return None
    dtype = getattr(torch, spec["dtype"])
    values = [number_of(v) for v in spec["values"]]
    if dtype.is_floating_point:
        dense = torch.tensor(values, dtype=torch.float64)
    else:
        dense = torch.tensor([int(v) for v in values], dtype=torch.int64)
    dense = dense.to(dtype).reshape(spec["sizes"])
    if 0 in spec["strides"]:  # an expanded one
        sizes = [1 if step == 0 else size for size, step in zip(spec["sizes"], spec["strides"])]
        first = tuple(slice(0, size) for size in sizes)
        return dense[first].clone().expand(spec["sizes"])
    result = torch.empty_strided(spec["sizes"], spec["strides"], dtype=dtype)
    return result.copy_(dense)


def numbers_of(tensor):
    def number(v):
        if isinstance(v, float) and not math.isfinite(v):
            return "nan" if math.isnan(v) else ("inf" if v > 0 else "-inf")
        if isinstance(v, float) and tensor.dtype == torch.float32:
            return float(str(numpy.float32(v)))  # the shortest that is the same float32
        return int(v) if isinstance(v, bool) else v

    return {
        "dtype": str(tensor.dtype).replace("torch.", ""),
        "sizes": list(tensor.shape),
        "values": [number(v) for v in tensor.detach().flatten().tolist()],
    }


def sgd_step(parameter, grad, momentum_buffer, lr, momentum, first):
    p = torch.nn.Parameter(parameter.clone())
    p.grad = grad.clone()
    optimizer = torch.optim.SGD([p], lr=lr, momentum=momentum)
    if momentum and not first:
        optimizer.state[p]["momentum_buffer"] = momentum_buffer.clone()
    optimizer.step()
    if momentum_buffer is None:
        return p.detach()
    return p.detach(), optimizer.state[p]["momentum_buffer"]


def nll_loss_backward(grad, target, classes, reduction):
    x = torch.zeros(len(target), classes, dtype=grad.dtype, requires_grad=True)
    loss = F.nll_loss(x, target, reduction=["none", "mean", "sum"][reduction])
    (result,) = torch.autograd.grad(loss, x, grad, create_graph=False)
    if not grad.requires_grad:
        return result
    # Linear in grad: the same numbers, with a history.
    unit = torch.autograd.grad(
        F.nll_loss(x, target, reduction=["none", "mean", "sum"][reduction]), x,
        torch.ones_like(grad))[0]
    spread = (grad[:, None] if grad.dim() else grad).expand(unit.shape)
    return torch.where(unit == 0, torch.zeros_like(unit), unit * spread)


def index(x, indices):
    return x[tuple(slice(None) if i is None else i for i in indices)]


def index_put(target, values, indices, accumulate):
    return target.clone().index_put(tuple(indices), values, accumulate)


def run(case):
    # The last input of an op that takes any number of them is a list.
    inputs = {
        name: [tensor_of(each) for each in spec] if isinstance(spec, list) else tensor_of(spec)
        for name, spec in case["inputs"].items()
    }
    named = {}
    for name, value in inputs.items():
        if isinstance(value, list):
            named.update({f"{name}[{i}]": each for i, each in enumerate(value)})
        else:
            named[name] = value
    if case["differentiable"]:
        for tensor in named.values():
            if tensor is not None and tensor.is_floating_point():
                tensor.requires_grad_(True)
    attrs = {k: number_of(v) if k != "dtype" else v for k, v in case["attrs"].items()}
    if not any(t is not None and t.is_floating_point() for t in named.values()) and "alpha" in attrs:
        # PyTorch refuses 1.0 beside whole numbers and takes 1.
        attrs["alpha"] = int(attrs["alpha"]) if attrs["alpha"].is_integer() else attrs["alpha"]
    if "dtype" in attrs:
        attrs["dtype"] = getattr(torch, attrs["dtype"])
    record = {"case": case["case"], "fingerprint": case["fingerprint"]}
    try:
        result = eval(case["torch"], dict(globals(), **inputs, **attrs))
    except (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError) as error:
        record["error"] = str(error).splitlines()[0][:100]
        return record
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    record["outputs"] = [numbers_of(o) for o in outputs]
    record["grads"] = {}
    if case["differentiable"] and outputs and outputs[0].requires_grad:
        count = outputs[0].numel()
        upstream = torch.sin(torch.arange(1, count + 1, dtype=torch.float64))
        try:
            outputs[0].backward(upstream.to(outputs[0].dtype).reshape(outputs[0].shape))
        except RuntimeError as error:
            record["grad_error"] = str(error).splitlines()[0][:100]
        for name, tensor in named.items():
            if tensor is not None and tensor.grad is not None:
                record["grads"][name] = numbers_of(tensor.grad)
    return record


def main():
    records = [run(case) for case in json.load(sys.stdin)]
    target = pathlib.Path(__file__).parent / "golden" / "ops.json"
    target.parent.mkdir(exist_ok=True)
    with open(target, "w") as out:
        lines = (json.dumps(r, separators=(",", ":")) for r in records)
        out.write("[\n" + ",\n".join(lines) + "\n]\n")
    refused = sum("error" in r for r in records)
    print(f"{len(records)} cases, {refused} refused, by PyTorch {torch.__version__} -> {target}")


if __name__ == "__main__":
    main()
