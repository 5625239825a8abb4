"""Connectionist temporal classification."""

import itertools

import torch

from ..encoding import I32, I64
from .sweep import RED, T, inf


def ctc(s):
    rn, ri, put, bad = s.rn, s.ri, s.put, s.bad
    g = s.g
    L = "CTCLoss"

    def lp(t, n, c, scale=1.0):
        return (rn(t, n, c) * scale).log_softmax(2)

    for red, zi, blank in itertools.product(RED, (False, True), (0, 2)):
        kw = {"reduction": red, "zero_infinity": zi, "blank": blank}
        tag = f"{red}/zi{zi}/blank{blank}"
        others = [c for c in range(4) if c != blank]
        pick = lambda *s: T(others)[ri(3, *s)]
        put(L, f"{tag}/padded", kw, lp(7, 3, 4), pick(3, 3), T([7, 6, 5]), T([3, 2, 1]))
        put(L, f"{tag}/concatenated", kw, lp(7, 3, 4), pick(6), T([7, 6, 5]), T([3, 2, 1]))
        put(L, f"{tag}/tuples", kw, lp(6, 2, 4), pick(2, 2), (6, 6), (2, 1))
        put(L, f"{tag}/infeasible", kw, lp(3, 2, 4), T([others[0]] * 6).view(2, 3), T([3, 3]), T([3, 1]))
        put(
            L,
            f"{tag}/repeats",
            kw,
            lp(8, 2, 4),
            T([[others[0], others[0], others[1]], [others[1], others[1], others[1]]]),
            T([8, 8]),
            T([3, 3]),
        )
        put(L, f"{tag}/zero-length", kw, lp(4, 2, 4), pick(2, 2), T([4, 4]), T([0, 2]))
        put(L, f"{tag}/all-zero-length", kw, lp(4, 2, 4), torch.zeros(2, 0, dtype=I64), T([4, 3]), T([0, 0]))
        put(L, f"{tag}/unbatched", kw, rn(6, 4).log_softmax(1), pick(2), T(6), T(2))
        put(L, f"{tag}/one-step", kw, lp(1, 1, 4), pick(1, 1), T([1]), T([1]))
        put(L, f"{tag}/exactly-fits", kw, lp(3, 1, 4), T([others]), T([3]), T([3]))
        put(L, f"{tag}/impossible-symbol", kw, T([[[0.0, -inf, -inf, -inf]], [[0.0, -inf, -inf, -inf]]]), T([[others[1]]]), T([2]), T([1]))
        put(L, f"{tag}/int32", kw, lp(5, 2, 4), pick(2, 2).int(), T([5, 4], I32), T([2, 1], I32))
        put(L, f"{tag}/sharp", kw, lp(6, 2, 4, 30.0), pick(2, 2), T([6, 6]), T([2, 2]))
        put(L, f"{tag}/raw-scores", kw, rn(5, 2, 4), pick(2, 2), T([5, 5]), T([2, 2]))
    TT, CC, NN, SS, SM = 50, 20, 16, 30, 10
    tl = torch.randint(SM, SS, (NN,), generator=g)
    put(L, "seed-snippet/T50", {}, lp(TT, NN, CC), torch.randint(1, CC, (NN, SS), generator=g), torch.full((NN,), TT, dtype=I64), tl)
    ok = (lp(5, 2, 4), T([[1, 2], [3, 1]]), T([5, 5]), T([2, 2]))
    bad(L, "input-length-too-long", {}, ok[0], ok[1], T([6, 5]), ok[3])
    bad(L, "input-length-negative", {}, ok[0], ok[1], T([-1, 5]), ok[3])
    bad(L, "target-length-negative", {}, ok[0], ok[1], ok[2], T([-1, 2]))
    bad(L, "target-length-too-long", {}, ok[0], ok[1], ok[2], T([3, 2]))
    bad(L, "input-lengths-count", {}, ok[0], ok[1], T([5]), ok[3])
    bad(L, "target-lengths-count", {}, ok[0], ok[1], ok[2], T([2, 2, 2]))
    bad(L, "blank-too-large", {"blank": 4}, *ok)
    bad(L, "blank-negative", {"blank": -1}, *ok)
    bad(L, "target-rows", {}, ok[0], T([[1, 2]]), ok[2], ok[3])
    bad(L, "concatenated-too-short", {}, ok[0], T([1, 2, 3]), ok[2], ok[3])
    bad(L, "target-float", {}, ok[0], ok[1].float(), ok[2], ok[3])
    bad(L, "lengths-float", {}, ok[0], ok[1], ok[2].float(), ok[3])
    bad(L, "target-is-blank", {}, ok[0], T([[0, 2], [3, 1]]), ok[2], ok[3])
    bad(L, "target-3d", {}, ok[0], ok[1].view(1, 2, 2), ok[2], ok[3])
    bad(L, "zero-input-length", {}, ok[0], ok[1], T([0, 5]), T([0, 2]))
    bad(L, "empty-batch", {}, rn(5, 0, 4), T([], I64), T([], I64), T([], I64))
