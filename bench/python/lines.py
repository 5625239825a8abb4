"""The lines of the benchmark in PyTorch: models, settings and order of the random draws as in src/lines."""
from collections import namedtuple

import torch
import torch.nn.functional as F
from torch import nn

from gpt import BATCH, CONTEXT, GPT, VOCABULARY

Work = namedtuple("Work", "run results per", defaults=[1])


def matmul(rows, depth, columns):
    a, b = torch.randn(rows, depth), torch.randn(depth, columns)
    return Work(lambda: a @ b, lambda: {"product": a @ b})


def elementwise(function):
    x = torch.randn(1_000_000)
    return Work(lambda: function(x), lambda: {"output": function(x)})


def differentiated(x, loss_of, name="loss", per=1):
    """Forward and backward, down to the gradient of x."""

    def run():
        x.grad = None
        loss = loss_of()
        loss.backward()
        return loss

    return Work(run, lambda: {name: run(), "gradient": x.grad}, per)


def training(model, optimizer, x, y, loss_of=F.cross_entropy):
    def run():
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    def results():
        before = [parameter.detach().clone() for parameter in model.parameters()]
        run()
        run()
        loss = run()
        moved = [(now - then).flatten() for now, then in zip(model.parameters(), before)]
        return {"loss": loss, "change": torch.cat(moved)}

    return Work(run, results)


def relu_chain():
    x = torch.randn(2**20, requires_grad=True)

    def mean():
        h = x
        for _ in range(8):
            h = (h + x).relu()
        return h.mean()

    return differentiated(x, mean, "mean")


def mlp():
    x, y = torch.randn(64, 784), torch.randint(0, 10, (64,))
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    return training(model, torch.optim.Adam(model.parameters(), lr=1e-3), x, y)


def cnn():
    x, y = torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))
    block = lambda a, b: [nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*block(1, 8), *block(8, 16), nn.Flatten(), nn.Linear(784, 10))
    return training(model, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), x, y)


def gpt():
    x, y = torch.randint(0, VOCABULARY, (BATCH, CONTEXT)), torch.randint(0, VOCABULARY, (BATCH * CONTEXT,))
    model = GPT()
    return training(model, torch.optim.AdamW(model.parameters(), lr=3e-4), x, y)


def cross_entropy(rows, classes):
    logits = torch.randn(rows, classes, requires_grad=True)
    target = torch.randint(0, classes, (rows,))
    return differentiated(logits, lambda: F.cross_entropy(logits, target))


def ctc(steps, classes, batch):
    logits = torch.randn(steps, batch, classes, requires_grad=True)
    target_lengths = torch.randint(10, 31, (batch,))
    targets = torch.randint(1, classes, (batch, 30))
    input_lengths = torch.full((batch,), steps)
    loss = lambda: F.ctc_loss(logits.log_softmax(2), targets, input_lengths, target_lengths)
    return differentiated(logits, loss)


def tiny():
    x = torch.randn(16, 2)
    y = (x[:, 0] * x[:, 1] > 0).float().unsqueeze(1)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return training(model, optimizer, x, y, F.binary_cross_entropy_with_logits)


ADDS = 100_000


def add_chain():
    x, one = torch.ones(1, requires_grad=True), torch.ones(1)

    def total():
        y = x
        for _ in range(ADDS):
            y = y + one
        return y

    return differentiated(x, total, "sum", ADDS)


LINES = {
    **{f"matmul {n}": (lambda n=n: matmul(n, n, n)) for n in (64, 256, 512, 1024)},
    "matmul 64x784x256": lambda: matmul(64, 784, 256),
    "exp 1e6": lambda: elementwise(torch.exp),
    "tanh 1e6": lambda: elementwise(torch.tanh),
    "relu(h + x) x8, 2^20": relu_chain,
    "MLP 784-256-128-10, Adam": mlp,
    "CNN 28x28, SGD momentum": cnn,
    "tiny GPT, AdamW": gpt,
    "cross entropy 1024x1000": lambda: cross_entropy(1024, 1000),
    "cross entropy 64x10": lambda: cross_entropy(64, 10),
    "CTC T50 C20 N16": lambda: ctc(50, 20, 16),
    "tiny MLP 2-16-1": tiny,
    "chain of 100,000 adds, per op": add_chain,
}
