"""Special values, mixed dtypes, views and errors for elementwise operations and reductions."""

import itertools
import math

import numpy as np
import torch

from .encoding import BOOL, DTYPES, F32, F64, I32, I64


def extreme_trees(op, samples, gen):
    """Special values for elementwise operations: [(label, tree, diff, promotion)]."""
    core, out = samples.core, []
    sup = op.supported_dtypes("cpu")
    special = torch.tensor(
        [
            math.nan,
            math.inf,
            -math.inf,
            0.0,
            -0.0,
            1,
            -1,
            0.5,
            -0.5,
            1.5,
            2.5,
            -2.5,
            -3,
            7,
            20,
            88.5,
            -88.5,
            -104,
            100,
            1e-8,
            -1e-4,
            1e-30,
            -1e-30,
            1e-40,
            1e30,
            -1e30,
            3.4e38,
            16777216,
            33333.3,
            -0.99999994,
        ]
    )
    if isinstance(op, core.UnaryUfuncInfo) and F32 in sup:
        kw = {}
        try:
            kw, _ = op.sample_kwargs("cpu", F32, special)
            kw = kw if isinstance(kw, dict) else {}
        except Exception:
            pass
        args = [kw.pop("n")] if op.name == "polygamma" and "n" in kw else []
        diff = ["input"] if op.supports_autograd else []
        out.append(("special", {"input": special, "args": args, "kwargs": dict(kw)}, diff, False))
    if F32 in sup and isinstance(op, (core.UnaryUfuncInfo, core.BinaryUfuncInfo, core.ReductionOpInfo)):
        out += layout_trees(op, core, gen)
    if isinstance(op, core.BinaryUfuncInfo):
        vals = torch.tensor([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -2.5, 1e30])
        if F32 in sup:
            a, b = torch.meshgrid(vals, vals, indexing="ij")
            diff = [p for p in ("input", "args.0") if op.supports_autograd]
            out.append(("special", {"input": a.contiguous(), "args": [b.contiguous()], "kwargs": {}}, diff, False))
        ints = torch.tensor([-7, -2, -1, 1, 3, 8])
        if I64 in sup:
            a, b = torch.meshgrid(ints, ints, indexing="ij")
            out.append(("intgrid", {"input": a.contiguous(), "args": [b.contiguous()], "kwargs": {}}, [], True))
        pos = {
            F32: torch.tensor([0.5, 2.0, 3.25]),
            F64: torch.tensor([1.5, 0.25, 4.0], dtype=F64),
            I32: torch.tensor([3, 1, 2], dtype=I32),
            I64: torch.tensor([2, 5, 3]),
            BOOL: torch.tensor([True, False, True]),
        }
        for x, y in itertools.permutations(pos, 2):
            out.append((f"promote-{DTYPES[x]}-{DTYPES[y]}", {"input": pos[x], "args": [pos[y]], "kwargs": {}}, [], True))
            if (x, y) in ((F32, F64), (I32, I64), (I64, F64), (F32, I64), (I32, F32), (BOOL, I64)):
                out.append(
                    (f"promote-{DTYPES[x]}-scalar-{DTYPES[y]}", {"input": pos[x], "args": [pos[y][0].clone()], "kwargs": {}}, [], True)
                )
        for x, s in ((F32, 2), (F32, 1.5), (I32, 2), (I64, 1.5), (BOOL, 2), (BOOL, 1.5), (I32, True), (F64, 3)):
            out.append((f"promote-{DTYPES[x]}-number-{s}", {"input": pos[x], "args": [s], "kwargs": {}}, [], True))
    return out


