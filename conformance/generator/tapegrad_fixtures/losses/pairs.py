"""Embeddings, rankings, hinges."""

import itertools

import torch

from ..encoding import I64
from .sweep import RED, T


def pairs(s):
    rn, pm, put, bad = s.rn, s.pm, s.put, s.bad
    N, C, D = s.n, s.c, s.d
    E = "CosineEmbeddingLoss"
    for red, m in itertools.product(RED, (0.0, 0.5, -0.5)):
        put(E, f"{red}/m{m}/batch", {"reduction": red, "margin": m}, rn(N, C), rn(N, C), T([1, -1, 1, -1][:N]))
        put(E, f"{red}/m{m}/single", {"reduction": red, "margin": m}, rn(C), rn(C), T(-1))
        put(E, f"{red}/m{m}/float-target", {"reduction": red, "margin": m}, rn(3, C), rn(3, C), T([1.0, -1.0, -1.0]))
    for red in RED:
        put(
            E,
            f"seed-snippet/{red}",
            {"reduction": red},
            T([[0.3, 0.5, 0.7], [0.3, 0.5, 0.7]]),
            T([[0.1, 0.3, 0.5], [0.1, 0.3, 0.5]]),
            T([1, -1]),
        )
        put(E, f"zero-vectors/{red}", {"reduction": red}, torch.zeros(3, 3), torch.cat([torch.zeros(1, 3), rn(2, 3)]), T([1, -1, 1]))
        put(E, f"other-target/{red}", {"reduction": red}, rn(3, 3), rn(3, 3), T([0, 2, 1]))
        put(E, f"parallel/{red}", {"reduction": red, "margin": 0.5}, T([[1.0, 2.0], [1.0, 2.0]]), T([[2.0, 4.0], [-1.0, -2.0]]), T([-1, 1]))
        put(E, f"empty/{red}", {"reduction": red}, rn(0, 3), rn(0, 3), T([], I64))
        put(E, f"large/{red}", {"reduction": red}, T([[1e15, 1e15], [1e-12, 0.0]]), T([[1e15, -1e10], [1e-12, 1e-12]]), T([1, 1]))
    bad(E, "batch-mismatch", {}, rn(2, 3), rn(2, 3), T([1, -1, 1]))
    bad(E, "dims-differ", {}, rn(2, 3), rn(3), T([1, -1]))
    bad(E, "shape", {}, rn(2, 3), rn(2, 4), T([1, -1]))
    bad(E, "target-0d", {}, rn(2, 3), rn(2, 3), T(1))
    bad(E, "target-2d", {}, rn(2, 3), rn(2, 3), T([[1], [-1]]))
    bad(E, "3d", {}, rn(2, 3, 4), rn(2, 3, 4), T([1, -1]))
    bad(E, "single-target-1d", {}, rn(3), rn(3), T([1]))
    bad(E, "margin-above-1", {"margin": 1.5}, rn(2, 3), rn(2, 3), T([1, -1]))
    MR, H, S = "MarginRankingLoss", "HingeEmbeddingLoss", "SoftMarginLoss"
    for red, m in itertools.product(RED, (0.0, 0.5, -0.5)):
        for shape in ((), (5,), (N, C)):
            put(MR, f"{red}/m{m}/{len(shape)}d", {"reduction": red, "margin": m}, rn(*shape), rn(*shape), pm(*shape))
        for shape in ((), (5,), (N, C)):
            put(H, f"{red}/m{1 + m}/{len(shape)}d", {"reduction": red, "margin": 1 + m}, rn(*shape) * 2, pm(*shape))
    for red in RED:
        put(MR, f"ties/{red}", {"reduction": red}, T([1.0, 1.0, 2.0]), T([1.0, 1.0, 2.0]), T([1.0, -1.0, 1.0]))
        put(MR, f"zero-target/{red}", {"reduction": red, "margin": 0.1}, rn(3), rn(3), T([0.0, 1.0, -1.0]))
        put(MR, f"broadcast/{red}", {"reduction": red}, rn(3, 1), rn(3, 1), pm(3, 4))
        bad(MR, f"broadcast-dims/{red}", {"reduction": red}, rn(3, 1), rn(3, 1), pm(4))
        put(MR, f"empty/{red}", {"reduction": red}, rn(0), rn(0), pm(0))
        put(H, f"seed-snippet/{red}", {"reduction": red, "margin": 1.0}, T([[1.0, 0.8, 0.5]]), T([[1.0, 1.0, -1.0]]))
        put(H, f"other-targets/{red}", {"reduction": red}, rn(4), T([0.0, 2.0, 0.5, -1.0]))
        put(H, f"int-target/{red}", {"reduction": red}, rn(3), T([1, -1, -1]))
        put(H, f"at-margin/{red}", {"reduction": red, "margin": 1.0}, T([1.0, 1.0, 2.0]), T([-1.0, 1.0, -1.0]))
        put(H, f"empty/{red}", {"reduction": red}, rn(0), pm(0))
        for shape in ((), (5,), (N, C), (2, D, 2)):
            put(S, f"{red}/{len(shape)}d", {"reduction": red}, rn(*shape) * 3, pm(*shape))
        put(S, f"seed-snippet/{red}", {"reduction": red}, T([[0.3, 0.7], [0.5, 0.5]]), T([[-1.0, 1.0], [1.0, -1.0]]))
        put(S, f"extreme/{red}", {"reduction": red}, T([100.0, -100.0, 50.0, -88.0, 1e4, -1e4]), T([1.0, 1.0, -1.0, 1.0, 1.0, 1.0]))
        put(S, f"zero-target/{red}", {"reduction": red}, rn(3), T([0.0, 0.5, -2.0]))
        put(S, f"empty/{red}", {"reduction": red}, rn(0), pm(0))
    bad(MR, "dims-differ", {}, rn(3), rn(3), pm(3, 1))
    bad(MR, "target-0d", {}, rn(3), rn(3), T(1.0))
    bad(MR, "shape", {}, rn(3), rn(4), pm(3))
    for c in (H, S):
        bad(c, "shape", {}, rn(2, 3), pm(2, 4))
        bad(c, "broadcast", {}, rn(2, 3), pm(3))
    bad(S, "int-target", {}, rn(3), T([1, -1, 1]))
