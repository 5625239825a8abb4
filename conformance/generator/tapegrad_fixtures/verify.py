"""Reads fixtures back with a reader of its own, and computes them again.

    python -m tapegrad_fixtures.verify DIR [fraction of cases, default 1]

Gradients are held against central differences too. These fail at kinks, and where autograd by convention is not the
derivative: such files are listed, and are no mistake.
"""

import collections
import math
import random
import sys
import warnings

import torch
import torch.nn as nn

from .reading import at, close, dec, double_default, files, flat, parent, tensor, tree, with_default

STEP = 1e-6


class Verdicts:
    """Counts checks, and remembers those that did not hold."""

    def __init__(self):
        self.counts, self.bad, self.notes, self.errors = collections.Counter(), collections.Counter(), [], []

    def check(self, ok, what, name, cid):
        self.counts[what] += 1
        if not ok:
            self.fail(what, what, name, cid)

    def fail(self, kind, what, name, cid):
        self.bad[kind] += 1
        self.notes.append((what, name, cid))

    def skip(self, what):
        self.counts[what] += 1


def gradient(fn, c, wide, shift=None):
    t = tree(c, wide)
    leaves = []
    for p in c["grads64"]:
        holder, k = parent(t, p)
        if isinstance(holder, tuple):
            return None
        x = holder[k].detach()
        if shift is not None:
            x = x + shift * dec(c["v"][p]).double()
        holder[k] = x.requires_grad_()
        leaves.append(holder[k])
    out = flat(double_default(wide, lambda: fn(t)))
    pairs = [(o, dec(k).to(o.dtype)) for o, k in zip(out, c["cotangent"]) if k is not None]
    return torch.autograd.grad([o for o, _ in pairs], leaves, [k for _, k in pairs], allow_unused=True)


def verify_call(v, fn, name, c):
    for wide, key, tol in ((False, "out32", 1e-6), (True, "out64", 1e-12)):
        if key in c:
            v.check(close(double_default(wide, lambda: fn(tree(c, wide))), dec(c[key]), tol), key, name, c["id"])
    if "grads64" in c:
        for wide, key, tol in ((False, "grads32", 1e-5), (True, "grads64", 1e-10)):
            g = gradient(fn, c, wide) if key in c else None
            if g is not None:
                want = [dec(x) for x in c[key].values()]
                same = all((a is None) == (b is None) and (a is None or close(a, b, tol)) for a, b in zip(g, want))
                v.check(same, key, name, c["id"])
        slope(v, fn, name, c)
    if "hvp64" in c:
        curvature(v, fn, name, c)


def curvature(v, fn, name, c):
    """hvp64 against a central difference of grads64."""
    try:
        a, b = gradient(fn, c, True, STEP), gradient(fn, c, True, -STEP)
    except (RuntimeError, ValueError):
        return v.skip("hvp step left the domain")
    if a is None:
        return None
    ok = True
    for x, y, w in zip(a, b, c["hvp64"].values()):
        d = torch.zeros(()) if x is None else (x - y) / (2 * STEP)
        w = torch.zeros(()).double() if w is None else dec(w)
        scale = max(1.0, float(w.abs().max()) if w.numel() else 0)
        ok &= bool((torch.nan_to_num(d - w).abs() <= 2e-3 * scale).all())
    return v.check(ok, "hvp64 by differences", name, c["id"])


def slope(v, fn, name, c):
    """grads64 against a central difference of out64."""
    gen, want, sums = torch.Generator().manual_seed(7), 0.0, []
    shapes = {p: at(tree(c, True), p).shape for p in c["grads64"]}
    dirs = {p: torch.randn(shape, generator=gen, dtype=torch.float64) for p, shape in shapes.items()}
    for p, g in c["grads64"].items():
        if g is not None:
            want += float((dec(g) * dirs[p]).sum())
    for sign in (1, -1):
        t = tree(c, True)
        for p in dirs:
            holder, k = parent(t, p)
            if isinstance(holder, tuple):
                return None
            holder[k] = holder[k].detach() + sign * STEP * dirs[p]
        try:
            out = flat(with_default(torch.float64, lambda: fn(t)))
        except (RuntimeError, ValueError):
            return v.skip("slope step left the domain")
        sums.append([(o, dec(k).double()) for o, k in zip(out, c["cotangent"]) if k is not None])
    return difference(v, sums, want, "grads64 by differences", name, c)


def difference(v, sums, want, what, name, c):
    got = sum(float(((a - b) / (2 * STEP) * k).sum()) for (a, k), (b, _) in zip(*sums))
    if not (math.isfinite(got) and math.isfinite(want)):
        return v.skip(what + ": not finite")
    big = max([1.0] + [float(a.abs().max()) for a, _ in sums[0] if a.numel()])
    return v.check(abs(got - want) <= 1e-4 * max(1.0, abs(want)) + 1e-8 * big, what, name, c["id"])


def build(cls, c, wide):
    ctor = tree(c["ctor"], wide)
    m = getattr(nn, cls)(*ctor["args"], **ctor["kwargs"])
    m = (m.double() if wide else m).train(c["training"])
    m.load_state_dict({k: tensor(x, wide) for k, x in c["state"].items()})
    return m


def verify_module(v, name, cls, c):
    if c.get("lazy"):
        return
    for wide, key, tol in ((False, "out32", 1e-6), (True, "out64", 1e-12)):
        forward = tree(c["forward"], wide)
        got = double_default(wide, lambda: build(cls, c, wide)(*forward["args"], **forward["kwargs"]))
        v.check(close(got, dec(c[key]), tol), "module " + key, name, c["id"])
    if "param_grads64" in c:
        module_slope(v, name, cls, c)


