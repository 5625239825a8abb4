"""The folder distributions/."""

import itertools
import math

import torch
import torch.nn.functional as F

from .cases import compute, enc_tree, failure
from .encoding import enc_kwargs
from .trees import tensors


def distribution_cases(g):
    """{class: [(parameters, values or None)]}."""
    rn = lambda *s: torch.randn(s, generator=g)
    ru = lambda *s: torch.rand(s, generator=g) * 0.9 + 0.05
    rp = lambda *s: torch.rand(s, generator=g) * 3 + 0.2
    ri = lambda lo, hi, *s: torch.randint(lo, hi, s, generator=g)
    T = torch.tensor
    a = rn(3, 3)
    cov = a @ a.T + 2 * torch.eye(3)
    tril = torch.tril(rn(2, 2), -1) + torch.diag(rp(2))
    hot = F.one_hot(ri(0, 4, 3), 4).float()
    return {
        "Categorical": [
            (dict(probs=ru(3, 4)), ri(0, 4, 3)),
            (dict(logits=rn(4)), ri(0, 4, 2, 3)),
            (dict(probs=T([0.0, 1.0, 3.0])), T([1, 2])),
            (dict(logits=T([[1e3, 0.0, -1e3]])), T([0])),
        ],
        "Bernoulli": [
            (dict(probs=ru(4)), ri(0, 2, 4).float()),
            (dict(logits=rn(2, 3) * 3), ri(0, 2, 2, 3).float()),
            (dict(probs=T([0.0, 1.0])), T([0.0, 1.0])),
        ],
        "Normal": [
            (dict(loc=rn(4), scale=rp(4)), rn(4)),
            (dict(loc=rn(3, 1), scale=rp(2)), rn(3, 2)),
            (dict(loc=0.5, scale=2.0), rn(3)),
            (dict(loc=rn(), scale=rp()), rn(2) * 20),
        ],
        "MultivariateNormal": [
            (dict(loc=rn(3), covariance_matrix=cov), rn(2, 3)),
            (dict(loc=rn(4, 2), scale_tril=tril), rn(4, 2)),
            (dict(loc=rn(3), precision_matrix=cov), rn(3)),
        ],
        "Beta": [
            (dict(concentration1=rp(3), concentration0=rp(3)), ru(3)),
            (dict(concentration1=0.5, concentration0=0.5), ru(2)),
            (dict(concentration1=rp(2, 1) * 20, concentration0=rp(3)), ru(2, 3)),
        ],
        "Dirichlet": [(dict(concentration=rp(3)), ru(3).softmax(0)), (dict(concentration=rp(2, 4)), rn(2, 4).softmax(1))],
        "Gamma": [
            (dict(concentration=rp(3), rate=rp(3)), rp(3)),
            (dict(concentration=rp(2) * 30, rate=rp()), rp(2) * 10),
            (dict(concentration=0.1, rate=1.0), rp(2)),
        ],
        "Poisson": [(dict(rate=rp(4) * 3), ri(0, 9, 4).float()), (dict(rate=T([0.0, 2.0])), T([0.0, 1.0]))],
        "Exponential": [(dict(rate=rp(4)), rp(4)), (dict(rate=2.0), T([0.0, 1.0, 50.0]))],
        "Laplace": [(dict(loc=rn(4), scale=rp(4)), rn(4)), (dict(loc=0.0, scale=1.0), T([0.0, -3.0, 30.0]))],
        "Uniform": [(dict(low=-rp(3), high=rp(3)), rn(3) * 0.1), (dict(low=0.0, high=2.0), T([0.0, 1.0, 1.999]))],
        "LogNormal": [(dict(loc=rn(3), scale=rp(3)), rp(3)), (dict(loc=0.0, scale=0.5), rp(2))],
        "StudentT": [(dict(df=rp(4) * 3, loc=rn(4), scale=rp(4)), rn(4)), (dict(df=T([0.5, 1.0, 1.5, 2.0, 3.0])), rn(5) * 5)],
        "Binomial": [
            (dict(total_count=5, probs=ru(4)), ri(0, 6, 4).float()),
            (dict(total_count=T([3.0, 7.0, 1.0]), logits=rn(3)), T([0.0, 7.0, 1.0])),
            (dict(total_count=4, probs=T([0.0, 1.0])), T([0.0, 4.0])),
        ],
        "Multinomial": [
            (dict(total_count=4, probs=ru(3)), T([[1.0, 3.0, 0.0], [0.0, 0.0, 4.0]])),
            (dict(total_count=3, logits=rn(4)), T([1.0, 1.0, 0.0, 1.0])),
        ],
        "Geometric": [
            (dict(probs=ru(4)), ri(0, 6, 4).float()),
            (dict(logits=rn(3)), ri(0, 6, 3).float()),
            (dict(probs=T([1.0, 0.5])), T([0.0, 0.0])),
        ],
        "OneHotCategorical": [(dict(probs=ru(3, 4)), hot), (dict(logits=rn(4)), hot)],
        "Gumbel": [(dict(loc=rn(3), scale=rp(3)), rn(3)), (dict(loc=0.0, scale=1.0), T([-3.0, 0.0, 20.0]))],
        "HalfNormal": [(dict(scale=rp(4)), rp(4)), (dict(scale=1.0), T([0.0, 2.0]))],
        "Cauchy": [(dict(loc=rn(3), scale=rp(3)), rn(3) * 5)],
        "HalfCauchy": [(dict(scale=rp(3)), rp(3))],
        "Chi2": [(dict(df=rp(3) * 2), rp(3))],
        "NegativeBinomial": [
            (dict(total_count=T([3.0, 5.0]), probs=ru(2)), T([2.0, 0.0])),
            (dict(total_count=2.5, logits=rn(3)), T([0.0, 1.0, 4.0])),
        ],
        "Weibull": [(dict(scale=rp(3), concentration=rp(3)), rp(3))],
        "Pareto": [(dict(scale=rp(3), alpha=rp(3) + 2), rp(3) + 4)],
        "FisherSnedecor": [(dict(df1=rp(3) * 2, df2=rp(3) * 3 + 4), rp(3))],
        "InverseGamma": [(dict(concentration=rp(3) + 2, rate=rp(3)), rp(3))],
        "Kumaraswamy": [(dict(concentration1=rp(3), concentration0=rp(3)), ru(3))],
        "VonMises": [(dict(loc=rn(3), concentration=rp(3)), rn(3))],
        "ContinuousBernoulli": [(dict(probs=ru(3)), ru(3))],
    }


