"""The folder schedulers/."""

import math
import random
import warnings

import torch
import torch.nn as nn
import torch.optim.lr_scheduler as lrs

from .cases import failure
from .encoding import enc

# name: (Python function, the same in JavaScript)
LAMBDAS = {
    "pow95": (lambda e: 0.95**e, "e => Math.pow(0.95, e)"),
    "inverse": (lambda e: 1 / (1 + 0.5 * e), "e => 1 / (1 + 0.5 * e)"),
    "third": (lambda e: 1.0 if e % 3 else 0.7, "e => e % 3 ? 1.0 : 0.7"),
    "iterlog": (lambda i: 1 / (1 + math.log(i + 1)), "i => 1 / (1 + Math.log(i + 1))"),
}


class Named:
    """A function argument by name (see LAMBDAS)."""

    def __init__(self, name):
        self.name = name


class Sched:
    """A scheduler given as an argument of another."""

    def __init__(self, cls, **kwargs):
        self.cls, self.kwargs = cls, kwargs


def sched_settings(rng):
    a = rng.choice([3, 4, 5])
    gm = rng.choice([0.1, 0.5, 0.7])
    S, L = Sched, Named
    return {
        "StepLR": [dict(step_size=a, gamma=gm), dict(step_size=1, gamma=0.9), dict(step_size=10)],
        "MultiStepLR": [dict(milestones=[2, 7, 20], gamma=gm), dict(milestones=[5, 5, 8], gamma=0.5), dict(milestones=[30])],
        "ConstantLR": [dict(), dict(factor=gm, total_iters=a), dict(factor=1.0, total_iters=0)],
        "LinearLR": [
            dict(),
            dict(start_factor=gm, end_factor=0.2, total_iters=a + 4),
            dict(start_factor=0.1, end_factor=1.0, total_iters=20),
        ],
        "ExponentialLR": [dict(gamma=gm), dict(gamma=1.05), dict(gamma=0.97)],
        "PolynomialLR": [dict(), dict(total_iters=a + 10, power=2.0), dict(total_iters=12, power=0.5)],
        "CosineAnnealingLR": [dict(T_max=a), dict(T_max=30, eta_min=0.01), dict(T_max=10, eta_min=0.001)],
        "CosineAnnealingWarmRestarts": [dict(T_0=a), dict(T_0=2, T_mult=2, eta_min=0.005), dict(T_0=7, T_mult=1)],
        "LambdaLR": [dict(lr_lambda=L("pow95")), dict(lr_lambda=[L("inverse"), L("third")])],
        "MultiplicativeLR": [dict(lr_lambda=L("third")), dict(lr_lambda=[L("inverse"), L("iterlog")])],
        "CyclicLR": [
            dict(base_lr=0.01, max_lr=0.1, step_size_up=a),
            dict(base_lr=0.01, max_lr=0.2, step_size_up=3, step_size_down=5, mode="triangular2"),
            dict(
                base_lr=[0.01, 0.02], max_lr=[0.1, 0.3], step_size_up=4, mode="exp_range", gamma=0.9, base_momentum=0.7, max_momentum=0.95
            ),
            dict(base_lr=0.01, max_lr=0.1, step_size_up=4, scale_fn=L("iterlog"), scale_mode="iterations", cycle_momentum=False),
        ],
        "OneCycleLR": [
            dict(max_lr=0.3, total_steps=31),
            dict(max_lr=[0.3, 0.5], epochs=5, steps_per_epoch=7, pct_start=0.4, anneal_strategy="linear"),
            dict(max_lr=0.3, total_steps=35, three_phase=True, div_factor=10.0, final_div_factor=100.0, cycle_momentum=False),
        ],
        "ReduceLROnPlateau": [
            dict(),
            dict(mode="max", factor=gm, patience=2, threshold=0.05, threshold_mode="abs"),
            dict(factor=0.5, patience=1, cooldown=2, min_lr=[0.02, 0.2], eps=1e-8),
            dict(mode="min", patience=0, threshold=0.1, factor=0.9),
        ],
        "SequentialLR": [
            dict(schedulers=[S("ConstantLR", factor=0.1, total_iters=a), S("ExponentialLR", gamma=0.9)], milestones=[a]),
            dict(
                schedulers=[S("LinearLR", start_factor=0.1, total_iters=4), S("CosineAnnealingLR", T_max=10), S("StepLR", step_size=3)],
                milestones=[4, 14],
            ),
        ],
        "ChainedScheduler": [
            dict(schedulers=[S("ConstantLR", factor=0.1, total_iters=3), S("ExponentialLR", gamma=0.9)]),
            dict(
                schedulers=[S("StepLR", step_size=a, gamma=0.5), S("LinearLR", total_iters=6), S("MultiplicativeLR", lr_lambda=L("third"))]
            ),
        ],
    }


