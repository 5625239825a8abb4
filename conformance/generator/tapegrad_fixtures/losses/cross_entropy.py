"""Cross entropy and negative log likelihood."""

import itertools

import torch

from ..encoding import F64, I32, I64
from .sweep import RED, T, inf, nan


def cross_entropy(s):
    rn, ru, ri, put, bad = s.rn, s.ru, s.ri, s.put, s.bad
    N, C, D = s.n, s.c, s.d
    shapes = [((N, C), (N,)), ((C,), ()), ((N, C, D), (N, D)), ((N, C, D, 2), (N, D, 2)), ((1, C, 2, 1, 2), (1, 2, 1, 2))]
    wt = ru(C) + 0.2
    for red, weight, (xs, ts) in itertools.product(RED, (None, wt), shapes):
        wl = "w" if weight is not None else "-"
        for ii, ls in itertools.product((-100, 1), (0.0, 0.1, 1.0) if len(xs) < 4 else (0.0, 0.3)):
            t = ri(C, *ts)
            if ii == -100 and t.dim():
                t.view(-1)[0] = -100
            kw = {"reduction": red, "ignore_index": ii, "label_smoothing": ls}
            put(
                "CrossEntropyLoss",
                f"index/{red}/{wl}/ii{ii}/ls{ls}/{len(xs)}d",
                {**kw, **({"weight": weight} if weight is not None else {})},
                rn(*xs) * 2,
                t,
            )
            if ls == 0.0:
                kw.pop("label_smoothing")
                put(
                    "NLLLoss",
                    f"{red}/{wl}/ii{ii}/{len(xs)}d",
                    {**kw, **({"weight": weight} if weight is not None else {})},
                    rn(*xs).log_softmax(1 if len(xs) > 1 else 0),
                    t,
                )
        for ls in (0.0, 0.2, 1.0) if len(xs) < 4 else (0.0,):
            p = rn(*xs).softmax(1 if len(xs) > 1 else 0)
            put(
                "CrossEntropyLoss",
                f"prob/{red}/{wl}/ls{ls}/{len(xs)}d",
                {"reduction": red, "label_smoothing": ls, **({"weight": weight} if weight is not None else {})},
                rn(*xs) * 2,
                p,
            )
    CE, NL = "CrossEntropyLoss", "NLLLoss"
    for red in RED:
        put(CE, f"extreme/1e4/{red}", {"reduction": red}, T([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [1e4, 1e4, 1e4]]), T([0, 0, 2]))
        put(CE, f"extreme/inf/{red}", {"reduction": red}, T([[-inf, 0.0, 1.0], [0.0, -inf, 2.0], [inf, 0.0, 1.0]]), T([1, 2, 1]))
        put(CE, f"extreme/-inf-target/{red}", {"reduction": red}, T([[-inf, 0.0, 1.0]]), T([0]))
        put(CE, f"extreme/-inf-smoothing/{red}", {"reduction": red, "label_smoothing": 0.1}, T([[-inf, 0.0, 1.0]]), T([1]))
        put(CE, f"extreme/prob-zero-at-inf/{red}", {"reduction": red}, T([[-inf, 0.0, 1.0]]), T([[0.0, 0.5, 0.5]]))
        put(CE, f"extreme/nan/{red}", {"reduction": red}, T([[nan, 0.0], [1.0, 2.0]]), T([0, 1]))
        put(CE, f"empty-batch/{red}", {"reduction": red}, rn(0, C), ri(C, 0))
        put(CE, f"empty-batch-prob/{red}", {"reduction": red}, rn(0, C), rn(0, C))
        put(CE, f"empty-extra/{red}", {"reduction": red}, rn(N, C, 0), ri(C, N, 0))
        put(CE, f"all-ignored/{red}", {"reduction": red}, rn(2, 3), T([-100, -100]))
        put(
            CE,
            f"all-ignored-w-ls/{red}",
            {"reduction": red, "weight": T([1.0, 2.0, 3.0]), "label_smoothing": 0.1, "ignore_index": 1},
            rn(2, 3),
            T([1, 1]),
        )
        put(CE, f"zero-weight/{red}", {"reduction": red, "weight": T([0.0, 1.0, 1.0])}, rn(2, 3), T([0, 0]))
        put(CE, f"negative-ignore/{red}", {"reduction": red, "ignore_index": -1}, rn(3, 3), T([0, -1, 2]))
        put(CE, f"one-class/{red}", {"reduction": red}, rn(3, 1), T([0, 0, 0]))
        put(CE, f"unnormalised-prob/{red}", {"reduction": red, "label_smoothing": 0.1}, rn(2, 3), T([[2.0, -1.0, 0.5], [0.0, 0.0, 0.0]]))
        put(NL, f"empty-batch/{red}", {"reduction": red}, rn(0, C), ri(C, 0))
        put(NL, f"all-ignored/{red}", {"reduction": red}, rn(2, 3), T([-100, -100]))
        put(NL, f"all-ignored-2d/{red}", {"reduction": red, "ignore_index": 0}, rn(1, 3, 2, 2), torch.zeros(1, 2, 2, dtype=I64))
        put(NL, f"inf/{red}", {"reduction": red}, T([[-inf, 0.0], [nan, -1.0]]), T([0, 1]))
        put(NL, f"raw-scores/{red}", {"reduction": red, "weight": T([0.5, 0.0, 2.0])}, rn(4, 3) * 10, T([0, 1, 2, 0]))
        put(NL, f"inf-times-zero-weight/{red}", {"reduction": red, "weight": T([0.0, 1.0])}, T([[-inf, 0.0], [0.0, -1.0]]), T([0, 1]))
    x, t = T([[1.0, 2.0], [1.0, 3.0], [1.0, 3.0]]), T([0, 1, 1])
    for red in RED:
        put(CE, f"seed-snippet/{red}", {"reduction": red}, x, t)
        put(CE, f"seed-snippet/weighted/{red}", {"reduction": red, "weight": T([1.0, 2.0])}, x, t)
        put(NL, f"seed-snippet/{red}", {"reduction": red}, x.log_softmax(1), t)
        put(NL, f"seed-snippet/weighted/{red}", {"reduction": red, "weight": T([1.0, 2.0])}, x.log_softmax(1), t)
    for c in (CE, NL):
        bad(c, "index-too-large", {}, rn(2, 3), T([0, 3]))
        bad(c, "index-negative", {}, rn(2, 3), T([0, -1]))
        bad(c, "batch-mismatch", {}, rn(2, 3), T([0, 1, 2]))
        bad(c, "batch-mismatch-2d", {}, rn(2, 3, 4), ri(3, 2, 5))
        bad(c, "weight-length", {"weight": T([1.0, 2.0])}, rn(2, 3), T([0, 1]))
        bad(c, "weight-2d", {"weight": rn(1, 3)}, rn(2, 3), T([0, 1]))
        bad(c, "weight-dtype", {"weight": T([1.0, 1.0, 1.0], F64)}, rn(2, 3), T([0, 1]))
        bad(c, "target-float-1d", {}, rn(2, 3), T([0.0, 1.0]))
        bad(c, "target-int32", {}, rn(2, 3), T([0, 1], I32))
        bad(c, "target-bool", {}, rn(2, 3), T([True, False]))
        bad(c, "target-2d-index", {}, rn(2, 3), T([[0], [1]]))
        bad(c, "scalar-input", {}, rn(), T(0))
        bad(c, "unbatched-target-1d", {}, rn(3), T([0]))
        bad(c, "unbatched-target-2", {}, rn(3), T([0, 1]))
        bad(c, "input-int", {}, ri(3, 2, 3), T([0, 1]))
        bad(c, "input-list", {}, [[1.0, 2.0]], T([0]))
        bad(c, "zero-classes", {}, rn(2, 0), T([0, 0]))
    bad(CE, "prob-shape", {}, rn(2, 3), rn(2, 4).softmax(1))
    bad(CE, "prob-with-ignore", {"ignore_index": 1}, rn(2, 3), rn(2, 3).softmax(1))
    bad(CE, "smoothing-above-1", {"label_smoothing": 1.5}, rn(2, 3), T([0, 1]))
    bad(CE, "smoothing-negative", {"label_smoothing": -0.1}, rn(2, 3), T([0, 1]))
