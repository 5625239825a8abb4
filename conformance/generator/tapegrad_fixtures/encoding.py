"""Values as JSON: see FORMAT.md."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

F32, F64, I32, I64, BOOL = torch.float32, torch.float64, torch.int32, torch.int64, torch.bool
DTYPES = {F32: "float32", F64: "float64", I32: "int32", I64: "int64", BOOL: "bool"}
MESSAGE_CHARS = 400
SAFE_INT = 2**53 - 1


class Skip(Exception):
    """This case cannot be represented or is out of scope; the message says why."""


def enc_tensor(t, layout=False):
    """A tensor as its logical row-major values; strides and offset only where asked and not contiguous."""
    if t.layout is not torch.strided or t.is_complex() or t.dtype not in DTYPES or t.is_quantized:
        raise Skip(f"tensor of dtype {t.dtype}, layout {t.layout}")
    if t.device.type != "cpu":
        raise Skip("tensor not on the cpu")
    t = torch.zeros(t.shape, dtype=t.dtype) if t._is_zerotensor() else t.detach()
    flat = t.reshape(-1)
    if t.dtype is F32:  # the shortest decimal that rounds back to the same float32
        a = flat.numpy()
        data = [float(s) for s in a.astype("U32")]
    else:
        data = flat.tolist()
    if t.dtype.is_floating_point:
        data = [v if math.isfinite(v) else _nonfinite(v) for v in data]
        data = [int(v) if isinstance(v, float) and abs(v) < 1e6 and v == int(v) and (v or math.copysign(1, v) > 0) else v for v in data]
    elif t.dtype is I64:
        data = [v if abs(v) <= SAFE_INT else str(v) for v in data]
    out = {"t": DTYPES[t.dtype], "shape": list(t.shape), "data": data}
    if layout and not t.is_contiguous():
        out["strides"] = list(t.stride())
        out["offset"] = t.storage_offset()
    return out


def _nonfinite(v):
    return "nan" if v != v else ("inf" if v > 0 else "-inf")


class Spec:
    """A module given by name, so that it can be written down and built again: Spec("Linear", 3, 4)."""

    def __init__(self, cls, *args, **kwargs):
        self.cls, self.args, self.kwargs = cls, args, kwargs

    def build(self):
        return getattr(nn, self.cls)(*self.args, **self.kwargs)


def enc(v, layout=False):
    """Any argument or result as JSON (see FORMAT.md)."""
    if isinstance(v, nn.Parameter):
        v = v.detach()
    if isinstance(v, torch.Tensor):
        return enc_tensor(v, layout)
    if v is None or isinstance(v, (bool, str)):
        return v
    if isinstance(v, (int, np.integer)):
        v = int(v)
        return v if abs(v) <= SAFE_INT else {"n": str(v)}
    if isinstance(v, (float, np.floating)):
        v = float(v)
        return v if math.isfinite(v) else {"n": _nonfinite(v)}
    if isinstance(v, torch.Size):
        return list(v)
    if isinstance(v, torch.dtype):
        if v not in DTYPES:
            raise Skip(f"dtype {v}")
        return {"dtype": DTYPES[v]}
    if isinstance(v, slice):
        return {"slice": [enc(v.start), enc(v.stop), enc(v.step)]}
    if v is Ellipsis:
        return {"ellipsis": True}
    if isinstance(v, Spec):
        return {"module": v.cls, "args": [enc(x) for x in v.args], "kwargs": enc_kwargs(v.kwargs)}
    if isinstance(v, tuple):
        out = {"tuple": [enc(x, layout) for x in v]}
        names = getattr(type(v), "_fields", None) or getattr(type(v), "__match_args__", None)
        if type(v) is not tuple and names:
            out["names"] = list(names)
        return out
    if isinstance(v, list):
        return [enc(x, layout) for x in v]
    if isinstance(v, dict):
        return {"dict": {str(k): enc(x, layout) for k, x in v.items()}}
    if callable(v) and getattr(F, getattr(v, "__name__", "?"), None) is v:
        return {"fn": "nn.functional." + v.__name__}
    if isinstance(v, complex):
        raise Skip("complex scalar")
    raise Skip(f"argument of type {type(v).__name__}")


def enc_kwargs(kwargs, layout=False):
    """Keyword arguments without those that only name a device or a dense layout."""
    out = {}
    for k, v in kwargs.items():
        if k in ("device", "pin_memory", "layout"):
            continue
        if k == "memory_format":
            if v in (torch.contiguous_format, torch.preserve_format):
                continue
            raise Skip("memory format other than contiguous")
        out[k] = enc(v, layout)
    return out
