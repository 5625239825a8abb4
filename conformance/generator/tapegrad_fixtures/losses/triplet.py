"""Triplets."""

import itertools

import torch

from ..encoding import Spec
from .sweep import RED, T, inf


def triplet(s):
    rn, put, bad = s.rn, s.put, s.bad
    N, C = s.n, s.c
    M3 = "TripletMarginLoss"
    for red, p, swap, margin in itertools.product(RED, (1.0, 2.0, 3.0), (False, True), (1.0, 0.2)):
        kw = {"reduction": red, "p": p, "swap": swap, "margin": margin}
        put(M3, f"{red}/p{p}/swap{swap}/m{margin}/batch", kw, rn(N, C), rn(N, C), rn(N, C))
        put(M3, f"{red}/p{p}/swap{swap}/m{margin}/single", kw, rn(C), rn(C), rn(C))
    for red in RED:
        put(M3, f"seed-snippet/{red}", {"margin": 1.0, "p": 1.0, "reduction": red}, T([[1.0]]), T([[2.0]]), T([[0.5]]))
        put(M3, f"equal/{red}", {"reduction": red}, torch.ones(2, 3), torch.ones(2, 3), torch.ones(2, 3))
        put(M3, f"eps0-equal/{red}", {"reduction": red, "eps": 0.0}, torch.ones(2, 3), torch.ones(2, 3), rn(2, 3))
        put(M3, f"pinf/{red}", {"reduction": red, "p": inf}, rn(2, 3), rn(2, 3), rn(2, 3))
        put(M3, f"3d/{red}", {"reduction": red, "swap": True}, rn(2, 2, 3), rn(2, 2, 3), rn(2, 2, 3))
        put(M3, f"broadcast/{red}", {"reduction": red}, rn(1, 3), rn(4, 3), rn(4, 3))
        put(M3, f"eps-large/{red}", {"reduction": red, "eps": 0.1, "p": 0.5}, rn(2, 3), rn(2, 3), rn(2, 3))
    bad(M3, "margin-zero", {"margin": 0.0}, rn(2, 3), rn(2, 3), rn(2, 3))
    bad(M3, "margin-negative", {"margin": -1.0}, rn(2, 3), rn(2, 3), rn(2, 3))
    bad(M3, "p-negative", {"p": -1.0}, rn(2, 3), rn(2, 3), rn(2, 3))
    bad(M3, "dims-differ", {}, rn(2, 3), rn(3), rn(2, 3))
    bad(M3, "shape", {}, rn(2, 3), rn(2, 4), rn(2, 3))
    bad(M3, "scalars", {}, rn(), rn(), rn())
    D3 = "TripletMarginWithDistanceLoss"
    fns = {"default": None, "p1": Spec("PairwiseDistance", p=1.0), "cosine": Spec("CosineSimilarity")}
    for (fl, fnn), red, swap, margin in itertools.product(fns.items(), RED, (False, True), (1.0, 0.3)):
        kw = {"reduction": red, "swap": swap, "margin": margin, **({"distance_function": fnn} if fnn else {})}
        put(D3, f"{fl}/{red}/swap{swap}/m{margin}", kw, rn(N, C), rn(N, C), rn(N, C))
    bad(D3, "margin-zero", {"margin": 0.0}, rn(2, 3), rn(2, 3), rn(2, 3))
    bad(D3, "margin-negative", {"margin": -1.0}, rn(2, 3), rn(2, 3), rn(2, 3))
    bad(D3, "dims-differ", {}, rn(2, 3), rn(3), rn(2, 3))
