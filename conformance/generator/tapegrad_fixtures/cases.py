"""Running a call: results, cotangents, gradients, second derivatives, errors."""

import json
import math
import random
import warnings
import zlib

import numpy as np
import torch

from .encoding import F32, F64, MESSAGE_CHARS, Skip, enc, enc_kwargs
from .trees import error32, flatten, rebuild, same, tensors, walk

# Elements per tensor: the preferred limit, and the limit when nothing is smaller.
SMALL, CAP = 600, 2000


def crc(s):
    return zlib.crc32(s.encode())


def seed_all(n):
    n %= 2**31
    torch.manual_seed(n)
    random.seed(n)
    np.random.seed(n)


def run(fn, tree, to64=False, diff=(), seed=1):
    """(result, differentiable leaves, the rebuilt tree, first warning)."""
    leaves = dict.fromkeys(diff)
    built = rebuild(tree, to64, leaves=leaves)
    seed_all(seed)
    torch.set_default_dtype(F64 if to64 else F32)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with torch.set_grad_enabled(bool(diff)):
                out = fn(built)
    finally:
        torch.set_default_dtype(F32)
    text = [str(w.message) for w in caught if issubclass(w.category, UserWarning) and "deprecat" not in str(w.message).lower()]
    return out, leaves, built, (text[0] if text else None)


def direction(shape, gen):
    """A random float32 tensor of few decimals (cotangents and directions need no more, and print short)."""
    return (torch.randn(shape, generator=gen, dtype=F32) * 1000).round().div(1000)


def differentiable(out):
    return [isinstance(o, torch.Tensor) and o.is_floating_point() and o.requires_grad for o in flatten(out)]


def limit_of(tree):
    return max([t.numel() for _, t in tensors(tree)] or [0])


def compute(fn, tree, diff, key, hvp=True, limit=SMALL, grads32=True, promotion=False, with_warning=False):
    """The body of a case: results, cotangents, gradients.  Raises Skip, or whatever fn raises."""
    if limit_of(tree) > limit:
        raise Skip("too large")
    case = {}
    out, _, built, warned = run(fn, tree)
    again = run(fn, tree, seed=2)[0]
    flat = flatten(out)
    if len(flat) != len(flatten(again)) or not all(map(same, flat, flatten(again))):
        raise Skip("random output")
    if max([o.numel() for o in flat if isinstance(o, torch.Tensor)] or [0]) > limit:
        raise Skip("too large")
    case["out32"] = enc(out)
    if with_warning and warned:
        case["warning"] = warned[:MESSAGE_CHARS]
    after = dict(tensors(built))
    changed = [p for p, t in tensors(tree) if not same(t, after[p])]
    has_float = any(t.dtype is F32 for _, t in tensors(tree)) or any(
        isinstance(o, float) or isinstance(o, torch.Tensor) and o.dtype is F32 for o in flat
    )
    if has_float and not promotion:
        try:
            o64, _, b64, _ = run(fn, tree, to64=True)
            case["out64"] = enc(o64)
            if (e := error32(out, o64)) is not None:
                case["err32"] = e
            if changed:
                after64 = dict(tensors(b64))
                case["mutated64"] = {p: enc(after64[p]) for p in changed}
        except Exception as e:  # torch refuses the float64 call (a fixed dtype inside)
            case["no64"] = str(e).split("\n")[0][:120]
    elif changed:
        case["mutated32"] = {p: enc(after[p]) for p in changed}
    if diff and "out64" in case:
        case.update(gradients(fn, tree, diff, key, hvp, grads32))
    return case


def gradients(fn, tree, diff, key, hvp, grads32):
    gen = torch.Generator().manual_seed(crc(key))
    body = {}
    try:
        out, leaves, _, _ = run(fn, tree, to64=True, diff=diff)
    except RuntimeError as e:
        return {"grad_error": str(e).split("\n")[0][:160]}
    mask = differentiable(out)
    if not any(mask):
        return {}
    cots = [direction(o.shape, gen) if m else None for o, m in zip(flatten(out), mask)]

    def pull(out, leaves, dt, **kw):
        outs = [o for o, m in zip(flatten(out), mask) if m]
        return torch.autograd.grad(outs, list(leaves.values()), [c.to(dt) for c in cots if c is not None], allow_unused=True, **kw)

    try:
        g64 = pull(out, leaves, F64)
        body["cotangent"] = [None if c is None else enc(c) for c in cots]
        if grads32:
            o32, l32, _, _ = run(fn, tree, diff=diff)
            g32 = torch.autograd.grad(
                [o for o, m in zip(flatten(o32), mask) if m],
                list(l32.values()),
                [c.to(o.dtype) for c, o in zip(cots, flatten(o32)) if c is not None],
                allow_unused=True,
            )
            body["grads32"] = {p: None if g is None else enc(g) for p, g in zip(l32, g32)}
            pairs = [(a, b) for a, b in zip(g32, g64) if a is not None and b is not None]
            e = error32([a for a, _ in pairs], [b for _, b in pairs])
            if e is not None:
                body["grad_err32"] = e
        body["grads64"] = {p: None if g is None else enc(g) for p, g in zip(leaves, g64)}
    except RuntimeError as e:
        return {"grad_error": str(e).split("\n")[0][:160]}
    if hvp:
        try:
            out, leaves, _, _ = run(fn, tree, to64=True, diff=diff)
            g = pull(out, leaves, F64, create_graph=True)
            v = [direction(t.shape, gen) for t in leaves.values()]
            terms = [(a * b.double()).sum() for a, b in zip(g, v) if a is not None and a.requires_grad]
            if terms:
                h = torch.autograd.grad(sum(terms), list(leaves.values()), allow_unused=True)
                if any(x is not None for x in h):
                    body["v"] = {p: enc(b) for p, b in zip(leaves, v)}
                    body["hvp64"] = {p: None if x is None else enc(x) for p, x in zip(leaves, h)}
        except RuntimeError:
            pass  # no second derivative in torch
    return body


def enc_tree(tree):
    """input, args and kwargs as JSON, with the paths of Python floats that JSON would show as integers."""
    out = {}
    if "input" in tree:
        out["input"] = enc(tree["input"], True)
    out["args"] = [enc(a, True) for a in tree.get("args", [])]
    out["kwargs"] = enc_kwargs(tree.get("kwargs", {}), True)
    floats = [p for p, v in walk(tree) if isinstance(v, float) and math.isfinite(v) and v == int(v)]
    if floats:
        out["floats"] = floats
    return out


def failure(fn, tree):
    """(class name, message) of the error the call raises, or None."""
    try:
        out, *_ = run(fn, tree)
        for o in flatten(out):
            if isinstance(o, torch.Tensor):
                o.numel()
    except Skip:
        raise
    except Exception as e:
        name = next(
            (
                c.__name__
                for c in type(e).__mro__
                if c
                in (
                    RuntimeError,
                    ValueError,
                    IndexError,
                    TypeError,
                    KeyError,
                    NotImplementedError,
                    AssertionError,
                    AttributeError,
                    OverflowError,
                    ZeroDivisionError,
                )
            ),
            type(e).__name__,
        )
        return name, str(e)[:MESSAGE_CHARS]
    return None


def size_of(case):
    return len(json.dumps(case, separators=(",", ":")))
