#!/usr/bin/env python3
"""Writes tests/parity/golden/ops.json: what PyTorch makes of every op's declared samples.

    build/release/bin/gradus-op-samples | python3 tests/parity/make_golden.py

Needs PyTorch. For each sample it keeps the sample itself, the outputs, and the gradients of the
floating-point inputs for the upstream gradient sin(1), sin(2), ... Run it again whenever an op or
a sample is added or changed; the parity test fails by name until then.
"""
import json
import math
import pathlib
import sys

import torch
import torch.nn.functional as F  # noqa: F401  (used by the ops' expressions)


def tensor_of(spec):
    if spec is None:
        return None
    dtype = getattr(torch, spec["dtype"])
    values = [float(v) if isinstance(v, str) else v for v in spec["values"]]
    dense = torch.tensor(values, dtype=torch.float64).to(dtype).reshape(spec["sizes"])
    result = torch.empty_strided(spec["sizes"], spec["strides"], dtype=dtype)
    return result.copy_(dense)


def numbers_of(tensor):
    def number(v):
        if isinstance(v, float) and not math.isfinite(v):
            return "nan" if math.isnan(v) else ("inf" if v > 0 else "-inf")
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
    x = torch.zeros(len(target), classes, requires_grad=True)
    loss = F.nll_loss(x, target, reduction=["none", "mean", "sum"][reduction])
    (result,) = torch.autograd.grad(loss, x, grad, create_graph=False)
    if not grad.requires_grad:
        return result
    # Linear in grad: the same numbers, with a history.
    unit = torch.autograd.grad(
        F.nll_loss(x, target, reduction=["none", "mean", "sum"][reduction]), x,
        torch.ones_like(grad))[0]
    return unit * (grad[:, None] if grad.dim() else grad)


def run(sample):
    names = {name: tensor_of(spec) for name, spec in sample["inputs"].items()}
    if sample["differentiable"]:
        for tensor in names.values():
            if tensor is not None and tensor.is_floating_point():
                tensor.requires_grad_(True)
    attrs = dict(sample["attrs"])
    if not any(t is not None and t.is_floating_point() for t in names.values()):
        # PyTorch refuses 1.0 beside whole numbers and takes 1.
        attrs = {k: int(v) if isinstance(v, float) else v for k, v in attrs.items()}
    if "dtype" in attrs:
        attrs["dtype"] = getattr(torch, attrs["dtype"])
    scope = dict(globals(), **names, **attrs)
    result = eval(sample["torch"], scope)
    outputs = list(result) if isinstance(result, tuple) else [result]
    record = dict(sample, outputs=[numbers_of(o) for o in outputs], grads={})
    if sample["differentiable"] and outputs[0].requires_grad:
        count = outputs[0].numel()
        upstream = torch.sin(torch.arange(1, count + 1, dtype=torch.float64))
        outputs[0].backward(upstream.to(outputs[0].dtype).reshape(outputs[0].shape))
        for name, tensor in names.items():
            if tensor is not None and tensor.grad is not None:
                record["grads"][name] = numbers_of(tensor.grad)
    return record


def main():
    samples = json.load(sys.stdin)
    records = [run(sample) for sample in samples]
    target = pathlib.Path(__file__).parent / "golden" / "ops.json"
    target.parent.mkdir(exist_ok=True)
    with open(target, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(r) for r in records) + "\n]\n")
    print(f"{len(records)} samples from PyTorch {torch.__version__} -> {target}")


if __name__ == "__main__":
    main()
