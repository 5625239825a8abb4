"""Binary cross entropy."""

import itertools

from ..encoding import F64
from .sweep import RED, T, inf, nan


def binary(s):
    rn, ru, ri, put, bad = s.rn, s.ru, s.ri, s.put, s.bad
    N, C, D = s.n, s.c, s.d
    for red, shape in itertools.product(RED, [(N, C), (C,), (), (2, D, 3)]):
        ws = {"-": None, "w": ru(*shape) * 2}
        if len(shape) > 1:
            ws["w-last"] = ru(shape[-1]) * 2
        for wl, weight in ws.items():
            kw = {"reduction": red, **({"weight": weight} if weight is not None else {})}
            put("BCELoss", f"{red}/{wl}/{len(shape)}d", kw, ru(*shape), ru(*shape))
            for pl in ("-", "pw", "pw1"):
                if pl != "-" and not shape:
                    continue
                pw = {"-": None, "pw": ru(*shape[-1:]) * 3, "pw1": ru(1) * 3}[pl]
                put(
                    "BCEWithLogitsLoss",
                    f"{red}/{wl}/{pl}/{len(shape)}d",
                    {**kw, **({"pos_weight": pw} if pw is not None else {})},
                    rn(*shape) * 3,
                    ru(*shape) if pl == "-" else ri(2, *shape).float(),
                )
    for red in RED:
        put("BCELoss", f"exact01/{red}", {"reduction": red}, T([0.0, 1.0, 0.0, 1.0, 0.5]), T([0.0, 1.0, 1.0, 0.0, 1.0]))
        put("BCELoss", f"near01/{red}", {"reduction": red}, T([1e-45, 1e-38, 1e-7, 0.9999999, 0.99999994]), T([1.0, 0.5, 1.0, 0.0, 0.0]))
        put("BCELoss", f"empty/{red}", {"reduction": red}, ru(0, 2), ru(0, 2))
        put(
            "BCELoss",
            f"seed-snippet/{red}",
            {"reduction": red},
            T([[1.0, 2.0], [2.0, 2.0], [3.0, 4.0], [4.0, 5.0]]).sigmoid(),
            T([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]),
        )
        put(
            "BCEWithLogitsLoss",
            f"seed-snippet/{red}",
            {"reduction": red},
            T([[1.0, 2.0], [2.0, 2.0], [3.0, 4.0], [4.0, 5.0]]),
            T([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]),
        )
        put(
            "BCEWithLogitsLoss",
            f"extreme/{red}",
            {"reduction": red},
            T([1e4, -1e4, 100.0, -100.0, 88.8, -88.8, 0.0, -0.0]),
            T([0.0, 1.0, 1.0, 0.0, 0.3, 0.3, 0.5, 0.5]),
        )
        put(
            "BCEWithLogitsLoss",
            f"extreme-pw/{red}",
            {"reduction": red, "pos_weight": T([2.0])},
            T([1e4, -1e4, 100.0, -100.0]),
            T([0.0, 1.0, 1.0, 0.0]),
        )
        put("BCEWithLogitsLoss", f"inf/{red}", {"reduction": red}, T([inf, -inf, inf, -inf]), T([1.0, 0.0, 0.0, 1.0]))
        put("BCEWithLogitsLoss", f"empty/{red}", {"reduction": red}, rn(0), rn(0))
    B, BL = "BCELoss", "BCEWithLogitsLoss"
    bad(B, "probability-above-1", {}, T([1.1, 0.5]), T([1.0, 0.0]))
    bad(B, "probability-negative", {}, T([-0.1, 0.5]), T([1.0, 0.0]))
    bad(B, "probability-nan", {}, T([nan, 0.5]), T([1.0, 0.0]))
    bad(B, "target-above-1", {}, T([0.1, 0.5]), T([1.5, 0.0]))
    for c in (B, BL):
        bad(c, "shape", {}, ru(2, 3), ru(3, 2))
        bad(c, "broadcastable-target", {}, ru(2, 3), ru(3))
        bad(c, "weight-shape", {"weight": ru(4)}, ru(2, 3), ru(2, 3))
        bad(c, "target-int64", {}, ru(3), T([0, 1, 1]))
        bad(c, "target-bool", {}, ru(3), T([True, False, True]))
        bad(c, "target-float64", {}, ru(3), T([0.0, 1.0, 1.0], F64))
        bad(c, "input-int64", {}, T([0, 1, 1]), ru(3))
    bad(BL, "pos-weight-shape", {"pos_weight": ru(2)}, rn(2, 3), ru(2, 3))
