"""Compares Gradus with PyTorch: speed, the first losses, and the accuracy both reach.

    /usr/bin/python3 tests/bench/compare_pytorch.py [--pairs 5] [--build build/release] [--quick]
                                                    [--accuracy] [--patience SECONDS]
                                                    [--data FOLDER]

The two take turns (PyTorch, Gradus, PyTorch, ...), so that whatever else the computer does meets
both. PyTorch runs here, Gradus in build/.../bin/gradus-bench-train, which must be built. What
counts is the median of the ratios of neighbouring runs; the smallest and the largest stand beside
it.
Needs torch and torchvision. Exit code 1 if something could not be run; a missed target is no failure.
"""

import argparse
import gzip
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAIN_SIZE = 60000
STEP_BATCH = 64
# Three products per layer, but no input gradient for the first one: 205.4 MFLOP.
STEP_FLOPS = 2.0 * STEP_BATCH * (3 * (784 * 512 + 512 * 512 + 512 * 10) - 784 * 512)


# --- data ---


def unpack(folder, root):
    """Puts the data set's files where torchvision looks for them below root."""
    raw = root / "FashionMNIST/raw"
    raw.mkdir(parents=True)
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                 "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        plain = folder / name
        data = plain.read_bytes() if plain.exists() else gzip.open(f"{plain}.gz").read()
        (raw / name).write_bytes(data)


def tensors(dataset):
    """All samples of a torchvision data set at once."""
    return dataset.data[:, None].float().div(255), dataset.targets


# --- PyTorch's side ---


class NeuralNetwork(nn.Module):
    """The network of PyTorch's quickstart tutorial."""

    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


