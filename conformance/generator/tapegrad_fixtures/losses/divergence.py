"""Kullback-Leibler divergence."""

import itertools

from .sweep import RED, T, inf


def divergence(s):
    rn, ru, put, bad = s.rn, s.ru, s.put, s.bad
    N, C, D = s.n, s.c, s.d
    K = "KLDivLoss"
    for red, lt, shape in itertools.product(RED + ("batchmean",), (False, True), [(N, C), (C,), (2, C, D)]):
        p = rn(*shape).softmax(-1)
        put(K, f"{red}/log{lt}/{len(shape)}d", {"reduction": red, "log_target": lt}, rn(*shape).log_softmax(-1), p.log() if lt else p)
    a, b = T([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]), T([[0.9, 0.05, 0.05], [0.1, 0.7, 0.2]])
    for red in RED + ("batchmean",):
        put(K, f"seed-snippet/{red}", {"reduction": red}, a, b)
        put(K, f"seed-snippet-log/{red}", {"reduction": red}, a.log(), b)
        put(K, f"seed-snippet-log-target/{red}", {"reduction": red, "log_target": True}, a.log(), b.log())
        put(K, f"zero-target/{red}", {"reduction": red}, rn(2, 3).log_softmax(1), T([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]))
        put(K, f"zero-target-inf/{red}", {"reduction": red}, T([[-inf, 0.0], [-1.0, -2.0]]), T([[0.0, 1.0], [0.5, 0.5]]))
        put(K, f"inf-input/{red}", {"reduction": red}, T([[-inf, 0.0]]), T([[0.5, 0.5]]))
        put(K, f"log-target-inf/{red}", {"reduction": red, "log_target": True}, rn(1, 2), T([[-inf, 0.0]]))
        put(K, f"negative-target/{red}", {"reduction": red}, rn(1, 3), T([[-0.5, 0.5, 1.0]]))
        put(K, f"broadcast/{red}", {"reduction": red}, rn(3, 4).log_softmax(1), rn(4).softmax(0))
        put(K, f"empty/{red}", {"reduction": red}, rn(0, 3), rn(0, 3))
        put(K, f"scalar/{red}", {"reduction": red}, T(-0.5), T(0.4))
    bad(K, "shape", {}, rn(2, 3), rn(2, 4))
    bad(K, "int-target", {}, rn(3), T([0, 1, 2]))
    bad(K, "int-input", {}, T([0, 1, 2]), ru(3))
