"""Running a module: results, gradients of parameters and inputs, state, errors."""

import warnings

import torch
import torch.nn as nn

from .cases import SMALL, crc, differentiable, direction, enc_tree, failure, limit_of, run, seed_all
from .encoding import F32, F64, MESSAGE_CHARS, Skip, enc
from .trees import error32, flatten, rebuild, same, tensors


def build_module(cls, ctor, training, to64, state=None):
    """A module from its constructor call; float64 ones are built from the float32 arguments and then loaded."""
    built = rebuild(ctor, to64)
    seed_all(11)
    m = getattr(nn, cls)(*built["args"], **built["kwargs"])
    if to64:
        m = m.double()
    if state is not None:
        m.load_state_dict({k: (v.double() if to64 and v.dtype is F32 else v.clone()) for k, v in state.items()})
    return m.train(training)


def module_case(cid, cls, ctor, fwd, training, limit=SMALL, seed=0, diff=None, with_warning=False):
    """One module case.  ctor and fwd are {"args", "kwargs"}; diff names the inputs to differentiate (None: all that allow it)."""
    ctor = {"args": list(ctor["args"]), "kwargs": {k: v for k, v in ctor["kwargs"].items() if k not in ("device", "dtype")}}
    fwd = {"args": list(fwd["args"]), "kwargs": dict(fwd["kwargs"])}
    if limit_of(fwd) > limit or limit_of(ctor) > limit:
        raise Skip("too large")
    case = {"id": cid, "ctor": enc_tree(ctor), "training": training, "forward": enc_tree(fwd)}
    m = build_module(cls, ctor, training, False)
    if isinstance(m, nn.modules.lazy.LazyModuleMixin):
        tree = rebuild(fwd, False)
        with torch.no_grad():
            m.eval()(*tree["args"], **tree["kwargs"])
        case["lazy"] = True
    state = {k: v.detach().clone() for k, v in m.state_dict().items()}
    if max([v.numel() for v in state.values()] or [0]) > 2 * limit:
        raise Skip("too large")
    case["state"] = {k: enc(v) for k, v in state.items()}

    def fresh(to64):
        if "lazy" in case:
            m = build_module(cls, ctor, training, to64)
            t = rebuild(fwd, to64)
            torch.set_default_dtype(F64 if to64 else F32)
            try:
                with torch.no_grad():
                    m.eval()(*t["args"], **t["kwargs"])
            finally:
                torch.set_default_dtype(F32)
            m.train(training)
            m.load_state_dict({k: (v.double() if to64 and v.dtype is F32 else v) for k, v in state.items()})
            return m
        return build_module(cls, ctor, training, to64, state)

    def forward(m):
        return lambda tree: m(*tree["args"], **tree["kwargs"])

    m1, m2, m64 = fresh(False), fresh(False), fresh(True)
    out, _, _, warned = run(forward(m1), fwd)
    out2, *_ = run(forward(m2), fwd, seed=2)
    if not all(map(same, flatten(out), flatten(out2))):
        raise Skip("random output")
    if max([o.numel() for o in flatten(out) if isinstance(o, torch.Tensor)] or [0]) > limit:
        raise Skip("too large")
    case["out32"] = enc(out)
    if with_warning and warned:
        case["warning"] = warned[:MESSAGE_CHARS]
    out64, *_ = run(forward(m64), fwd, to64=True)
    case["out64"] = enc(out64)
    if (e := error32(out, out64)) is not None:
        case["err32"] = e
    moved = {k: v for k, v in m64.state_dict().items() if not same(v, state[k].double() if state[k].dtype is F32 else state[k])}
    if moved:
        case["state_after64"] = {k: enc(v) for k, v in moved.items()}
    floats = [p for p, t in tensors(fwd) if t.is_floating_point()]
    tries = [diff] if diff is not None else [floats] + [floats[:n] for n in range(len(floats) - 1, -1, -1)]
    for paths in tries:
        try:
            case.update(module_gradients(fresh(True), forward, fwd, paths, f"{seed}/{cid}"))
            break
        except RuntimeError as e:
            problem = str(e).split("\n")[0][:160]
    else:
        case["grad_error"] = problem
    return case


def module_gradients(m, forward, fwd, paths, key):
    gen = torch.Generator().manual_seed(crc(key))
    params = dict(m.named_parameters())
    leaves = dict.fromkeys(paths)
    built = rebuild(fwd, True, leaves=leaves)
    seed_all(1)
    torch.set_default_dtype(F64)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = forward(m)(built)
            mask = differentiable(out)
            if not any(mask):
                return {}
            cots = [direction(o.shape, gen) if x else None for o, x in zip(flatten(out), mask)]
            wrt = list(params.values()) + list(leaves.values())
            grads = torch.autograd.grad(
                [o for o, x in zip(flatten(out), mask) if x], wrt, [c.double() for c in cots if c is not None], allow_unused=True
            )
    finally:
        torch.set_default_dtype(F32)
    g = [None if x is None else enc(x) for x in grads]
    return {
        "cotangent": [None if c is None else enc(c) for c in cots],
        "param_grads64": dict(zip(params, g)),
        "input_grads64": dict(zip(leaves, g[len(params) :])),
    }


def module_failure(cls, ctor, fwd, training=True):
    """(stage, class, message), or None when nothing is raised."""
    box = {}

    def make(_):
        box["m"] = build_module(cls, ctor, training, False)
        return None

    got = failure(make, {"args": [], "kwargs": {}})
    if got:
        return ("ctor",) + got
    if fwd is None:
        return None
    got = failure(lambda t: box["m"](*t["args"], **t["kwargs"]), fwd)
    return ("forward",) + got if got else None


def module_error_case(cid, cls, ctor, fwd, training=True):
    ctor = {"args": list(ctor["args"]), "kwargs": {k: v for k, v in ctor["kwargs"].items() if k not in ("device", "dtype")}}
    case = {"id": cid, "ctor": enc_tree(ctor), "training": training}
    if fwd is not None:
        fwd = {"args": list(fwd["args"]), "kwargs": dict(fwd["kwargs"])}
        case["forward"] = enc_tree(fwd)
    got = module_failure(cls, ctor, fwd, training)
    case["error"], case["message"] = (got[1], got[2]) if got else (None, None)
    case["error_on"] = got[0] if got else None
    if not got and fwd is not None:
        m = build_module(cls, ctor, training, False)
        case["out32"] = enc(run(lambda t: m(*t["args"], **t["kwargs"]), fwd)[0])
    return case


def as32(v):
    """ModuleInfo gives a few float64 tensors to float32 modules."""
    if isinstance(v, torch.Tensor) and v.dtype is F64:
        return v.detach().float().requires_grad_(v.requires_grad)
    if isinstance(v, dict):
        return {k: as32(x) for k, x in v.items()}
    return [as32(x) for x in v] if isinstance(v, list) else tuple(as32(x) for x in v) if type(v) is tuple else v


def call(*args, **kwargs):
    return {"args": args, "kwargs": kwargs}
