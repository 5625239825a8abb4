"""The folder optim/."""

import inspect
import math
import warnings

import torch
import torch.nn as nn

from .cases import failure
from .encoding import F32, F64, enc, enc_kwargs
from .trees import error32

STEPS = 10


OWN_OPTIM = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.01},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        {"lr": 0.1, "maximize": True},
    ],
    "Adam": [{"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-3}, {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}],
    "AdamW": [{"lr": 0.05, "betas": (0.8, 0.95), "amsgrad": True}, {"lr": 0.05, "weight_decay": 0.0, "maximize": True}],
    "Adamax": [{"lr": 0.05, "betas": (0.5, 0.9), "weight_decay": 0.01}],
    "NAdam": [{"lr": 0.05, "momentum_decay": 0.01, "decoupled_weight_decay": True, "weight_decay": 0.1}],
    "RAdam": [{"lr": 0.05, "betas": (0.5, 0.6)}, {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}],
    "Adagrad": [{"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.2, "weight_decay": 0.01, "eps": 1e-4}],
    "Adadelta": [{"lr": 0.5, "rho": 0.5, "eps": 1e-3}],
    "RMSprop": [{"lr": 0.05, "centered": True, "momentum": 0.5}, {"lr": 0.05, "alpha": 0.5, "weight_decay": 0.01, "eps": 1e-4}],
    "Rprop": [{"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (1e-3, 0.5)}],
    "ASGD": [{"lr": 0.05, "t0": 3, "lambd": 0.01, "alpha": 0.5, "weight_decay": 0.01}],
    "Adafactor": [{"lr": 0.1, "beta2_decay": -0.5, "d": 1.5, "weight_decay": 0.1}, {"lr": 0.1, "eps": (1e-8, 1e-2), "maximize": True}],
    "Muon": [
        {"lr": 0.05, "momentum": 0.5, "nesterov": False, "weight_decay": 0.0},
        {"lr": 0.02, "adjust_lr_fn": "match_rms_adamw", "ns_steps": 3},
    ],
    "LBFGS": [
        {"lr": 1.0, "line_search_fn": "strong_wolfe"},
        {"lr": 0.5, "max_iter": 3, "history_size": 2},
        {"lr": 1, "max_iter": 5},
        {"lr": 1, "max_iter": 4, "max_eval": 5, "history_size": 3, "line_search_fn": "strong_wolfe"},
        {"lr": 0.1, "tolerance_grad": 0.5, "tolerance_change": 1e-3},
    ],
}


LBFGS_TEXT = (
    "x = concat(flatten(params[0]), flatten(params[1])), 16 numbers; "
    "quadratic: f(x) = 0.5*sum(c*(x-t)^2) + 0.1*sum(x[i]*x[i+1], i=0..14); "
    "rosenbrock: f(x) = sum((x[i+1]-x[i]^2)^2*5 + (1-x[i])^2, i=0..14). "
    "Each step calls optimizer.step(closure); the closure zeroes the gradients, computes f, backpropagates and returns f."
)


def lbfgs_value(kind, params, c, t):
    x = torch.cat([p.reshape(-1) for p in params])
    if kind == "quadratic":
        return 0.5 * (c * (x - t) ** 2).sum() + 0.1 * (x[:-1] * x[1:]).sum()
    return ((x[1:] - x[:-1] ** 2) ** 2 * 5 + (1 - x[:-1]) ** 2).sum()


def run_optim(cls, kwargs, dt, start, grads, groups=None, quad=None):
    """Parameter values after each step (a list for each step), and the closure values for LBFGS."""
    params = [nn.Parameter(p.to(dt, copy=True)) for p in start]
    spec = (
        [{**{k: v for k, v in gr.items() if k != "params"}, "params": [params[i] for i in gr["params"]]} for gr in groups]
        if groups
        else params
    )
    torch.set_default_dtype(dt)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opt = cls(spec, **kwargs)
            steps, losses = [], []
            for s in range(STEPS):
                if quad:

                    def closure():
                        opt.zero_grad()
                        f = lbfgs_value(quad[0], params, quad[1].to(dt), quad[2].to(dt))
                        f.backward()
                        return f

                    losses.append(float(opt.step(closure)))
                else:
                    for p, gr in zip(params, grads[s]):
                        p.grad = None if gr is None else gr.to(dt).clone()
                    opt.step()
                steps.append([p.detach().clone() for p in params])
    finally:
        torch.set_default_dtype(F32)
    return steps, losses


def generate_optim(w):
    from torch.testing._internal.common_optimizers import optim_db

    for info in optim_db:
        cls, name = info.optim_cls, info.optim_cls.__name__
        if not w.wanted("optim", name):
            continue
        if name == "SparseAdam":
            w.left_out["optim/" + name] = "takes sparse gradients only"
            continue
        gen = torch.Generator().manual_seed(w.seed + 31)
        rn = lambda *s: torch.randn(s, generator=gen)
        shapes = [(3, 4)] if name == "Muon" else [(3, 4), (4,)]
        start = [rn(*s) for s in shapes]
        grads = [[rn(*s) for s in shapes] for _ in range(STEPS)]
        gaps = [[None if (s in (2, 5) and i == len(shapes) - 1) or s == 7 else x for i, x in enumerate(row)] for s, row in enumerate(grads)]
        zero = [[torch.zeros_like(x) if s < 2 else x for x in row] for s, row in enumerate(grads)]
        settings = []
        for x in info.optim_inputs_func(device="cpu"):
            if x.params is not None or any(isinstance(v, torch.Tensor) for v in x.kwargs.values()):
                continue
            if any(k in x.kwargs for k in ("capturable", "fused", "foreach", "differentiable")):
                continue
            settings.append((x.desc, dict(x.kwargs)))
        settings += [(f"own {i}", k) for i, k in enumerate(OWN_OPTIM.get(name, []))]
        cases = []
        quads = ["quadratic", "rosenbrock"] if name == "LBFGS" else [None]
        c, t = (rn(16).abs() + 0.5), rn(16)

        def add(desc, kwargs, gr, groups=None, quad=None):
            case = {"id": f"{name}/{desc}" + (f"/{quad}" if quad else ""), "kwargs": enc_kwargs(kwargs)}
            if groups:
                case["groups"] = groups
            if quad:
                case["closure"] = quad
            elif gr is not grads:
                case["grads"] = [[None if x is None else enc(x) for x in row] for row in gr]
            q = (quad, c, t) if quad else None
            try:
                s32, l32 = run_optim(cls, kwargs, F32, start, gr, groups, q)
                s64, l64 = run_optim(cls, kwargs, F64, start, gr, groups, q)
            except Exception as e:
                w.drop("optim/" + name, f"{desc}: {type(e).__name__}: {e}")
                return
            case["steps32"] = [[enc(p) for p in row] for row in s32]
            case["steps64"] = [[enc(p) for p in row] for row in s64]
            if quad:
                case["losses64"] = [enc(x) for x in l64]
            if (e := error32(s32, s64)) is not None:
                case["err32"] = e
            cases.append(case)

        for desc, kwargs in settings:
            for quad in quads:
                add(desc, kwargs, grads, quad=quad)
        if name != "LBFGS":
            base = dict(settings[-1][1])
            add("missing gradients", base, gaps)
            add("zero gradients first", base, zero)
            add("zero gradients first, default", {}, zero)
            if len(shapes) > 1:
                add("two groups", base, grads, groups=[{"params": [0], "lr": 0.03}, {"params": [1]}])
                add(
                    "two groups, weight decay",
                    {"lr": 0.02},
                    grads,
                    groups=[{"params": [0]}, {"params": [1], "lr": 0.2, **({"weight_decay": 0.1} if name != "Rprop" else {})}],
                )
        errors = []
        bad = [
            {"lr": -0.1},
            {"lr": math.nan},
            {"betas": (1.0, 0.9)},
            {"betas": (0.9, -0.1)},
            {"eps": -1e-8},
            {"weight_decay": -0.1},
            {"momentum": -1.0},
            {"lr": 0.1, "nesterov": True},
            {"lr": 0.1, "nesterov": True, "momentum": 0.9, "dampening": 0.1},
            {"rho": 1.5},
            {"lr_decay": -0.5},
            {"etas": (1.2, 0.5)},
            {"alpha": -0.1},
            {"momentum_decay": -0.2},
            {"initial_accumulator_value": -1.0},
            {"line_search_fn": "armijo"},
            {"unknown": 1},
        ]
        for i, kwargs in enumerate(bad):
            params = [nn.Parameter(p.clone()) for p in start]
            if "unknown" not in kwargs and any(k not in inspect.signature(cls).parameters for k in kwargs):
                continue

            def make(_):
                opt = cls(params, **kwargs)
                for p in params:
                    p.grad = torch.ones_like(p)
                opt.step(lambda: sum((p * p).sum() for p in params))
                return None

            got = failure(make, {"args": [], "kwargs": {}})
            errors.append({"id": f"{name}/error/{i}", "kwargs": enc_kwargs(kwargs), "error": got and got[0], "message": got and got[1]})
        got = failure(lambda _: cls([], lr=0.1) and None, {"args": [], "kwargs": {}})
        errors.append(
            {"id": f"{name}/error/no-parameters", "params": [], "kwargs": {"lr": 0.1}, "error": got and got[0], "message": got and got[1]}
        )
        body = {
            "call": f"torch.optim.{name}(params, **kwargs)",
            "params": [enc(p) for p in start],
            "grads": [[enc(x) for x in row] for row in grads],
        }
        if name == "LBFGS":
            body.update({"closure_text": LBFGS_TEXT, "c": enc(c), "t": enc(t)})
        w.save("optim", name, {**body, "cases": cases, "errors": errors})