def generate_schedulers(w):
    rng = random.Random(w.seed + 41)
    metrics = [round(2.0 * 0.8 ** (i // 3) + 0.3 * rng.random(), 6) for i in range(30)]
    metrics[20] = math.nan
    metrics[25] = math.inf

    def make(name, opt, kwargs):
        def value(v):
            if isinstance(v, Named):
                return LAMBDAS[v.name][0]
            if isinstance(v, Sched):
                return make(v.cls, opt, v.kwargs)
            return [value(x) for x in v] if isinstance(v, list) else v

        kw = {k: value(v) for k, v in kwargs.items()}
        return lrs.ChainedScheduler(kw["schedulers"], optimizer=opt) if name == "ChainedScheduler" else getattr(lrs, name)(opt, **kw)

    def text(v):
        if isinstance(v, Named):
            return {"fn": v.name, "js": LAMBDAS[v.name][1]}
        if isinstance(v, Sched):
            return {"scheduler": v.cls, "kwargs": {k: text(x) for k, x in v.kwargs.items()}}
        return [text(x) for x in v] if isinstance(v, list) else enc(v)

    for name, settings in sched_settings(rng).items():
        if not w.wanted("schedulers", name):
            continue
        cases = []
        for i, kwargs in enumerate(settings):
            p = [nn.Parameter(torch.ones(2)) for _ in range(2)]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                opt = torch.optim.SGD([{"params": [p[0]], "lr": 0.1}, {"params": [p[1]], "lr": 0.5}], lr=0.1, momentum=0.9)
                try:
                    s = make(name, opt, kwargs)
                    lrs_, moms = [[gr["lr"] for gr in opt.param_groups]], [[gr["momentum"] for gr in opt.param_groups]]
                    for k in range(30):
                        opt.step()
                        s.step(metrics[k]) if name == "ReduceLROnPlateau" else s.step()
                        lrs_.append([float(gr["lr"]) for gr in opt.param_groups])
                        moms.append([gr["momentum"] for gr in opt.param_groups])
                except Exception as e:
                    w.drop("schedulers/" + name, f"{type(e).__name__}: {e}")
                    continue
            case = {"id": f"{name}/{i}", "kwargs": {k: text(v) for k, v in kwargs.items()}, "lrs": lrs_}
            if any(m != [0.9, 0.9] for m in moms):
                case["momenta"] = moms
            cases.append(case)
        body = {
            "call": f"torch.optim.lr_scheduler.{name}(optimizer, **kwargs)",
            "optimizer": "SGD([{params:[p0], lr:0.1}, {params:[p1], lr:0.5}], momentum=0.9)",
        }
        if name == "ReduceLROnPlateau":
            body["metrics"] = [enc(m) for m in metrics]
        bad = {
            "OneCycleLR": [
                dict(max_lr=0.1),
                dict(max_lr=0.1, total_steps=0),
                dict(max_lr=0.1, total_steps=10, pct_start=2.0),
                dict(max_lr=0.1, total_steps=10, anneal_strategy="x"),
            ],
            "CyclicLR": [dict(base_lr=0.1, max_lr=1.0, mode="x"), dict(base_lr=[0.1], max_lr=1.0)],
            "ConstantLR": [dict(factor=1.5)],
            "LinearLR": [dict(start_factor=0.0), dict(end_factor=2.0)],
            "ReduceLROnPlateau": [dict(factor=1.0), dict(mode="x"), dict(threshold_mode="x"), dict(min_lr=[0.1])],
            "CosineAnnealingWarmRestarts": [dict(T_0=0), dict(T_0=2, T_mult=0)],
            "LambdaLR": [dict(lr_lambda=[Named("pow95")])],
            "SequentialLR": [dict(schedulers=[Sched("StepLR", step_size=2)], milestones=[2])],
        }.get(name, [])
        errors = []
        for i, kwargs in enumerate(bad):
            opt = torch.optim.SGD(
                [{"params": [nn.Parameter(torch.ones(2))], "lr": 0.1}, {"params": [nn.Parameter(torch.ones(2))], "lr": 0.5}], momentum=0.9
            )
            got = failure(lambda _: make(name, opt, kwargs) and None, {"args": [], "kwargs": {}})
            errors.append(
                {
                    "id": f"{name}/error/{i}",
                    "kwargs": {k: text(v) for k, v in kwargs.items()},
                    "error": got and got[0],
                    "message": got and got[1],
                }
            )
        w.save("schedulers", name, {**body, "cases": cases, "errors": errors})