def views(gen, low, high):
    """Tensors that are not contiguous: transposed, stepped with an offset, expanded, permuted, a column."""

    def u(*shape):
        return torch.tensor(np.array([gen.uniform(low, high) for _ in range(math.prod(shape))], dtype=np.float32)).reshape(shape)

    return {
        "transposed": u(3, 4).t(),
        "stepped": u(7, 3)[1::2],
        "expanded": u(3, 1).expand(3, 4),
        "permuted": u(2, 1, 3, 2).permute(3, 1, 0, 2),
        "column": u(4, 3)[:, 1],
        "offset": u(5, 4)[2:, 1:3],
    }


def layout_trees(op, core, gen):
    """Calls on views, for elementwise operations and reductions."""
    out = []
    if isinstance(op, core.UnaryUfuncInfo):
        low, high = op.domain
        low, high = (-2.5 if low is None else low + 0.05), (2.5 if high is None else high - 0.05)
        if high <= low:
            high = low + 2
        try:
            kw, _ = op.sample_kwargs("cpu", F32, torch.ones(2))
            kw = dict(kw) if isinstance(kw, dict) else {}
        except Exception:
            kw = {}
        args = [kw.pop("n")] if op.name == "polygamma" and "n" in kw else []
        for label, x in views(gen, low, high).items():
            out.append((f"layout-{label}", {"input": x, "args": args, "kwargs": kw}, ["input"] if op.supports_autograd else [], False))
    elif isinstance(op, core.BinaryUfuncInfo):
        one, two = views(gen, 0.3, 2.5), views(gen, 0.3, 2.5)
        pairs = [
            ("transposed", "transposed"),
            ("transposed", "expanded"),
            ("stepped", "stepped"),
            ("column", "column"),
            ("permuted", "column"),
        ]
        for a, b in pairs:
            x, y = one[a], two[b]
            if (a, b) == ("transposed", "expanded"):
                x = x.t()
            if (a, b) == ("permuted", "column"):
                y = y[:3]
            out.append(
                (f"layout-{a}-{b}", {"input": x, "args": [y], "kwargs": {}}, ["input", "args.0"] if op.supports_autograd else [], False)
            )
    else:
        for i, (label, x) in enumerate(views(gen, -2.5, 2.5).items()):
            dim = (i % x.dim()) if i % 3 else -1
            out.append(
                (
                    f"layout-{label}",
                    {"input": x, "args": [], "kwargs": {"dim": dim, **({"keepdim": True} if i % 2 else {})}},
                    ["input"] if op.supports_autograd else [],
                    False,
                )
            )
    return out


def own_errors(op, core):
    """Calls that most elementwise operations and reductions refuse."""
    x = torch.arange(6.0).reshape(2, 3)
    if F32 not in op.supported_dtypes("cpu"):
        other = [x] if isinstance(op, core.BinaryUfuncInfo) else []
        return (
            [("float-input", {"input": x, "args": other, "kwargs": {}})]
            if isinstance(op, (core.BinaryUfuncInfo, core.UnaryUfuncInfo))
            else []
        )
    if isinstance(op, core.BinaryUfuncInfo):
        return [
            ("shapes", {"input": x, "args": [torch.arange(8.0).reshape(2, 4)], "kwargs": {}}),
            ("string", {"input": x, "args": ["2"], "kwargs": {}}),
            ("none", {"input": x, "args": [None], "kwargs": {}}),
        ]
    if isinstance(op, core.ReductionOpInfo):
        return [
            ("dim-too-large", {"input": x, "args": [], "kwargs": {"dim": 2}}),
            ("dim-too-small", {"input": x, "args": [], "kwargs": {"dim": -3}}),
            ("dim-twice", {"input": x, "args": [], "kwargs": {"dim": [0, 0]}}),
            ("dim-float", {"input": x, "args": [], "kwargs": {"dim": 0.5}}),
            ("empty-dim", {"input": x[:, :0].contiguous(), "args": [], "kwargs": {"dim": 1}}),
            ("bool-input", {"input": x > 2, "args": [], "kwargs": {"dim": 1}}),
            ("int-input", {"input": x.long(), "args": [], "kwargs": {"dim": 1}}),
        ]
    return []
