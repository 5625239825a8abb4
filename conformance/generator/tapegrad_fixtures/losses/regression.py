"""Pointwise regression losses."""

import itertools

import torch

from ..encoding import F64
from .sweep import RED, T, inf, nan


def regression(s):
    rn, put, bad = s.rn, s.put, s.bad
    N, C, D = s.n, s.c, s.d
    regress = {
        "L1Loss": [{}],
        "MSELoss": [{}],
        "SmoothL1Loss": [{"beta": b} for b in (1.0, 0.0, 0.5, 2.0)],
        "HuberLoss": [{"delta": d} for d in (1.0, 0.3, 2.0)],
    }
    for cls, kws in regress.items():
        for kw, red, shape in itertools.product(kws, RED, [(), (5,), (N, C), (2, D, 2), (0, 3)]):
            tag = "".join(f"{a}{b}/" for a, b in kw.items())
            put(cls, f"{tag}{red}/{'x'.join(map(str, shape)) or 'scalar'}", {**kw, "reduction": red}, rn(*shape) * 2, rn(*shape))
        for red in RED:
            put(cls, f"broadcast-row/{red}", {"reduction": red}, rn(3, 4), rn(4))
            put(cls, f"broadcast-both/{red}", {"reduction": red}, rn(3, 1), rn(1, 4))
            put(cls, f"broadcast-up/{red}", {"reduction": red}, rn(4), rn(2, 4))
            put(cls, f"corners/{red}", {"reduction": red}, T([0.0, 1.0, -1.0, 0.5, 2.0, 1e20, 0.3]), T([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
            put(cls, f"nonfinite/{red}", {"reduction": red}, T([nan, inf, -inf, 1.0, inf]), T([0.0, 0.0, 1.0, 1.0, inf]))
            put(
                cls,
                f"ones-threes/{red}" if cls not in ("L1Loss", "MSELoss") else f"seed-snippet/{red}",
                {"reduction": red},
                torch.ones(2, 3),
                torch.full((2, 3), 3.0),
            )
        bad(cls, "shape", {}, rn(2, 3), rn(3, 2))
        bad(cls, "int-both", {}, T([1, 2]), T([3, 5]))
        bad(cls, "int-target", {}, rn(2), T([3, 5]))
        bad(cls, "bool-target", {}, rn(2), T([True, False]))
        bad(cls, "float64-target", {}, rn(2), T([3.0, 5.0], F64))
        bad(cls, "list-target", {}, rn(2), [1.0, 2.0])
        bad(cls, "none-target", {}, rn(2), None)
    bad("SmoothL1Loss", "beta-negative", {"beta": -1.0}, rn(2), rn(2))
    for d in (0.0, -1.0):
        bad("HuberLoss", f"delta={d}", {"delta": d}, rn(2), rn(2))
