"""Several labels, several classes."""

import itertools

import torch

from ..encoding import I64
from .sweep import RED, T, inf


def labels(s):
    rn, ru, ri, put, bad = s.rn, s.ru, s.ri, s.put, s.bad
    N, C, D = s.n, s.c, s.d
    ML, MS, MM = "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss"
    for red in RED:
        put(ML, f"seed-snippet/{red}", {"reduction": red}, T([[0.1, 0.2, 0.4, 0.8]]), T([[0, 3, -1, -1]]))
        put(ML, f"seed-snippet-terminator/{red}", {"reduction": red}, T([[0.1, 0.2, 0.4, 0.8]]), T([[3, 0, -1, 1]]))
        put(ML, f"single/{red}", {"reduction": red}, rn(4), T([2, -1, 0, 1]))
        put(ML, f"none-labelled/{red}", {"reduction": red}, rn(2, 3), T([[-1, 0, 1], [0, -1, 1]]))
        put(ML, f"all-labelled/{red}", {"reduction": red}, rn(2, 3), T([[2, 0, 1], [0, 1, 2]]))
        put(ML, f"repeated/{red}", {"reduction": red}, rn(1, 4), T([[1, 1, -1, 0]]))
        put(ML, f"one-class/{red}", {"reduction": red}, rn(2, 1), T([[0], [-1]]))
        put(ML, f"batch/{red}", {"reduction": red}, rn(3, 5), T([[0, 1, -1, 2, 3], [4, -1, -1, -1, -1], [3, 2, 1, 0, -1]]))
        put(ML, f"far/{red}", {"reduction": red}, T([[1e4, -1e4, 0.0]]), T([[1, -1, -1]]))
        if red == "none":  # mean and sum of an empty batch are uninitialised memory in torch
            put(ML, f"empty/{red}", {"reduction": red}, rn(0, 3), ri(3, 0, 3))
            put(MM, f"empty/{red}", {"reduction": red}, rn(0, 3), T([], I64))
        put(MS, f"seed-snippet/{red}", {"reduction": red}, T([[0.3, 0.7, 0.8]]), T([[0.0, 1.0, 1.0]]))
        for wl, weight in (("-", None), ("w", ru(C) * 2)):
            for shape in ((N, C), (C,), (2, D, C)):
                put(
                    MS,
                    f"{red}/{wl}/{len(shape)}d",
                    {"reduction": red, **({"weight": weight} if weight is not None else {})},
                    rn(*shape),
                    ri(2, *shape).float(),
                )
        put(MS, f"fractional/{red}", {"reduction": red}, rn(2, 3), ru(2, 3))
        put(MS, f"extreme/{red}", {"reduction": red}, T([[1e4, -1e4, 100.0], [-100.0, 0.0, 88.0]]), T([[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]))
        put(MS, f"inf/{red}", {"reduction": red}, T([[inf, 0.0], [-inf, 0.0]]), T([[1.0, 0.0], [0.0, 1.0]]))
        put(MS, f"empty/{red}", {"reduction": red}, rn(0, 3), rn(0, 3))
        for p, m, wl in itertools.product((1, 2), (1.0, 0.3, 0.0), ("-", "w")):
            kw = {"reduction": red, "p": p, "margin": m, **({"weight": ru(C) * 2} if wl == "w" else {})}
            put(MM, f"{red}/p{p}/m{m}/{wl}/batch", kw, rn(N, C), ri(C, N))
            put(MM, f"{red}/p{p}/m{m}/{wl}/single", kw, rn(C), ri(C))
        put(MM, f"seed-snippet/{red}", {"reduction": red}, T([[0.1, 0.2, 0.7], [0.2, 0.5, 0.3]]), T([1, 2]))
        put(MM, f"ties/{red}", {"reduction": red, "margin": 0.0}, torch.ones(2, 3), T([0, 1]))
        put(MM, f"one-class/{red}", {"reduction": red}, rn(2, 1), T([0, 0]))
        put(MM, f"single-target-1d/{red}", {"reduction": red}, rn(3), T([1]))
        put(MM, f"negative-margin/{red}", {"reduction": red, "margin": -0.5}, rn(2, 3), T([0, 1]))
    bad(ML, "index-too-large", {}, rn(1, 3), T([[3, -1, -1]]))
    bad(ML, "index-below", {}, rn(1, 3), T([[-2, 0, -1]]))
    bad(ML, "shape", {}, rn(2, 3), T([[0, -1], [1, -1]]))
    bad(ML, "float-target", {}, rn(1, 3), T([[0.0, -1.0, -1.0]]))
    bad(ML, "3d", {}, rn(1, 2, 3), ri(3, 1, 2, 3))
    bad(MS, "shape", {}, rn(2, 3), rn(2, 4))
    bad(MS, "weight-shape", {"weight": ru(4)}, rn(2, 3), ru(2, 3))
    bad(MS, "scalars", {}, rn(), ru())
    bad(MM, "p=3", {"p": 3}, rn(2, 3), T([0, 1]))
    bad(MM, "p=0", {"p": 0}, rn(2, 3), T([0, 1]))
    bad(MM, "index-too-large", {}, rn(2, 3), T([0, 3]))
    bad(MM, "index-negative", {}, rn(2, 3), T([0, -1]))
    bad(MM, "batch-mismatch", {}, rn(2, 3), T([0, 1, 2]))
    bad(MM, "weight-length", {"weight": ru(2)}, rn(2, 3), T([0, 1]))
    bad(MM, "weight-2d", {"weight": ru(1, 3)}, rn(2, 3), T([0, 1]))
    bad(MM, "float-target", {}, rn(2, 3), T([0.0, 1.0]))
    bad(MM, "3d", {}, rn(2, 3, 4), ri(3, 2, 4))