def generate_distributions(w):
    D = torch.distributions
    g = torch.Generator().manual_seed(w.seed + 51)
    table = distribution_cases(g)

    def build(name, params):
        return getattr(D, name)(**params)

    bad = {
        "Normal": [
            (dict(loc=0.0, scale=-1.0), None),
            (dict(loc=0.0, scale=0.0), None),
            (dict(loc=torch.zeros(2), scale=torch.ones(3)), None),
            (dict(loc=0.0, scale=1.0), math.nan),
        ],
        "Categorical": [
            (dict(probs=torch.tensor([-0.1, 1.0])), None),
            (dict(probs=torch.tensor([0.5, 0.5])), 2),
            (dict(probs=torch.tensor([0.5, 0.5])), 0.5),
            (dict(), None),
            (dict(probs=torch.tensor([1.0]), logits=torch.tensor([0.0])), None),
            (dict(probs=torch.tensor(0.5)), None),
            (dict(probs=torch.zeros(2)), None),
        ],
        "Bernoulli": [(dict(probs=torch.tensor([1.1])), None), (dict(probs=torch.tensor([0.5])), 2.0), (dict(), None)],
        "Beta": [(dict(concentration1=0.0, concentration0=1.0), None), (dict(concentration1=1.0, concentration0=1.0), 1.5)],
        "Uniform": [(dict(low=1.0, high=0.0), None), (dict(low=0.0, high=1.0), 2.0), (dict(low=0.0, high=0.0), None)],
        "Poisson": [(dict(rate=-1.0), None), (dict(rate=1.0), 0.5), (dict(rate=1.0), -1.0)],
        "Gamma": [(dict(concentration=-1.0, rate=1.0), None), (dict(concentration=1.0, rate=1.0), -1.0)],
        "Exponential": [(dict(rate=0.0), None), (dict(rate=1.0), -0.5)],
        "Dirichlet": [
            (dict(concentration=torch.tensor([1.0, -1.0])), None),
            (dict(concentration=torch.tensor(1.0)), None),
            (dict(concentration=torch.ones(2)), torch.tensor([0.7, 0.7])),
        ],
        "MultivariateNormal": [
            (dict(loc=torch.zeros(2)), None),
            (dict(loc=torch.zeros(2), covariance_matrix=torch.tensor([[1.0, 2.0], [2.0, 1.0]])), None),
            (dict(loc=torch.tensor(0.0), covariance_matrix=torch.eye(1)), None),
        ],
        "Binomial": [(dict(total_count=3, probs=torch.tensor(0.5)), 4.0), (dict(total_count=-1, probs=torch.tensor(0.5)), None)],
        "Geometric": [(dict(probs=torch.tensor(0.0)), None), (dict(probs=torch.tensor(0.5)), -1.0)],
        "Laplace": [(dict(loc=0.0, scale=0.0), None)],
        "HalfNormal": [(dict(scale=-1.0), None), (dict(scale=1.0), -1.0)],
        "OneHotCategorical": [(dict(probs=torch.tensor([0.5, 0.5])), torch.tensor([1.0, 1.0]))],
        "StudentT": [(dict(df=-1.0), None)],
        "Multinomial": [(dict(total_count=2, probs=torch.tensor([0.5, 0.5])), torch.tensor([3.0, 0.0]))],
        "LogNormal": [(dict(loc=0.0, scale=1.0), -1.0)],
        "Gumbel": [(dict(loc=0.0, scale=-1.0), None)],
    }
    for name, rows in table.items():
        if not w.wanted("distributions", name):
            continue
        cases, errors = [], []
        for i, (params, value) in enumerate(rows):
            for method in (
                "log_prob",
                "cdf",
                "icdf",
                "entropy",
                "mean",
                "variance",
                "stddev",
                "mode",
                "perplexity",
                "batch_shape",
                "event_shape",
            ):
                takes = method in ("log_prob", "cdf", "icdf")
                v = value
                if method == "icdf":
                    d = build(name, params)
                    v = torch.linspace(0.1, 0.9, max(1, value.numel())).reshape(value.shape) if not d.event_shape else None
                    if v is None:
                        continue
                tree = {**({"input": v} if takes else {}), "args": [], "kwargs": dict(params)}

                def fn(t):
                    d = build(name, t["kwargs"])
                    got = getattr(d, method)
                    return got(t["input"]) if takes else (got() if method in ("entropy", "perplexity") else got)

                diff = [p for p, t in tensors(tree) if t.is_floating_point()]
                if method in ("batch_shape", "event_shape"):
                    diff = []
                cid = f"{name}/{i}/{method}"
                try:
                    case = compute(fn, tree, diff, f"{w.seed}/{cid}", hvp=method == "log_prob")
                    for some in ([p for p in diff if p != "input"], ["input"]):  # torch lacks a few of these derivatives
                        if "grad_error" in case and takes and some != diff:
                            case = compute(fn, tree, some, f"{w.seed}/{cid}", hvp=method == "log_prob")
                    cases.append({"id": cid, "method": method, **enc_tree(tree), **case})
                except NotImplementedError:
                    continue
                except Exception as e:
                    w.drop("distributions/" + name, f"{method}: {type(e).__name__}: {e}")
        for i, (params, value) in enumerate(bad.get(name, [])):
            tree = {
                **({"input": value if isinstance(value, torch.Tensor) else torch.tensor(value)} if value is not None else {}),
                "args": [],
                "kwargs": params,
            }

            def attempt(t):
                d = build(name, t["kwargs"])
                return d.log_prob(t["input"]) if "input" in t else None

            got = failure(attempt, tree)
            errors.append(
                {
                    "id": f"{name}/error/{i}",
                    "method": "log_prob" if value is not None else None,
                    **enc_tree(tree),
                    "error": got and got[0],
                    "message": got and got[1],
                }
            )
        w.save("distributions", name, {"call": f"torch.distributions.{name}(**kwargs).<method>", "cases": cases, "errors": errors})
    if not w.wanted("distributions", "kl_divergence"):
        return
    cases = []
    pairs = [(n, n) for n in table] + [
        ("Bernoulli", "Poisson"),
        ("Normal", "Laplace"),
        ("Laplace", "Normal"),
        ("Uniform", "Normal"),
        ("Normal", "Gumbel"),
        ("Exponential", "Gamma"),
        ("Gamma", "Exponential"),
        ("Gamma", "Normal"),
        ("Beta", "Normal"),
        ("Exponential", "Normal"),
        ("Uniform", "Beta"),
        ("Uniform", "Gamma"),
        ("Gumbel", "Normal"),
        ("Beta", "Uniform"),
        ("Uniform", "Exponential"),
        ("Gamma", "Gumbel"),
        ("Poisson", "Binomial"),
    ]
    again = distribution_cases(g)
    for p, q in pairs:
        made = 0
        for i, j in (
            [(i, i) for i in range(min(2, len(table[p]), len(again[q])))]
            if p == q
            else itertools.product(range(len(table[p])), range(len(again[q])))
        ):
            if made >= 2:
                break
            tree = {"args": [], "kwargs": {"p": table[p][i][0], "q": again[q][j][0]}}

            def fn(t):
                return D.kl_divergence(build(p, t["kwargs"]["p"]), build(q, t["kwargs"]["q"]))

            diff = [x for x, t in tensors(tree) if t.is_floating_point()]
            cid = f"kl/{p}/{q}/{made}"
            try:
                body = compute(fn, tree, diff, f"{w.seed}/{cid}", hvp=False)
                cases.append(
                    {
                        "id": cid,
                        "p": {"dist": p, "kwargs": enc_kwargs(tree["kwargs"]["p"])},
                        "q": {"dist": q, "kwargs": enc_kwargs(tree["kwargs"]["q"])},
                        **body,
                    }
                )
                made += 1
            except NotImplementedError:
                continue
            except Exception as e:
                w.drop("distributions/kl_divergence", f"{p},{q}: {type(e).__name__}: {e}")
    w.save("distributions", "kl_divergence", {"call": "torch.distributions.kl_divergence(p, q)", "cases": cases, "errors": []})
