#!/usr/bin/env python3
"""Writes tests/parity/golden/random.json: PyTorch's random numbers and a first training run.

    python3 tests/parity/make_random.py [--data /usr/share/datasets/fashion-mnist]

Needs PyTorch (with its AVX2 kernels, the default on any recent x86-64 processor). Long results are
kept as a 64-bit FNV-1a hash of their bytes; the first values are kept beside it, for people.
"""
import argparse
import gzip
import json
import pathlib
import struct

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEEDS = [0, 1, 42, 123456789, 2**40 + 5]


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def entry(kind, seed, n, tensor, **more):
    array = tensor.detach().contiguous().numpy()
    return dict(kind=kind, seed=seed, n=n, hash=fnv(array.tobytes()),
                first=[float(v) for v in array.flatten()[:4]], **more)


def draws():
    result = []
    for seed in SEEDS:
        for n in [1, 2, 15, 16, 17, 40, 1000]:
            # One after another from one seed: the state they leave counts, too.
            torch.manual_seed(seed)
            result.append(entry("rand", seed, n, torch.rand(n)))
            result.append(entry("randn", seed, n, torch.randn(n)))
            result.append(entry("randint", seed, n, torch.randint(-5, 1000, (n,))))
            result.append(entry("randperm", seed, n, torch.randperm(n)))
            result.append(entry("randn", seed, n, torch.randn(n)))
        for sizes in [(2, 3), (784, 512), (512, 10)]:
            torch.manual_seed(seed)
            linear = nn.Linear(*sizes)
            result.append(entry("weight", seed, sizes[0] * sizes[1], linear.weight,
                                sizes=list(sizes)))
            result.append(entry("bias", seed, sizes[1], linear.bias, sizes=list(sizes)))
    return result


def shuffle_seeds(seed, epochs):
    """The seed of each epoch's permutation in a run on the toy network, tests in between."""
    torch.manual_seed(seed)
    nn.Linear(2, 3), nn.Linear(3, 2)
    seeds = []
    for _ in range(epochs):
        torch.empty((), dtype=torch.int64).random_()  # DataLoader's base seed
        seeds.append(int(torch.empty((), dtype=torch.int64).random_()))  # RandomSampler's
        torch.empty((), dtype=torch.int64).random_()  # the test DataLoader's base seed
    return seeds


def loader_orders(seed, n, epochs):
    """Hashes of the orders that real DataLoaders give; checks shuffle_seeds' reading of them."""
    torch.manual_seed(seed)
    nn.Linear(2, 3), nn.Linear(3, 2)
    train = DataLoader(TensorDataset(torch.arange(n)), batch_size=64, shuffle=True)
    test = DataLoader(TensorDataset(torch.arange(50)), batch_size=64)
    hashes = []
    for _ in range(epochs):
        order = torch.cat([batch[0] for batch in train])
        list(test)
        hashes.append(fnv(order.numpy().tobytes()))
    return hashes


def first_losses(folder, seed, count, lr):
    def read(name, offset):
        return np.frombuffer(gzip.open(folder / name).read(), np.uint8, offset=offset)

    images = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28).copy()
    labels = read("train-labels-idx1-ubyte.gz", 8).astype(np.int64)
    data = TensorDataset(torch.from_numpy(images).float().div(255), torch.from_numpy(labels))
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512),
                          nn.ReLU(), nn.Linear(512, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for x, y in DataLoader(data, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if len(losses) == count:
            return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    folder = pathlib.Path(parser.parse_args().data)
    golden = {
        "draws": draws(),
        "shuffle": [dict(seed=s, n=200, seeds=[str(v) for v in shuffle_seeds(s, 3)],
                         orders=loader_orders(s, 200, 3)) for s in SEEDS],
        "losses": dict(seed=0, lr=0.01, momentum=0.0, values=first_losses(folder, 0, 100, 0.01)),
    }
    assert struct.calcsize("f") == 4
    target = pathlib.Path(__file__).parent / "golden" / "random.json"
    target.write_text(json.dumps(golden, indent=0) + "\n")
    print(f"{len(golden['draws'])} draws from PyTorch {torch.__version__} -> {target}")


if __name__ == "__main__":
    main()
