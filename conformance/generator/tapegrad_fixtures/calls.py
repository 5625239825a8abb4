"""From the names of PyTorch's test database to public calls."""

import inspect

import torch

from .encoding import Skip

OUT_OF_SCOPE = [
    (r"^fft\.|^sparse\.|^masked\.|^signal\.|^jiterator_|^torch\.|^_(?!_getitem__$)", "namespace out of scope"),
    (r"^linalg\.(?!(norm|vector_norm|matrix_norm)$)", "linalg out of scope"),
    (r"^special\.(?!(entr|xlog1py|log_ndtr|ndtr)$)", "special out of scope"),
    (r"(?<!index)_copy$", "copy variant"),
    (r"^histogram", "histogram"),
    (r"^(lu|lu_unpack|lu_solve|qr|svd|svd_lowrank|pca_lowrank|cholesky.*|pinverse|triangular_solve|geqrf|ormqr|logdet)$", "decomposition"),
    (
        r"^(stft|istft|resize_|resize_as_|bfloat16|half|byte|char|short|cdouble|cfloat|chalf|complex|polar|imag"
        r"|view_as_complex|view_as_real|to_sparse)$",
        "out of scope (complex, casts, resize, spectral)",
    ),
    (r"^(native_.*|.*_backward|grid_sampler_.*|slice|bmm\.triton.*|hash_tensor|nonzero_static)$", "internal operator"),
    (r"^(empty|new_empty).*", "uninitialised result"),
    (r"^(rand.*|bernoulli|multinomial|normal|cauchy|exponential|geometric|log_normal|uniform)$", "random output (see random/)"),
]


# A few dotted names keep the dot; every other call is torch.<name>(input, *args, **kwargs) or a method.
CALLS = {
    "einsum": "torch.einsum(args[0], input)",
    "polygamma": "torch.polygamma(args[0], input)",
    "where": "torch.where(args[0], input, *args[1:])",
    "nn.functional.embedding": "torch.nn.functional.embedding(args[0], input, **kwargs)",
    "nn.functional.embedding_bag": "torch.nn.functional.embedding_bag(args[0], input, *args[1:], **kwargs)",
    "T": "input.T",
    "H": "input.H",
    "mT": "input.mT",
    "mH": "input.mH",
    "__getitem__": "input[args[0]]",
    "zero_": "input.clone().zero_()",
}


FILES = {"__getitem__": "getitem"}


def call_of(name):
    if name in CALLS:
        return CALLS[name]
    owner = torch
    for part in name.split("."):
        owner = getattr(owner, part, None)
    if callable(owner) and not isinstance(owner, torch.dtype) and not inspect.isclass(owner):
        return f"torch.{name}(input, *args, **kwargs)"
    if hasattr(torch.Tensor, name):
        return f"input.{name}(*args, **kwargs)"
    raise Skip(f"no public call for {name}")


def caller(call):
    code = compile(call, call, "eval")
    space = {"torch": torch}

    def fn(tree):
        return eval(code, space, {"input": tree.get("input"), "args": tree.get("args", []), "kwargs": tree.get("kwargs", {})})

    return fn