def module_slope(v, name, cls, c):
    """param_grads64 and input_grads64 against a central difference of out64."""
    gen, sums = torch.Generator().manual_seed(9), []
    gradients = {("p", k): g for k, g in c["param_grads64"].items() if g}
    gradients.update({("i", k): g for k, g in c["input_grads64"].items() if g})
    dirs = {key: torch.randn(g["shape"], generator=gen).double() for key, g in gradients.items()}
    want = sum(float((dec(g) * dirs[key]).sum()) for key, g in gradients.items())

    def moved(sign):
        forward, m = tree(c["forward"], True), build(cls, c, True)
        params = dict(m.named_parameters())
        for (kind, path), d in dirs.items():
            if kind == "p":
                with torch.no_grad():
                    params[path] += sign * STEP * d
                continue
            holder, k = parent(forward, path)
            if isinstance(holder, tuple):
                raise KeyError(path)
            holder[k] = holder[k] + sign * STEP * d
        return m(*forward["args"], **forward["kwargs"])

    for sign in (1, -1):
        try:
            out = flat(with_default(torch.float64, lambda: moved(sign)))
        except (RuntimeError, ValueError, KeyError):
            return v.skip("module slope skipped")
        sums.append([(o.detach(), dec(k).double()) for o, k in zip(out, c["cotangent"]) if k is not None])
    return difference(v, sums, want, "module gradients by differences", name, c)


def verify_optim(v, name, d, c):
    if "closure" in c or "groups" in c:
        return

    def steps():
        params = [nn.Parameter(dec(p, True)) for p in d["params"]]
        opt = getattr(torch.optim, d["name"])(params, **{k: dec(x) for k, x in c["kwargs"].items()})
        for row, want in zip(c.get("grads", d["grads"]), c["steps64"]):
            for p, g in zip(params, row):
                p.grad = None if g is None else tensor(g, True)
            opt.step()
            if not close([p.detach() for p in params], [dec(x) for x in want], 1e-12):
                return False
        return True

    v.check(with_default(torch.float64, steps), "optim steps64", name, c["id"])


def verify_random(v, name, c):
    torch.manual_seed(c["seed"])
    for s in c["steps"]:
        if not s["fn"].startswith(("torch.", "nn.functional.")):
            break
        owner = torch if s["fn"].startswith("torch.") else nn.functional
        got = getattr(owner, s["fn"].split(".")[-1])(*dec(s["args"]), **{k: dec(x) for k, x in s["kwargs"].items()})
        v.check(s["fn"] == "torch.manual_seed" or close(got, dec(s["out"]), 0), "random", name, c["id"])


def verify_distribution(v, name, d, c):
    def fn(t):
        m = getattr(getattr(torch.distributions, d["name"])(**t["kwargs"]), c["method"])
        return m(t["input"]) if "input" in c else m() if callable(m) else m

    if "method" in c:
        verify_call(v, fn, name, c)


def caller(d):
    code = compile(d["call"], d["call"], "eval")
    return lambda t: eval(code, {"torch": torch}, t)


def verify_case(v, name, d, c):
    if d["folder"] in ("ops", "functional"):
        verify_call(v, caller(d), name, c)
    elif d["folder"] == "distributions":
        verify_distribution(v, name, d, c)
    elif d["folder"] == "modules":
        verify_module(v, name, d["name"], c)
    elif d["folder"] == "optim":
        verify_optim(v, name, d, c)
    elif d["folder"] == "random":
        verify_random(v, name, c)


def verify_errors(v, name, d):
    fn = caller(d)
    for c in d["errors"]:
        try:
            fn(tree(c, False))
            got = None
        except Exception as e:
            got = [x.__name__ for x in type(e).__mro__]
        v.check((got is None) == (c["error"] is None) and (got is None or c["error"] in got), "errors", name, c["id"])


def verify_file(v, d, rng, fraction):
    name = f"{d['folder']}/{d['name']}"
    assert d["cases"], f"{name} has no cases"
    ids = collections.Counter(c["id"] for c in d["cases"] + d.get("errors", []))
    if max(ids.values()) > 1:
        v.fail("duplicate ids", "duplicate ids", name, ids.most_common(1)[0])
    v.errors += [(c[key], key, name, c["id"]) for c in d["cases"] for key in ("err32", "grad_err32") if key in c]
    for c in [c for c in d["cases"] if rng.random() < fraction]:
        try:
            verify_case(v, name, d, c)
        except Exception as e:
            v.fail("exception", f"{type(e).__name__}: {str(e)[:90]}", name, c["id"])
    if d["folder"] in ("ops", "functional"):
        verify_errors(v, name, d)


def report(v):
    print("checked", dict(v.counts))
    print("failed ", dict(v.bad))
    for (what, name), n in collections.Counter(x[:2] for x in v.notes).items():
        print("   ", n, what, name, next(x[2] for x in v.notes if x[:2] == (what, name)))
    words = [x for x in v.errors if isinstance(x[0], str)]
    numbers = sorted((x for x in v.errors if not isinstance(x[0], str)), reverse=True)
    kinds = collections.Counter((x[0], x[1]) for x in words)
    print("float32 against float64:", len(numbers), "cases above 1e-4;", kinds)
    seen = set()
    for error, key, name, cid in numbers:
        if name not in seen:
            print(f"   {error:<10} {key:<10} {cid}")
        seen.add(name)
    print("integer or nonfinite differences by file:", dict(collections.Counter(x[2] for x in words)))


def main():
    warnings.simplefilter("ignore")
    v, rng = Verdicts(), random.Random(1)
    fraction = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    for d in files(sys.argv[1]):
        verify_file(v, d, rng, fraction)
    report(v)


if __name__ == "__main__":
    main()