class Training:
    """A network with its optimiser, trained as in the quickstart tutorial."""

    def __init__(self, seed=0, lr=1e-3, momentum=0.0):
        torch.manual_seed(seed)
        self.model = NeuralNetwork()
        self.loss_fn = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr, momentum=momentum)

    def step(self, x, y):
        loss = self.loss_fn(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss

    def train(self, batches):
        self.model.train()
        for batch, (x, y) in enumerate(batches):
            loss = self.step(x, y)
            if batch % 100 == 0:
                loss.item()

    def test(self, batches):
        """The mean loss and the share of right answers."""
        self.model.eval()
        loss = correct = samples = count = 0
        with torch.no_grad():
            for x, y in batches:
                prediction = self.model(x)
                loss += self.loss_fn(prediction, y).item()
                correct += (prediction.argmax(1) == y).type(torch.float).sum().item()
                samples += len(y)
                count += 1
        return loss / count, correct / samples


def draw_seed():
    """What a DataLoader or its sampler draws from the default generator."""
    return int(torch.empty((), dtype=torch.int64).random_().item())


def shuffled_batches(x, y, batch_size):
    """The batches that DataLoader(shuffle=True) makes, in its order, without its overhead."""
    draw_seed()  # for its workers
    generator = torch.Generator()
    generator.manual_seed(draw_seed())
    for indices in torch.randperm(len(x), generator=generator).split(batch_size):
        yield x[indices], y[indices]


def plain_batches(x, y, batch_size):
    draw_seed()
    yield from zip(x.split(batch_size), y.split(batch_size))


class PyTorch:
    """Answers the questions that Gradus is asked, in the same units."""

    def __init__(self, folder):
        from torchvision.datasets import FashionMNIST
        from torchvision.transforms import ToTensor

        with tempfile.TemporaryDirectory() as root:
            unpack(folder, pathlib.Path(root))
            self.train_set, self.test_set = (
                FashionMNIST(root, train=train, transform=ToTensor()) for train in (True, False))
        self.x, self.y = tensors(self.train_set)
        # The last, smaller batch of an epoch is left out; Gradus' rate counts samples.
        full = TRAIN_SIZE // STEP_BATCH * STEP_BATCH
        self.batches = list(zip(self.x[:full].split(STEP_BATCH), self.y[:full].split(STEP_BATCH)))
        self.training = Training()
        self.next_batch = 0

    def step(self, count):
        """Samples per second."""
        start = time.perf_counter()
        for i in range(count):
            loss = self.training.step(*self.batches[self.next_batch])
            self.next_batch = (self.next_batch + 1) % len(self.batches)
            if i % 100 == 0:
                loss.item()
        return count * STEP_BATCH / (time.perf_counter() - start)

    def epoch(self):
        """Seconds of training and of evaluation."""
        training = Training()
        train = torch.utils.data.DataLoader(self.train_set, batch_size=64, shuffle=True)
        test = torch.utils.data.DataLoader(self.test_set, batch_size=64)
        start = time.perf_counter()
        training.train(train)
        trained = time.perf_counter()
        training.test(test)
        return trained - start, time.perf_counter() - trained

    def add(self, count):
        """Seconds of one."""
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        b = torch.tensor([3.0, 4.0], requires_grad=True)
        start = time.perf_counter()
        for _ in range(count):
            a + b
        return (time.perf_counter() - start) / count

    def a1(self, count):
        """Seconds of one."""
        a = torch.tensor([2.0, 3.0], requires_grad=True)
        b = torch.tensor([6.0, 4.0], requires_grad=True)
        ones = torch.tensor([1.0, 1.0])
        start = time.perf_counter()
        for _ in range(count):
            a.grad = b.grad = None
            q = 3 * a**3 - b**2
            q.backward(gradient=ones)
        return (time.perf_counter() - start) / count

    def losses(self, seed, count, lr):
        training = Training(seed, lr)
        loader = torch.utils.data.DataLoader(self.train_set, batch_size=64, shuffle=True)
        return [training.step(x, y).item() for _, (x, y) in zip(range(count), loader)]

    def accuracy(self, seed, epochs, batch_size, lr, momentum):
        training = Training(seed, lr, momentum)
        test_x, test_y = tensors(self.test_set)
        for _ in range(epochs):
            training.train(shuffled_batches(self.x, self.y, batch_size))
            _, accuracy = training.test(plain_batches(test_x, test_y, batch_size))
        return accuracy


# --- Gradus' side ---


class Gradus:
    """gradus-bench-train, asked line by line."""

    def __init__(self, program, folder, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self.process = subprocess.Popen([program, str(folder)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, *words):
        command = " ".join(str(word) for word in words)
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"gradus-bench-train ended at the command {command!r}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"gradus-bench-train, {command}: {answer['error']}")
        return answer

    def close(self):
        self.process.stdin.write("quit\n")
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def step(self, count):
        answer = self.ask("step", count)
        return answer["samples"] / answer["seconds"]

    def epoch(self):
        answer = self.ask("epoch")
        return answer["train_seconds"], answer["evaluate_seconds"]

    def add(self, count):
        return self.ask("add", count)["seconds"] / count

    def a1(self, count):
        return self.ask("a1", count)["seconds"] / count

    def losses(self, seed, count, lr):
        return self.ask("losses", seed, count, lr)["losses"]

    def accuracy(self, seed, epochs, batch_size, lr, momentum):
        return self.ask("accuracy", seed, epochs, batch_size, lr, momentum)["accuracy"]

    def peak(self):
        return self.ask("peak")


# --- who else computes ---


def cpu_seconds(file, fields):
    """The sum of fields of a line in /proc, in seconds."""
    words = pathlib.Path(file).read_text().split("\n", 1)[0].rsplit(")", 1)[-1].split()
    return sum(int(words[i]) for i in fields) / os.sysconf("SC_CLK_TCK")


class Turns:
    """Lets PyTorch and Gradus take turns, and watches what share of the processor other programs
    take meanwhile: with more than a few per cent the figures say little, since threads that wait
    for each other suffer most. With patience, a pair that was disturbed is thrown away, whatever
    came out, and done again once the others rest."""

    LIMIT = 0.05

    def __init__(self, pairs, gradus, patience):
        self.pairs = pairs
        self.processes = [os.getpid(), gradus.process.pid]
        self.watches = sys.platform == "linux"
        self.deadline = time.monotonic() + patience
        self.shares = []
        self.repeated = 0

    def now(self):
        """Seconds, and those that all processors together spent on others."""
        busy = cpu_seconds("/proc/stat", (1, 2, 3, 6, 7, 8))
        ours = sum(cpu_seconds(f"/proc/{p}/stat", (11, 12)) for p in self.processes)
        return time.monotonic(), busy - ours

    def share_of_others(self, work):
        """What share they took while work was done, and its result."""
        if not self.watches:
            return 0.0, work()
        start, busy = self.now()
        result = work()
        end, busy_then = self.now()
        return max(0.0, (busy_then - busy) / (end - start) / os.cpu_count()), result

    def pair(self, first, second):
        while True:
            share, result = self.share_of_others(lambda: (first(), second()))
            if share <= self.LIMIT or time.monotonic() > self.deadline:
                self.shares.append(share)
                return result
            self.repeated += 1
            rest = 0
            while rest < 3 and time.monotonic() < self.deadline:
                share, _ = self.share_of_others(lambda: time.sleep(1))
                rest = rest + 1 if share <= self.LIMIT else 0

    def take(self, first, second, pairs=None):
        return [self.pair(first, second) for _ in range(pairs or self.pairs)]

    def __str__(self):
        if not self.watches:
            return ""
        return (f"other programs took up to {max(self.shares):.1%} of the processor; "
                f"{self.repeated} pairs were disturbed and done again\n")


# --- the report ---


class Report:
    """A table, one line per measure, printed as the lines come."""

    ROW = "{:<35} {:>11} {:>11}   {:<28} {:>9}  {}"

    def __init__(self):
        self.met = []
        print(self.ROW.format("", "PyTorch", "Gradus", "ratio, median [min, max]", "target", "met"))

    def line(self, name, theirs, ours, result, target="", met=None):
        if met is not None:
            self.met.append(met)
        verdict = "" if met is None else ("yes" if met else "NO")
        print(self.ROW.format(name, theirs, ours, result, target, verdict).rstrip(), flush=True)

    def pairs(self, name, pairs, show, ratio, target="", met=None):
        """A line for pairs (PyTorch's, Gradus'); met says whether the median of ratio(pair) is."""
        ratios = [ratio(*pair) for pair in pairs]
        median = statistics.median(ratios)
        self.line(name, show(statistics.median(pair[0] for pair in pairs)),
                  show(statistics.median(pair[1] for pair in pairs)),
                  f"{median:.3g} [{min(ratios):.3g}, {max(ratios):.3g}]", target,
                  None if met is None else met(median))


def ours_by_theirs(theirs, ours):
    return ours / theirs


def theirs_by_ours(theirs, ours):
    return theirs / ours


def microseconds(seconds):
    return f"{seconds * 1e6:.3f}"


def compare_speed(report, turns, torch_side, gradus, quick):
    count = 200 if quick else 1000
    torch_side.step(100)  # to warm up, here and below
    gradus.step(100)
    rows = turns.take(lambda: torch_side.step(count),
                      lambda: (gradus.step(count), gradus.peak()["gflops"]))
    steps = [(theirs, ours) for theirs, (ours, _) in rows]
    report.pairs("quickstart step, samples/s", steps, "{:,.0f}".format, ours_by_theirs, ">= 2",
                 lambda ratio: ratio >= 2)
    peak = max(peak for _, (_, peak) in rows)
    shares = [[rate / STEP_BATCH * STEP_FLOPS / 1e9 / peak for rate in pair] for pair in steps]
    theirs, ours = (statistics.median(share[i] for share in shares) for i in (0, 1))
    lowest, highest = min(share[1] for share in shares), max(share[1] for share in shares)
    report.line(f"share of FP32 peak ({peak:.0f} GFLOP/s)", f"{theirs:.1%}", f"{ours:.1%}",
                f"[{lowest:.1%}, {highest:.1%}]", ">= 40 %", ours >= 0.40)

    epochs = turns.take(torch_side.epoch, gradus.epoch, 1 if quick else None)
    report.pairs("tutorial epoch: training, s", [(t[0], g[0]) for t, g in epochs], "{:.2f}".format,
                 theirs_by_ours, ">= 4", lambda ratio: ratio >= 4)
    report.pairs("tutorial epoch: evaluation, s", [(t[1], g[1]) for t, g in epochs],
                 "{:.3f}".format, theirs_by_ours)

    count = 20000 if quick else 200000
    torch_side.add(1000)
    gradus.add(1000)
    report.pairs("small add with grad, us",
                 turns.take(lambda: torch_side.add(count), lambda: gradus.add(count)),
                 microseconds, ours_by_theirs, "<= 0.2", lambda ratio: ratio <= 0.2)
    torch_side.a1(1000)
    gradus.a1(1000)
    count //= 10
    report.pairs("A1, forward and backward, us",
                 turns.take(lambda: torch_side.a1(count), lambda: gradus.a1(count)),
                 microseconds, ours_by_theirs, "<= 0.15", lambda ratio: ratio <= 0.15)


def compare_losses(report, torch_side, gradus):
    theirs = torch_side.losses(0, 100, 1e-2)
    ours = gradus.losses(0, 100, 1e-2)
    difference = max(abs(a - b) for a, b in zip(theirs, ours))
    if len(theirs) != len(ours) or not math.isfinite(difference):
        difference = math.inf
    report.line("first 100 losses, the last one", f"{theirs[-1]:.6f}", f"{ours[-1]:.6f}",
                f"largest difference {difference:.1e}", "<= 1e-4", difference <= 1e-4)


def compare_accuracy(report, torch_side, gradus, quick):
    seeds, epochs = (2, 1) if quick else (8, 5)
    settings = (epochs, 256, 0.1, 0.9)
    rows = [(torch_side.accuracy(seed, *settings), gradus.accuracy(seed, *settings))
            for seed in range(seeds)]
    theirs, ours = (statistics.mean(row[i] for row in rows) for i in (0, 1))
    difference = 100 * (ours - theirs)
    report.line(f"accuracy, {seeds} seeds, {epochs} epoch(s)", f"{theirs:.2%}", f"{ours:.2%}",
                f"{difference:+.2f} points", "+- 1.5", abs(difference) <= 1.5)
    spread = [statistics.stdev(row[i] for row in rows) for i in (0, 1)]
    report.line("  standard deviation over seeds", f"{spread[0]:.2%}", f"{spread[1]:.2%}", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pairs", type=int, default=5, help="turns of PyTorch and Gradus")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release",
                        help="build folder with bin/gradus-bench-train")
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path("/usr/share/datasets/fashion-mnist"),
                        help="folder of FashionMNIST's files")
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--accuracy", action="store_true",
                        help="also train 8 seeds for 5 epochs (minutes)")
    parser.add_argument("--patience", type=float, default=0, metavar="SECONDS",
                        help="repeat what other programs disturbed, for so long at most")
    options = parser.parse_args()
    pairs = min(options.pairs, 2) if options.quick else options.pairs

    threads = os.cpu_count()
    torch.set_num_threads(threads)
    torch_side = PyTorch(options.data)
    program = options.build.resolve() / "bin/gradus-bench-train"
    gradus = Gradus(program, options.data, threads)
    peak = gradus.peak()
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; "
          f"Gradus {peak['threads']} threads, {peak['isa']}; {pairs} pairs\n")
    turns = Turns(pairs, gradus, options.patience)
    report = Report()
    compare_speed(report, turns, torch_side, gradus, options.quick)
    compare_losses(report, torch_side, gradus)
    if options.accuracy:
        compare_accuracy(report, torch_side, gradus, options.quick)
    gradus.close()
    print(f"\n{turns}{sum(report.met)} of {len(report.met)} targets met")


def run(program):
    """Calls program; what it cannot do is said in a line, with exit code 1."""
    try:
        program()
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    run(main)
