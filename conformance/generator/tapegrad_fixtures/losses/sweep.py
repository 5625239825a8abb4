"""What the sections of the loss sweep share."""

import math
import random

import torch

LOSS_FUNCTION = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "L1Loss": "l1_loss",
    "MSELoss": "mse_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "KLDivLoss": "kl_div",
    "PoissonNLLLoss": "poisson_nll_loss",
    "GaussianNLLLoss": "gaussian_nll_loss",
    "TripletMarginLoss": "triplet_margin_loss",
    "TripletMarginWithDistanceLoss": "triplet_margin_with_distance_loss",
    "CosineEmbeddingLoss": "cosine_embedding_loss",
    "MarginRankingLoss": "margin_ranking_loss",
    "HingeEmbeddingLoss": "hinge_embedding_loss",
    "SoftMarginLoss": "soft_margin_loss",
    "MultiLabelMarginLoss": "multilabel_margin_loss",
    "MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss",
    "MultiMarginLoss": "multi_margin_loss",
    "CTCLoss": "ctc_loss",
}
RED = ("none", "mean", "sum")
inf, nan = math.inf, math.nan


def T(v, dt=None):
    return torch.tensor(v, dtype=dt) if dt else torch.tensor(v)


class Sweep:
    """Draws and collects cases. The sections share one generator, so their order is part of the fixtures."""

    def __init__(self, seed):
        self.g = torch.Generator().manual_seed(seed + 77)
        rng = random.Random(seed + 77)
        self.n, self.c, self.d = rng.randint(2, 4), rng.randint(3, 5), rng.randint(2, 3)
        self.out = {k: ([], []) for k in LOSS_FUNCTION}

    def rn(self, *shape):
        """Normal numbers."""
        return torch.randn(shape, generator=self.g)

    def ru(self, *shape):
        """Uniform numbers away from 0 and 1."""
        return torch.rand(shape, generator=self.g) * 0.96 + 0.02

    def ri(self, hi, *shape):
        """Whole numbers below hi."""
        return torch.randint(0, hi, shape, generator=self.g)

    def pm(self, *shape):
        """1 or -1."""
        return torch.randint(0, 2, shape, generator=self.g) * 2.0 - 1

    def put(self, cls, label, kw, *args):
        """A case: constructor keywords, forward arguments."""
        self.out[cls][0].append((label, kw, args))

    def bad(self, cls, label, kw, *args):
        """A call that torch is expected to refuse."""
        self.out[cls][1].append((label, kw, args))


def unknown_reductions(s):
    rn, ru, pm, bad = s.rn, s.ru, s.pm, s.bad
    for cls in LOSS_FUNCTION:
        args = {
            "CTCLoss": (rn(4, 1, 3).log_softmax(2), T([[1]]), (4,), (1,)),
            "GaussianNLLLoss": (rn(3), rn(3), ru(3)),
            "TripletMarginLoss": (rn(2, 3), rn(2, 3), rn(2, 3)),
            "TripletMarginWithDistanceLoss": (rn(2, 3), rn(2, 3), rn(2, 3)),
            "CosineEmbeddingLoss": (rn(2, 3), rn(2, 3), T([1, -1])),
            "MarginRankingLoss": (rn(3), rn(3), pm(3)),
            "CrossEntropyLoss": (rn(2, 3), T([0, 1])),
            "NLLLoss": (rn(2, 3), T([0, 1])),
            "MultiMarginLoss": (rn(2, 3), T([0, 1])),
            "MultiLabelMarginLoss": (rn(2, 3), T([[0, -1, 0], [1, 2, -1]])),
            "BCELoss": (ru(3), ru(3)),
        }.get(cls, (rn(3), ru(3)))
        for r in ("average", "", "batchmean", "Mean"):
            if not (cls == "KLDivLoss" and r == "batchmean"):
                bad(cls, f"reduction={r or 'empty'}", {"reduction": r}, *args)
