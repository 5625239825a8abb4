"""The folder random/: what torch.manual_seed and then some calls give."""

import itertools
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from .encoding import BOOL, DTYPES, F32, F64, I32, I64, Spec, enc, enc_kwargs
from .trees import rebuild


def generate_random(w):
    """What torch.manual_seed(s) and then some calls give."""
    sizes = (1, 5, 15, 16, 17, 31, 32, 100, 1000)
    seeds = (0, 42) if w.seed == 0 else (7, 123456789)
    files = {}

    def one(step):
        """Run one step and return its result."""
        fn, args, kwargs = step["fn"], step.get("args", []), step.get("kwargs", {})
        if fn == "torch.manual_seed":
            torch.manual_seed(*args)
            return None
        if fn.startswith("Tensor."):
            t = torch.zeros(step["shape"], dtype=step.get("dtype", F32))
            return getattr(t, fn[len("Tensor.") :])(*args, **kwargs)
        if fn.startswith("nn.init."):
            t = torch.zeros(step["shape"])
            return getattr(nn.init, fn[len("nn.init.") :])(t, *args, **kwargs)
        if fn.startswith("distributions."):
            d = getattr(torch.distributions, fn[len("distributions.") :])(**kwargs)
            return d.sample(tuple(step["sample"]))
        if fn.startswith("nn.functional."):
            return getattr(F, fn[len("nn.functional.") :])(*args, **kwargs)
        if fn.startswith("nn."):
            built = rebuild({"args": args, "kwargs": kwargs}, False)
            return getattr(nn, fn[3:])(*built["args"], **built["kwargs"])
        return getattr(torch, fn[len("torch.") :])(*args, **kwargs)

    def add(name, seed, *steps):
        if not w.wanted("random", name):
            return
        torch.manual_seed(seed)
        out = []
        for s in steps:
            try:
                got = one(s)
                val = {"state": {k: enc(v) for k, v in got.state_dict().items()}} if isinstance(got, nn.Module) else enc(got)
            except Exception as e:
                w.drop("random/" + name, f"{s['fn']}: {type(e).__name__}: {e}")
                return
            text = {"fn": s["fn"], "args": [enc(a) for a in s.get("args", [])], "kwargs": enc_kwargs(s.get("kwargs", {}))}
            for k in ("shape", "sample"):
                if k in s:
                    text[k] = list(s[k])
            if "dtype" in s:
                text["dtype"] = DTYPES[s["dtype"]]
            out.append({**text, "out": val})
        f = files.setdefault(name, {"call": "torch.manual_seed(seed), then every step in order", "cases": [], "errors": []})
        f["cases"].append({"id": f"{name}/{len(f['cases'])}", "seed": seed, "steps": out})

    def t(fn, *args, **kwargs):
        return {"fn": fn, "args": list(args), "kwargs": kwargs}

    def m(fn, shape, *args, dtype=F32, **kwargs):
        return {"fn": "Tensor." + fn, "shape": shape, "args": list(args), "kwargs": kwargs, "dtype": dtype}

    def init(fn, shape, *args, **kwargs):
        return {"fn": "nn.init." + fn, "shape": shape, "args": list(args), "kwargs": kwargs}

    for n, s in itertools.product(sizes, seeds):
        if n == 1000 and s != seeds[0]:
            continue
        for name in ("rand", "randn", "randperm"):
            add(name, s, t("torch." + name, n))
        for name in ("rand", "randn"):
            if n <= 100:
                add(name, s, t("torch." + name, n, dtype=F64))
        if n > 100:
            continue
        add("randint", s, t("torch.randint", 10, (n,)))
        add("randint", s, t("torch.randint", -5, 1000, (n,)))
        add("randint", s, t("torch.randint", 0, 2**40, (n,)))
        add("randint", s, t("torch.randint", 0, 2**32 - 1, (n,)), t("torch.randint", 0, 3, (n,), dtype=I32))
        add("bernoulli", s, t("torch.bernoulli", torch.full((n,), 0.3)))
        add("bernoulli", s, m("bernoulli_", (n,), 0.5), m("bernoulli_", (n,), 0.9, dtype=F64), m("bernoulli_", (n,), 0.25, dtype=BOOL))
        add("normal_", s, m("normal_", (n,), 1.0, 2.0), m("normal_", (n,)))
        add("uniform_", s, m("uniform_", (n,), -2.0, 3.0), m("uniform_", (n,), dtype=F64))
        add("exponential_", s, m("exponential_", (n,), 1.5))
        add("log_normal_", s, m("log_normal_", (n,)))
        add("cauchy_", s, m("cauchy_", (n,)))
        add("geometric_", s, m("geometric_", (n,), 0.3))
        add("random_", s, m("random_", (n,), dtype=I64), m("random_", (n,)), m("random_", (n,), 5, 20, dtype=I32))
        add("normal", s, t("torch.normal", torch.linspace(-1, 1, n), torch.linspace(0.5, 2, n)))
        add("normal", s, t("torch.normal", 0.5, torch.ones(n)), t("torch.normal", torch.zeros(n), 2.0), t("torch.normal", 1.0, 3.0, (n,)))
        add("poisson", s, t("torch.poisson", torch.full((n,), 3.5)))
        add("multinomial", s, t("torch.multinomial", torch.arange(1.0, n + 1), max(1, n // 2)))
        add("multinomial", s, t("torch.multinomial", torch.arange(1.0, n + 1), 5, replacement=True))
        x = torch.linspace(0.5, 2, n)
        for p in (0.5, 0.1):
            add("dropout", s, t("nn.functional.dropout", x, p, True))
        add("alpha_dropout", s, t("nn.functional.alpha_dropout", x, 0.3, True))
        add("rrelu", s, t("nn.functional.rrelu", -x, 0.1, 0.4, True))
        add("gumbel_softmax", s, t("nn.functional.gumbel_softmax", x, tau=0.7), t("nn.functional.gumbel_softmax", x, hard=True))
    for s in seeds + ((1, 2**31, 2**53 - 1) if w.seed == 0 else (99,)):
        add(
            "sequences",
            s,
            t("torch.rand", 3),
            t("torch.randn", 3),
            t("torch.rand", 2),
            t("torch.randn", 17),
            t("torch.randn", 2),
            t("torch.randint", 5, (4,)),
            t("torch.randperm", 6),
            t("torch.rand", 1),
        )
        add("sequences", s, t("torch.randn", 1), t("torch.randn", 1), t("torch.randn", 1), t("torch.rand", 1), t("torch.randn", 2))
        add(
            "sequences",
            s,
            t("torch.randn", 5),
            t("torch.manual_seed", 3),
            t("torch.randn", 5),
            t("torch.randn", 3, dtype=F64),
            t("torch.randn", 16),
        )
        add(
            "sequences",
            s,
            t("torch.rand", 2, 3),
            t("torch.randn", 2, 3, 4),
            t("torch.randn_like", torch.zeros(4, 5)),
            t("torch.rand_like", torch.zeros(2)),
            t("torch.randint_like", torch.zeros(3), 10),
        )
    for s in seeds:
        for shape in ((3, 5), (16, 16), (4, 3, 2, 2)):
            for name, args, kw in (
                ("uniform_", [], {"a": -1.0, "b": 2.0}),
                ("normal_", [], {"mean": 1.0, "std": 0.1}),
                ("trunc_normal_", [], {"std": 0.5, "a": -1.0, "b": 1.0}),
                ("xavier_uniform_", [], {"gain": 1.5}),
                ("xavier_normal_", [], {}),
                ("kaiming_uniform_", [], {"a": math.sqrt(5)}),
                ("kaiming_uniform_", [], {"nonlinearity": "relu"}),
                ("kaiming_normal_", [], {"mode": "fan_out"}),
                ("orthogonal_", [], {}),
                ("constant_", [0.3], {}),
                ("eye_", [], {}),
                ("dirac_", [], {}),
                ("sparse_", [], {"sparsity": 0.4}),
                ("ones_", [], {}),
                ("zeros_", [], {}),
            ):
                if name in ("eye_", "sparse_") and len(shape) != 2 or name == "dirac_" and len(shape) < 3:
                    continue
                add("nn.init", s, init(name, shape, *args, **kw))
        for name, args, kw in (
            ("Linear", [4, 3], {}),
            ("Linear", [20, 10], {}),
            ("Linear", [3, 2], {"bias": False}),
            ("Linear", [1, 1], {}),
            ("Conv1d", [2, 3, 3], {}),
            ("Conv2d", [3, 4, 3], {}),
            ("Conv2d", [4, 4, 2], {"groups": 2, "bias": False}),
            ("Conv3d", [1, 2, 2], {}),
            ("ConvTranspose2d", [2, 3, 3], {}),
            ("ConvTranspose1d", [3, 2, 2], {}),
            ("Embedding", [5, 4], {}),
            ("Embedding", [5, 3], {"padding_idx": 2}),
            ("EmbeddingBag", [5, 3], {}),
            ("LSTM", [3, 4], {}),
            ("LSTM", [3, 2], {"num_layers": 2, "bidirectional": True}),
            ("GRU", [3, 4], {}),
            ("RNN", [3, 4], {}),
            ("LSTMCell", [3, 4], {}),
            ("GRUCell", [2, 3], {}),
            ("RNNCell", [2, 3], {}),
            ("MultiheadAttention", [4, 2], {}),
            ("MultiheadAttention", [4, 2], {"kdim": 3, "vdim": 5}),
            ("TransformerEncoderLayer", [4, 2, 8], {}),
            ("TransformerDecoderLayer", [4, 2, 8], {}),
            ("Bilinear", [2, 3, 4], {}),
            ("LayerNorm", [4], {}),
            ("BatchNorm1d", [3], {}),
            ("PReLU", [2], {}),
            ("AdaptiveLogSoftmaxWithLoss", [8, 10, [2, 6]], {}),
            ("Sequential", [Spec("Linear", 3, 4), Spec("ReLU"), Spec("Linear", 4, 2)], {}),
        ):
            add("modules", s, t("nn." + name, *args, **kw), t("torch.rand", 2))
        for name, x, kw in (
            ("dropout1d", torch.ones(2, 5, 3), {}),
            ("dropout2d", torch.ones(2, 4, 2, 2), {}),
            ("dropout3d", torch.ones(1, 6, 2, 2, 2), {}),
            ("feature_alpha_dropout", torch.ones(2, 4, 3), {}),
        ):
            add(name, s, t("nn.functional." + name, x, 0.4, True))
        for name, kw, shape in (
            ("Normal", dict(loc=torch.zeros(3), scale=torch.ones(3) * 2), (4,)),
            ("Uniform", dict(low=0.0, high=3.0), (5,)),
            ("Bernoulli", dict(probs=torch.tensor([0.2, 0.8])), (6,)),
            ("Categorical", dict(probs=torch.tensor([0.2, 0.3, 0.5])), (8,)),
            ("Exponential", dict(rate=torch.tensor([0.5, 2.0])), (4,)),
            ("Laplace", dict(loc=0.0, scale=1.0), (5,)),
            ("Gumbel", dict(loc=0.0, scale=1.0), (5,)),
            ("Geometric", dict(probs=torch.tensor([0.3])), (5,)),
            ("Poisson", dict(rate=torch.tensor([4.0])), (5,)),
            ("HalfNormal", dict(scale=1.0), (5,)),
            ("LogNormal", dict(loc=0.0, scale=1.0), (5,)),
            ("Gamma", dict(concentration=torch.tensor([0.5, 3.0]), rate=torch.tensor([1.0, 2.0])), (4,)),
            ("Beta", dict(concentration1=torch.tensor([2.0]), concentration0=torch.tensor([3.0])), (4,)),
            ("Dirichlet", dict(concentration=torch.tensor([1.0, 2.0, 3.0])), (2,)),
            ("StudentT", dict(df=torch.tensor([3.0])), (4,)),
            ("Binomial", dict(total_count=5, probs=torch.tensor([0.4])), (5,)),
            ("Multinomial", dict(total_count=5, probs=torch.tensor([0.2, 0.3, 0.5])), (2,)),
            ("OneHotCategorical", dict(probs=torch.tensor([0.2, 0.3, 0.5])), (3,)),
            ("MultivariateNormal", dict(loc=torch.zeros(2), covariance_matrix=torch.tensor([[2.0, 0.5], [0.5, 1.0]])), (3,)),
        ):
            add("distributions", s, {"fn": "distributions." + name, "args": [], "kwargs": kw, "sample": shape}, t("torch.rand", 2))
    for name, f in files.items():
        w.save("random", name, f)
