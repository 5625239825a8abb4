"""Poisson and Gaussian likelihoods."""

import itertools

from .sweep import RED, T


def likelihood(s):
    rn, ru, ri, put, bad = s.rn, s.ru, s.ri, s.put, s.bad
    N, C = s.n, s.c
    P, G = "PoissonNLLLoss", "GaussianNLLLoss"
    for li, full, red, eps in itertools.product((True, False), (True, False), RED, (1e-8, 1e-2)):
        x = rn(2, 6) if li else ru(2, 6) * 4
        put(
            P,
            f"log{li}/full{full}/{red}/eps{eps}",
            {"log_input": li, "full": full, "reduction": red, "eps": eps},
            x,
            T([[0.0, 1.0, 2.0, 3.0, 10.0, 1.5], [5.0, 0.5, 1.0, 0.0, 100.0, 7.0]]),
        )
    for red in RED:
        put(P, f"zero-input/{red}", {"log_input": False, "reduction": red}, T([0.0, 0.0, 1.0]), T([0.0, 1.0, 1.0]))
        put(P, f"large/{red}", {"reduction": red, "full": True}, T([88.0, 90.0, -90.0]), T([2.0, 2.0, 1e6]))
        put(P, f"int-target/{red}", {"reduction": red, "full": True}, rn(3), T([0, 1, 4]))
        put(P, f"broadcast/{red}", {"reduction": red}, rn(2, 3), ri(4, 3).float())
        put(P, f"empty/{red}", {"reduction": red, "full": True}, rn(0), rn(0))
    bad(P, "shape", {}, rn(2, 3), rn(2, 4))
    bad(P, "negative-target-full", {"full": True}, rn(2), T([-2.0, 2.0]))
    for full, red, eps in itertools.product((True, False), RED, (1e-6, 0.5)):
        kw = {"full": full, "reduction": red, "eps": eps}
        tag = f"full{full}/{red}/eps{eps}"
        put(G, tag + "/same", kw, rn(N, C), rn(N, C), ru(N, C))
        put(G, tag + "/one-variance-per-row", kw, rn(N, C), rn(N, C), ru(N, 1))
        put(G, tag + "/missing-last", kw, rn(N, C), rn(N, C), ru(N))
        put(G, tag + "/number", kw, rn(N, C), rn(N, C), 0.7)
        put(G, tag + "/clamped", kw, rn(4), rn(4), T([0.0, 1e-9, 0.4, 2.0]))
        put(G, tag + "/1d", kw, rn(C), rn(C), ru(C))
    for red in RED:
        put(G, f"broadcast/{red}", {"reduction": red}, rn(2, 3), rn(3), ru(2, 3))
        put(G, f"zero-variance/{red}", {"reduction": red, "full": True}, T([1.0, 2.0]), T([1.0, 3.0]), T([0.0, 0.0]))
        put(G, f"empty/{red}", {"reduction": red}, rn(0, 3), rn(0, 3), ru(0, 3))
    bad(G, "negative-variance", {}, rn(2), rn(2), T([-1.0, 1.0]))
    bad(G, "negative-number", {}, rn(2), rn(2), -1.0)
    bad(G, "variance-shape", {}, rn(2, 3), rn(2, 3), ru(4))
    bad(G, "variance-shape-2", {}, rn(2, 3), rn(2, 3), ru(2, 2))
    bad(G, "target-shape", {}, rn(2, 3), rn(2, 4), ru(2, 3))
