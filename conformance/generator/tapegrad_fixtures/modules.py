"""The folder modules/."""

import random
import re

import torch
from torch.testing._internal.common_modules import module_db

from .cases import CAP, SMALL, crc, limit_of, seed_all, size_of
from .encoding import F32, Skip
from .extra_modules import extra_modules
from .module_cases import as32, call, module_case, module_error_case
from .samples import choose
from .trees import tensors
from .varied_modules import varied_modules


def generate_modules(w, k, max_bytes, sweep):
    """ModuleInfo samples, the modules it lacks, and the loss sweep's module half."""
    files = {}

    def get(name):
        return files.setdefault(
            name, {"call": f"torch.nn.{name}(*ctor.args, **ctor.kwargs)(*forward.args, **forward.kwargs)", "cases": [], "errors": []}
        )

    for info in module_db:
        name = info.name[len("nn.") :]
        if not w.wanted("modules", name):
            continue
        f = get(name)
        for training in (True, False) if info.train_and_eval_differ else (True,):
            seed_all(crc(name) ^ w.seed)
            try:
                inputs = info.module_inputs_func(info, "cpu", F32, True, training)
            except Exception as e:
                w.drop("modules/" + name, f"{type(e).__name__}: {e}")
                continue
            inputs = [x for x in inputs if x.forward_input is not None]
            rng = random.Random(crc(name) ^ w.seed)
            pool = [
                (
                    {
                        "input": None,
                        "args": [x.constructor_input.args, x.forward_input.args],
                        "kwargs": {**x.constructor_input.kwargs, **x.forward_input.kwargs},
                    },
                    x,
                )
                for x in inputs
            ]
            made = spent = 0
            for limit in (SMALL, CAP):
                if made:
                    break
                for _, x in choose(pool, rng):
                    if made >= (k if training or not info.train_and_eval_differ else max(2, k // 2)) or spent > max_bytes:
                        break
                    fwd = as32({"args": list(x.forward_input.args), "kwargs": dict(x.forward_input.kwargs)})
                    diff = [p for p, t in tensors(fwd) if t.requires_grad and t.is_floating_point()]
                    ctor = as32(call(*x.constructor_input.args, **x.constructor_input.kwargs))
                    cid = f"{name}/{'train' if training else 'eval'}/{made}"
                    try:
                        case = module_case(cid, name, ctor, fwd, training, limit, w.seed, diff)
                    except Exception as e:
                        w.drop("modules/" + name, str(e) if isinstance(e, Skip) else f"{type(e).__name__}: {e}")
                        continue
                    if size_of(case) > max_bytes and made >= 2:
                        continue
                    made += 1
                    spent += size_of(case)
                    f["cases"].append(case)
        if info.module_error_inputs_func:
            for i, e in enumerate(info.module_error_inputs_func(info, "cpu", F32, False, True)):
                x = e.module_error_input
                try:
                    if any(limit_of({"a": y.args, "k": y.kwargs}) > CAP for y in (x.constructor_input, x.forward_input) if y):
                        continue
                    fi = x.forward_input and {"args": x.forward_input.args, "kwargs": x.forward_input.kwargs}
                    ci = {"args": x.constructor_input.args, "kwargs": x.constructor_input.kwargs}
                    f["errors"].append(module_error_case(f"{name}/error/{i}", name, ci, fi))
                except Exception as ex:
                    w.drop("modules/" + name, f"error case: {ex}")
    for source, offset in ((extra_modules, 6), (varied_modules, 8)):
        g = torch.Generator().manual_seed(w.seed + offset)
        for name, pairs in source(g, random.Random(w.seed + offset)).items():
            if not w.wanted("modules", name):
                continue
            f = get(name)
            modes = (
                [False] if re.search("Dropout|RReLU", name) else [True, False] if re.match("(Lazy)?(Batch|Instance)Norm", name) else [True]
            )
            for i, (ctor, fwd) in enumerate(pairs):
                for training in modes:
                    cid = f"{name}/{'own' if offset == 6 else 'varied'}/{i}{'' if training else '/eval'}"
                    try:
                        f["cases"].append(module_case(cid, name, ctor, fwd, training, seed=w.seed))
                    except Exception as e:
                        w.drop("modules/" + name, f"{cid}: {type(e).__name__}: {e}")
    for name, (cases, bad) in sweep.items():
        if not w.wanted("modules", name):
            continue
        f = get(name)
        for label, kwargs, args in cases:
            try:
                f["cases"].append(
                    module_case(
                        f"{name}/{label}",
                        name,
                        call(**kwargs),
                        call(*args),
                        True,
                        seed=w.seed,
                        limit=10**6 if "seed-" in label else CAP,
                        with_warning=True,
                    )
                )
            except Exception as e:
                w.drop("modules/" + name, f"{label}: {type(e).__name__}: {e}")
        for label, kwargs, args in bad:
            f["errors"].append(module_error_case(f"{name}/bad/{label}", name, call(**kwargs), call(*args)))
    for name, f in files.items():
        w.save("modules", name, f)
