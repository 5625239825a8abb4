"""Sample inputs: those of OpInfo, and which of them to take."""

import itertools

import torch
import torch.testing._internal.common_methods_invocations as cmi
import torch.testing._internal.opinfo.core as core
import torch.testing._internal.opinfo.definitions.linalg as dl
import torch.testing._internal.opinfo.definitions.special as ds

from .cases import limit_of, seed_all
from .trees import tensors


def signature(tree):
    """Which kind of call this is, for a varied choice."""

    def kind(v):
        if isinstance(v, torch.Tensor):
            return f"T{v.dim()}{'' if v.is_contiguous() else 'n'}{'e' if not v.numel() else ''}"
        if isinstance(v, (list, tuple)):
            return "(" + ",".join(kind(x) for x in v) + ")"
        return type(v).__name__ + (str(v) if isinstance(v, (bool, str, torch.dtype)) else "")

    return tuple(
        [kind(tree.get("input"))] + [kind(a) for a in tree["args"]] + [f"{k}={kind(v)}" for k, v in sorted(tree["kwargs"].items())]
    )


def choose(trees, rng):
    """All candidates in an order that goes round the kinds of call, smaller ones first within a kind."""
    groups = {}
    for t in trees:
        groups.setdefault(signature(t[0]), []).append(t)
    lists = [sorted(g, key=lambda t: limit_of(t[0]) * (0.5 + rng.random())) for g in groups.values()]
    rng.shuffle(lists)
    order = [t for row in itertools.zip_longest(*lists) for t in row if t is not None]
    full = [t for t in order if not any(x.numel() == 0 for _, x in tensors(t[0]))]
    empty = [t for t in order if any(x.numel() == 0 for _, x in tensors(t[0]))]
    return full[:3] + empty[:1] + full[3:] + empty[1:2]


class OpSamples:
    """Sample inputs of OpInfo, with the sizes of PyTorch's tests made smaller where its samplers allow."""

    def __init__(self):
        self.mods, self.op_db, self.core = [cmi, core, dl, ds], cmi.op_db, core
        self.sizes = {"S": 5, "M": 10, "L": 20}

    def set_sizes(self, **sizes):
        for m in self.mods:
            for k, v in sizes.items():
                if hasattr(m, k):
                    setattr(m, k, v)

    def pool(self, op, dtype, seed, rng):
        """Candidates drawn under two small settings of the sizes, so that shapes differ between seeds too."""
        found = []
        for turn in range(2):
            sizes = {"S": rng.choice([2, 3, 3, 4]), "M": rng.choice([3, 4, 5]), "L": rng.choice([4, 5, 6])}
            found += self.trees(op, dtype, seed + 97 * turn, sizes)
        return found

    def trees(self, op, dtype, seed, sizes=None, limit=400):
        """[(tree, differentiable paths)] for one dtype."""
        if sizes:
            self.set_sizes(**sizes)
        seed_all(seed)
        found = []
        try:
            grad = bool(op.supports_autograd and dtype.is_floating_point)
            for s in itertools.islice(op.sample_inputs("cpu", dtype, requires_grad=grad), limit):
                tree = {"input": s.input, "args": list(s.args), "kwargs": dict(s.kwargs)}
                diff = [p for p, t in tensors(tree) if t.requires_grad and t.is_floating_point()]
                found.append((tree, diff))
        except Exception:
            pass  # keep what the sampler gave before it stumbled
        finally:
            self.set_sizes(**self.sizes)
        return found
