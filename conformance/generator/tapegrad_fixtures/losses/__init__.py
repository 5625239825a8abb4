"""The loss sweep: every loss with its options, corner cases and errors, written by hand."""

from .binary import binary
from .cross_entropy import cross_entropy
from .ctc import ctc
from .divergence import divergence
from .functions import generate_loss_functions
from .labels import labels
from .likelihood import likelihood
from .pairs import pairs
from .regression import regression
from .sweep import Sweep, unknown_reductions
from .triplet import triplet

__all__ = ["generate_loss_functions", "loss_sweep"]

# In this order: they draw from one generator.
SECTIONS = (unknown_reductions, cross_entropy, binary, regression, divergence, likelihood, triplet, pairs, labels, ctc)


def loss_sweep(seed):
    """{class: (cases, bad)}, each a list of (label, constructor keywords, forward arguments)."""
    sweep = Sweep(seed)
    for section in SECTIONS:
        section(sweep)
    return sweep.out
