"""PyTorch's side of the benchmark: reads one JSON question a line, answers with one JSON value a line."""
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(int(sys.argv[1]))


def matmul(rows, depth, columns):
    a, b = torch.randn(rows, depth), torch.randn(depth, columns)
    return (lambda: a @ b), (lambda: (a @ b).sum().item()), 1


def elementwise(function):
    x = torch.randn(1_000_000)
    return (lambda: function(x)), (lambda: function(x).double().mean().item()), 1


def training(step):
    def check():
        step()
        step()
        return step().item()

    return step, check, 1


def step_of(model, optimizer, x, y, loss_of=F.cross_entropy):
    def step():
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return training(step)


def chain():
    x = torch.randn(2**20, requires_grad=True)

    def run():
        x.grad = None
        h = x
        for _ in range(8):
            h = (h + x).relu()
        h.mean().backward()

    def check():
        run()
        return x.grad.double().sum().item()

    return run, check, 1


def mlp():
    x, y = torch.randn(64, 784), torch.randint(0, 10, (64,))
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    return step_of(model, torch.optim.Adam(model.parameters(), lr=1e-3), x, y)


def cnn():
    x, y = torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))
    block = lambda a, b: [nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*block(1, 8), *block(8, 16), nn.Flatten(), nn.Linear(784, 10))
    return step_of(model, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), x, y)


def cross_entropy(rows, classes):
    logits = torch.randn(rows, classes, requires_grad=True)
    target = torch.randint(0, classes, (rows,))

    def run():
        logits.grad = None
        F.cross_entropy(logits, target).backward()

    def check():
        run()
        return logits.grad.abs().double().sum().item()

    return run, check, 1


def tiny():
    x = torch.randn(16, 2)
    y = (x[:, 0] * x[:, 1] > 0).float().unsqueeze(1)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    return step_of(model, torch.optim.SGD(model.parameters(), lr=0.1), x, y, F.binary_cross_entropy_with_logits)


def adds():
    x, one = torch.ones(1, requires_grad=True), torch.ones(1)

    def run():
        x.grad = None
        y = x
        for _ in range(100_000):
            y = y + one
        y.backward()
        return y

    return run, (lambda: run().item()), 100_000


LINES = {
    **{f"matmul {n}": (lambda n=n: matmul(n, n, n)) for n in (64, 256, 512, 1024)},
    "matmul 64x784x256": lambda: matmul(64, 784, 256),
    "exp 1e6": lambda: elementwise(torch.exp),
    "tanh 1e6": lambda: elementwise(torch.tanh),
    "relu(h + x) x8, 2^20": chain,
    "MLP 784-256-128-10, Adam": mlp,
    "CNN 28x28, SGD momentum": cnn,
    "cross entropy 1024x1000": lambda: cross_entropy(1024, 1000),
    "cross entropy 64x10": lambda: cross_entropy(64, 10),
    "tiny MLP 2-16-1": tiny,
    "chain of 100,000 adds, per op": adds,
}

works = {}


def measure(line, budget):
    run, _, per = works[line]
    times, end = [], time.perf_counter() + budget / 1e3
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3 / per


def answer(question):
    if question["do"] == "version":
        return torch.__version__
    line = question["line"]
    if question["do"] == "check":
        if line not in LINES:
            return None
        torch.manual_seed(0)
        works[line] = LINES[line]()
        return works[line][1]()
    return measure(line, question["budget"])


for text in sys.stdin:
    print(json.dumps(answer(json.loads(text))), flush=True)
