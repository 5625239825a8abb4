"""Calls as trees: {"input": x, "args": [...], "kwargs": {...}}; "input" may be missing."""

import torch

from .encoding import F32, F64, Skip, Spec


def walk(v, path=""):
    """(path, leaf) for every leaf of a tree; paths read like args.1 or kwargs.weight or input.0."""
    if isinstance(v, dict):
        items = v.items()
    elif isinstance(v, (list, tuple)) and not isinstance(v, torch.Size):
        items = enumerate(v)
    else:
        yield path, v
        return
    for k, x in items:
        yield from walk(x, f"{path}.{k}" if path else str(k))


def tensors(tree):
    return [(p, v) for p, v in walk(tree) if isinstance(v, torch.Tensor)]


def rebuild(v, to64, path="", leaves=None):
    """A fresh copy of a tree: new storage, same layout; float32 becomes float64 where to64."""
    if isinstance(v, torch.Tensor):
        if v.layout is not torch.strided or v.is_complex() or v.is_neg() or v.device.type != "cpu":
            raise Skip(f"tensor {v.dtype} {v.layout} {v.device}")
        dt = F64 if to64 and v.dtype is F32 else v.dtype
        t = v.detach()
        if t.is_contiguous():
            t = t.clone(memory_format=torch.contiguous_format).to(dt)
        else:
            store = t.untyped_storage()
            flat = torch.empty(0, dtype=t.dtype).set_(store, 0, (len(store) // t.element_size(),))
            t = flat.clone().to(dt).as_strided(t.size(), t.stride(), t.storage_offset()).detach()
        if leaves is not None and path in leaves:
            t.requires_grad_()
            leaves[path] = t
        return t
    if isinstance(v, dict):
        return {k: rebuild(x, to64, f"{path}.{k}" if path else str(k), leaves) for k, x in v.items()}
    if isinstance(v, torch.Size):
        return v
    if isinstance(v, (list, tuple)):
        out = [rebuild(x, to64, f"{path}.{k}" if path else str(k), leaves) for k, x in enumerate(v)]
        if isinstance(v, list):
            return out
        return type(v)(*out) if hasattr(type(v), "_fields") else tuple(out)
    if isinstance(v, torch.dtype):
        return F64 if to64 and v is F32 else v
    if isinstance(v, Spec):
        return v.build()
    return v


def flatten(v):
    """Leaves of a result, depth first."""
    if isinstance(v, (list, tuple)) and not isinstance(v, torch.Size):
        return [y for x in v for y in flatten(x)]
    if isinstance(v, dict):
        return [y for x in v.values() for y in flatten(x)]
    return [v]


def same(a, b):
    if isinstance(a, torch.Tensor):
        return (
            isinstance(b, torch.Tensor)
            and a.shape == b.shape
            and a.dtype == b.dtype
            and torch.allclose(a.detach(), b.detach(), rtol=0, atol=0, equal_nan=True)
        )
    return type(a) is type(b) and (a == b or a != a)


def error32(o32, o64):
    """How far the float32 result lies from the float64 one, relative to the largest magnitude there (at least
    0.001); None up to 1e-4."""
    worst = 0.0
    for a, b in zip(flatten(o32), flatten(o64)):
        if not (isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor)) or a.shape != b.shape or not a.numel():
            continue
        if not a.is_floating_point():
            if not torch.equal(a, b.to(a.dtype)):
                return "integer"
            continue
        a, b = a.detach().double(), b.detach().double()
        fin = torch.isfinite(a) & torch.isfinite(b)
        if not bool(((a == b) | (a.isnan() & b.isnan()) | fin).all()):
            return "nonfinite"
        if fin.any():
            scale = b[fin].abs().max().item()
            diff = (a[fin] - b[fin]).abs().max().item()
            worst = max(worst, diff / max(scale, 1e-3))
    return None if worst <= 1e-4 else float(f"{worst:.2e}") if worst < 1e300 else "nonfinite"
