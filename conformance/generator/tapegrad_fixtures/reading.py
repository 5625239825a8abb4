"""A second reader of fixtures, written from FORMAT.md alone: what verify.py checks them with."""

import glob
import gzip
import json
import os

import torch
import torch.nn as nn

DT = {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "int64": torch.int64, "bool": torch.bool}


def files(root):
    """Every file of fixtures below a directory, parsed."""
    for path in sorted(glob.glob(os.path.join(root, "*", "*.json")) + glob.glob(os.path.join(root, "*", "*.json.gz"))):
        with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as f:
            yield json.load(f)


def num(v):
    return float(v) if isinstance(v, str) and v in ("nan", "inf", "-inf") else int(v) if isinstance(v, str) else v


def tensor(o, wide):
    t = torch.tensor([num(v) for v in o["data"]], dtype=DT[o["t"]]).reshape(o["shape"])
    if wide and t.dtype is torch.float32:
        t = t.double()
    return laid_out(t, o) if "strides" in o else t


def laid_out(t, o):
    """The same elements with the strides and the offset of the fixture."""
    reach = sum((n - 1) * s for n, s in zip(o["shape"], o["strides"])) + 1 if t.numel() else 0
    base = torch.zeros(o["offset"] + reach, dtype=t.dtype)
    view = base.as_strided(o["shape"], o["strides"], o["offset"])
    if 0 in o["strides"]:
        places = torch.cartesian_prod(*[torch.arange(n) for n in o["shape"]]).reshape(-1, len(o["shape"])).tolist()
        for place in places:
            base[o["offset"] + sum(i * s for i, s in zip(place, o["strides"]))] = t[tuple(place)]
    else:
        view.copy_(t)
    assert torch.equal(torch.nan_to_num(view), torch.nan_to_num(t))
    return view


def dec(o, wide=False, floats=(), path=""):
    """Any value."""

    def sub(x, k):
        return dec(x, wide, floats, f"{path}.{k}" if path else str(k))

    if isinstance(o, list):
        return [sub(x, i) for i, x in enumerate(o)]
    if not isinstance(o, dict):
        return float(o) if path in floats else o
    if "t" in o and "data" in o:
        return tensor(o, wide)
    if "n" in o:
        return num(o["n"])
    if "tuple" in o:
        return tuple(sub(x, i) for i, x in enumerate(o["tuple"]))
    if "dtype" in o:
        return torch.float64 if wide and o["dtype"] == "float32" else DT[o["dtype"]]
    if "slice" in o:
        return slice(*[dec(x) for x in o["slice"]])
    if "ellipsis" in o:
        return Ellipsis
    if "fn" in o:
        return getattr(nn.functional, o["fn"].split(".")[-1])
    if "module" in o:
        return getattr(nn, o["module"])(*[dec(x) for x in o["args"]], **{k: dec(x) for k, x in o["kwargs"].items()})
    if "dict" in o:
        return {k: sub(x, k) for k, x in o["dict"].items()}
    raise ValueError(f"unknown value {list(o)[:3]}")


def tree(c, wide):
    """input, args and kwargs of a call."""
    f = c.get("floats", [])
    return {
        "args": [dec(a, wide, f, f"args.{i}") for i, a in enumerate(c.get("args", []))],
        "kwargs": {k: dec(v, wide, f, f"kwargs.{k}") for k, v in c.get("kwargs", {}).items()},
        "input": dec(c["input"], wide, f, "input") if "input" in c else None,
    }


def flat(v):
    """Leaves, depth first."""
    return [y for x in (v.values() if isinstance(v, dict) else v) for y in flat(x)] if isinstance(v, (list, tuple, dict)) else [v]


def at(t, path):
    for k in path.split("."):
        t = t[int(k)] if isinstance(t, (list, tuple)) else t[k]
    return t


def parent(t, path):
    """What holds the value at a path, and the key there."""
    holder = at(t, path.rsplit(".", 1)[0]) if "." in path else t
    k = path.rsplit(".", 1)[-1]
    return holder, int(k) if isinstance(holder, (list, tuple)) else k


def close(a, b, tol):
    a, b = flat(list(a) if isinstance(a, torch.Size) else a), flat(b)
    return len(a) == len(b) and all(close_leaf(x, y, tol) for x, y in zip(a, b))


def close_leaf(x, y, tol):
    if isinstance(y, torch.Tensor):
        if not isinstance(x, torch.Tensor) or x.dtype != y.dtype or x.shape != y.shape:
            return False
        return torch.allclose(x.detach(), y, rtol=tol, atol=tol, equal_nan=True)
    if isinstance(x, torch.Tensor):
        return False
    return x == y or isinstance(y, float) and (x != x and y != y or abs(x - y) <= tol * max(1, abs(y)))


def with_default(dt, f):
    """f() with another default dtype."""
    torch.set_default_dtype(dt)
    try:
        return f()
    finally:
        torch.set_default_dtype(torch.float32)


def double_default(wide, f):
    return with_default(torch.float64 if wide else torch.float32, f)
