"""The folders ops/ and functional/, from OpInfo."""

import itertools
import random
import re

from .calls import FILES, OUT_OF_SCOPE, call_of, caller
from .cases import CAP, SMALL, compute, crc, enc_tree, failure, limit_of, run, seed_all, size_of
from .encoding import BOOL, DTYPES, F32, F64, I32, I64, Skip, enc
from .extremes import extreme_trees, own_errors
from .samples import OpSamples, choose
from .trees import tensors

DTYPES_SEED = {F32: 0, F64: 1, I32: 2, I64: 3, BOOL: 4}


def generate_ops(w, k, max_bytes):
    samples = OpSamples()
    files = {}
    for op in samples.op_db:
        folder, name = ("functional", op.name[len("nn.functional.") :]) if op.name.startswith("nn.functional.") else ("ops", op.name)
        name = FILES.get(name, name)
        if not w.wanted(folder, name):
            continue
        reason = next((r for pat, r in OUT_OF_SCOPE if re.search(pat, op.name)), None)
        if reason:
            w.left_out[f"{folder}/{op.name}"] = reason
            continue
        try:
            call = call_of(op.name)
        except Skip as e:
            w.left_out[f"{folder}/{op.name}"] = str(e)
            continue
        key = f"{folder}/{name}"
        f = files.setdefault(key, {"call": call, "aliases": sorted({a.name for a in (op.aliases or ())}), "cases": [], "errors": []})
        try:
            op_cases(w, samples, op, key, call, f, k, max_bytes)
        except Exception as e:
            w.drop(key, f"{type(e).__name__}: {e}")
    for key, f in files.items():
        w.save(*key.split("/", 1), f)


def op_cases(w, samples, op, key, call, f, k, max_bytes):
    fn = caller(call)
    variant = op.variant_test_name
    tag = key.split("/", 1)[1] + (f":{variant}" if variant else "")
    base = crc(tag) ^ w.seed
    rng = random.Random(base)
    supported = op.supported_dtypes("cpu")
    siblings = sum(1 for o in samples.op_db if o.name == op.name)
    quota = max(4, k // 2) if siblings > 2 else k
    budget = max(15000, max_bytes // siblings)
    plan = [(F32, quota), (I64, max(2, k // 4)), (BOOL, 2), (I32, 1)]
    if F32 not in supported:
        plan = [(I64, quota), (BOOL, max(2, k // 3)), (I32, 2)]
    strided = op.name.startswith("as_strided")

    def add(tree, diff, label, limit, **kw):
        body = enc_tree(tree)
        case = {"id": f"{tag}/{label}", **({"variant": variant} if variant else {}), **body}
        case.update(compute(fn, tree, diff, f"{w.seed}/{tag}/{label}", limit=limit, **kw))
        return case

    for dtype, n in plan:
        if dtype not in supported:
            continue
        short, spent, made = DTYPES[dtype], 0, 0
        for small, limit in ((True, SMALL), (False, SMALL), (False, CAP)):
            if made:
                break
            start = base + DTYPES_SEED[dtype]
            order = choose(samples.pool(op, dtype, start, rng) if small else samples.trees(op, dtype, start), rng)
            for tree, diff in order:
                if made >= n or spent > budget:
                    break
                if "dropout_p" in tree["kwargs"] or op.name.endswith("multi_head_attention_forward"):
                    tree["kwargs"].update({k: v for k, v in (("dropout_p", 0.0), ("training", False)) if k in tree["kwargs"]})
                    if op.name.endswith("multi_head_attention_forward"):
                        tree["kwargs"]["training"] = False
                if strided and any(not t.is_contiguous() for _, t in tensors(tree)):
                    w.drop(key, "as_strided of a view depends on hidden storage")
                    continue
                try:
                    case = add(tree, diff, f"{short}/{made}", limit, hvp=made < 6 and limit_of(tree) <= 200)
                except Exception as e:
                    w.drop(key, str(e) if isinstance(e, Skip) else f"{type(e).__name__}: {e}")
                    continue
                size = size_of(case)
                if size > budget and made >= 2:
                    continue
                spent += size
                made += 1
                f["cases"].append(case)
    for label, tree, diff, promotion in extreme_trees(op, samples, rng):
        try:
            f["cases"].append(add(tree, diff, label, SMALL, hvp=label.startswith("layout-t"), promotion=promotion))
        except Exception as e:
            w.drop(key, f"{label}: " + (str(e) if isinstance(e, Skip) else f"{type(e).__name__}: {e}"))
    for label, tree in own_errors(op, samples.core):
        got = failure(fn, tree)
        case = {"id": f"{tag}/error/{label}", **enc_tree(tree), "error": got and got[0], "message": got and got[1]}
        if not got:
            case["out32"] = enc(run(fn, tree)[0])
        f["errors"].append(case)
    if getattr(op, "error_inputs_func", None):
        seed_all(base)
        n = 0
        for e in itertools.islice(op.error_inputs("cpu"), 40):
            s = e.sample_input
            tree = {"input": s.input, "args": list(s.args), "kwargs": dict(s.kwargs)}
            try:
                if limit_of(tree) > SMALL or n >= 16 or "out" in tree["kwargs"]:  # an out= tensor is often uninitialised
                    continue
                got = failure(fn, tree)
                f["errors"].append({"id": f"{tag}/error/{n}", **enc_tree(tree), "error": got and got[0], "message": got and got[1]})
                n += 1
            except Exception as ex:
                w.drop(key, f"error case: {ex}")
