"""Conformance fixtures computed by PyTorch (CPU) for a library that mirrors its API.

One JSON file per operation is written; FORMAT.md, in the folder above, describes the files. PyTorch's own test databases
(OpInfo, ModuleInfo, OptimizerInfo) supply most sample inputs, and hand-written sweeps supply the rest (losses above all).
Everything computed in float32 is computed again in float64 on the same float32-representable inputs, and that second
result is the reference.
"""

import sys
import types
import unittest

import torch

# PyTorch's test databases import this package, of which they use nothing that matters here.
if "expecttest" not in sys.modules:
    try:
        import expecttest  # noqa: F401
    except ImportError:
        sys.modules["expecttest"] = types.ModuleType("expecttest")
        sys.modules["expecttest"].TestCase = type("TestCase", (unittest.TestCase,), {})

torch.set_num_threads(1)
