"""Compares a quickstart step on a GPU, by Gradus through Vulkan, with PyTorch on CUDA, eager.

    python3 tests/bench/compare_gpu.py [--pairs 5] [--device vulkan] [--torch-device cuda]

The two take turns, as in compare_pytorch.py; both start from batches in the host's memory, send each
to the GPU, and do what the tutorial does with it. Gradus reads every loss, PyTorch every hundredth,
as the tutorial has it. Numbers of images are made up: speed does not depend on them.
Needs torch with CUDA, numpy and build/release/bin/gradus-bench-train.
"""

import argparse
import pathlib
import tempfile
import time

import numpy
import torch

from compare_pytorch import ROOT, Gradus, Report, Training, Turns, ours_by_theirs, run

IMAGES = 16384


def write_idx(path, array):
    """A file in MNIST's format."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    path.write_bytes(header + array.tobytes())


def make_data(folder):
    """Noise with labels, as the four files of a data set and as tensors."""
    random = numpy.random.default_rng(0)
    images = random.integers(0, 256, (IMAGES, 28, 28), dtype=numpy.uint8)
    labels = random.integers(0, 10, IMAGES, dtype=numpy.uint8)
    for part, count in (("train", IMAGES), ("t10k", 1024)):
        write_idx(folder / f"{part}-images-idx3-ubyte", images[:count])
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels[:count])
    return torch.from_numpy(images)[:, None].float().div(255), torch.from_numpy(labels).long()


class PyTorch:
    def __init__(self, device, x, y):
        self.device = torch.device(device)
        if self.device.type == "cuda" and not torch.cuda.is_available():
            raise RuntimeError("PyTorch finds no GPU that speaks CUDA")
        self.x, self.y = x, y
        self.training = Training()
        self.training.model.to(self.device)
        self.training.optimizer = torch.optim.SGD(self.training.model.parameters(), lr=1e-3)

    def synchronize(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def step(self, batch_size, count):
        """Samples per second."""
        batches = list(zip(self.x.split(batch_size), self.y.split(batch_size)))
        self.synchronize()
        start = time.perf_counter()
        for i in range(count):
            x, y = batches[i % len(batches)]
            loss = self.training.step(x.to(self.device), y.to(self.device))
            if i % 100 == 0:
                loss.item()
        self.synchronize()
        return count * batch_size / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pairs", type=int, default=5, help="turns of PyTorch and Gradus")
    parser.add_argument("--steps", type=int, default=500, help="in each turn")
    parser.add_argument("--device", default="vulkan", help="Gradus', as gradus-cli names it")
    parser.add_argument("--torch-device", default="cuda", help="PyTorch's")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release",
                        help="build folder with bin/gradus-bench-train")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        x, y = make_data(pathlib.Path(folder))
        theirs = PyTorch(options.torch_device, x, y)
        gradus = Gradus(options.build.resolve() / "bin/gradus-bench-train", folder,
                        torch.get_num_threads())
        name = gradus.ask("device", options.device)["name"]
        other = (torch.cuda.get_device_name() if theirs.device.type == "cuda"
                 else options.torch_device)
        print(f"PyTorch {torch.__version__} on {other}; Gradus on {name}; {options.pairs} pairs\n")
        turns = Turns(options.pairs, gradus, 0)
        report = Report()
        for batch_size in (64, 1024):
            def ours(count, batch_size=batch_size):
                answer = gradus.ask("step_on", options.device, batch_size, count)
                return answer["samples"] / answer["seconds"]

            theirs.step(batch_size, 50)  # to warm up
            ours(50)
            pairs = turns.take(lambda: theirs.step(batch_size, options.steps),
                               lambda: ours(options.steps))
            report.pairs(f"quickstart step, batch {batch_size}, samples/s", pairs,
                         "{:,.0f}".format, ours_by_theirs)
        gradus.close()
        print(f"\n{turns}")


if __name__ == "__main__":
    run(main)
