"""Functions that OpInfo does not list."""

import math
import random

import torch

from .calls import caller
from .cases import compute, enc_tree
from .encoding import BOOL, F32, F64, I32, I64, enc
from .trees import tensors
from .writer import existing


def extra_functions(g, rng):
    """{folder/name: (call, [(tree, diff)])}."""
    rn = lambda *s: torch.randn(s, generator=g)
    N, C, H, W = rng.randint(1, 3), rng.randint(2, 3), rng.randint(4, 6), rng.randint(4, 6)
    out = {}

    def put(key, call, *trees):
        out[key] = (
            call,
            [
                (
                    {"input": t[0], "args": list(t[1]), "kwargs": t[2]},
                    ["input"] if isinstance(t[0], torch.Tensor) and t[0].is_floating_point() else [],
                )
                for t in trees
            ],
        )

    nnf = "torch.nn.functional.%s(input, *args, **kwargs)"
    for name in ("softmax", "log_softmax"):
        put(
            f"functional/{name}",
            nnf % name,
            (rn(3, 4), [], {"dim": 1}),
            (rn(2, 3, 4), [], {"dim": 0}),
            (rn(5), [], {"dim": -1}),
            (rn(2, 3) * 1e4, [], {"dim": 1}),
            (rn(2, 3), [], {"dim": 1, "dtype": F64}),
            (torch.tensor([[math.inf, 0.0], [-math.inf, 1.0]]), [], {"dim": 1}),
            (torch.full((2, 3), -math.inf), [], {"dim": 1}),
        )
    for name in ("sigmoid", "tanh"):
        put(f"functional/{name}", nnf % name, (rn(3, 4), [], {}), (rn(), [], {}), (rn(5) * 50, [], {}), (rn(0, 3), [], {}))
    put(
        "functional/fold",
        nnf % "fold",
        (rn(N, C * 4, 9), [[4, 4], [2, 2]], {}),
        (rn(C * 4, 9), [[4, 4], [2, 2]], {}),
        (rn(1, 4, 4), [(4, 4), (2, 2)], {"stride": 2}),
        (rn(1, 9, 16), [(4, 4), (3, 3)], {"padding": 1}),
        (rn(1, 4, 4), [(4, 4), (2, 2)], {"dilation": 2}),
    )
    put(
        "functional/lp_pool1d",
        nnf % "lp_pool1d",
        (rn(N, C, 8).abs(), [2.0, 3], {}),
        (rn(C, 8).abs(), [3.0, 2], {"stride": 1}),
        (rn(N, C, 7).abs(), [1.0, 2], {"ceil_mode": True}),
    )
    put(
        "functional/lp_pool2d",
        nnf % "lp_pool2d",
        (rn(N, C, H, W).abs(), [2.0, 2], {}),
        (rn(C, H, W).abs(), [3.0, (2, 1)], {"stride": (1, 2)}),
        (rn(1, C, 5, 5), [2.0, 2], {"ceil_mode": True}),
    )
    put("functional/lp_pool3d", nnf % "lp_pool3d", (rn(1, C, 4, 4, 4).abs(), [2.0, 2], {}), (rn(1, 1, 4, 4, 3).abs(), [3.0, (2, 2, 1)], {}))
    put(
        "functional/affine_grid",
        nnf % "affine_grid",
        (rn(N, 2, 3), [[N, C, 3, 4]], {"align_corners": True}),
        (rn(N, 2, 3), [[N, C, 4, 2]], {"align_corners": False}),
        (rn(1, 3, 4), [[1, 1, 2, 3, 2]], {"align_corners": False}),
    )
    put("functional/dropout1d", nnf % "dropout1d", (rn(2, 3, 4), [], {"p": 0.5, "training": False}), (rn(2, 3, 4), [], {"p": 0.0}))
    put("functional/conv_tbc", nnf % "conv_tbc", (rn(5, 2, 3), [rn(2, 3, 4), rn(4)], {}), (rn(5, 2, 3), [rn(3, 3, 2), rn(2)], {"pad": 1}))
    q, kv = rn(1, 2, 3, 4), [rn(1, 2, 5, 4), rn(1, 2, 5, 4)]
    put(
        "functional/scaled_dot_product_attention",
        nnf % "scaled_dot_product_attention",
        (q, kv, {}),
        (q, kv, {"is_causal": True}),
        (q, kv, {"attn_mask": torch.rand(3, 5, generator=g) > 0.3}),
        (q, kv, {"attn_mask": rn(3, 5), "scale": 0.3}),
        (rn(2, 3), [rn(4, 3), rn(4, 3)], {}),
        (q, kv, {"attn_mask": torch.tensor([[True] * 5, [False] * 5, [True] * 5])}),
        (rn(1, 4, 3, 2), [rn(1, 2, 3, 2), rn(1, 2, 3, 2)], {"enable_gqa": True}),
    )
    put(
        "functional/grid_sample",
        nnf % "grid_sample",
        *[
            (rn(1, 2, 3, 4), [rn(1, 2, 3, 2) * 1.2], {"mode": m, "padding_mode": p, "align_corners": a})
            for m in ("bilinear", "nearest", "bicubic")
            for p in ("zeros", "border", "reflection")
            for a in (True, False)
        ],
    )
    put(
        "functional/embedding",
        "torch.nn.functional.embedding(args[0], input, **kwargs)",
        (rn(5, 3), [torch.tensor([[0, 4], [1, 1]])], {}),
        (rn(5, 3), [torch.tensor([0, 2, 2])], {"padding_idx": 2}),
        (rn(5, 3), [torch.tensor([1, 1, 0])], {"scale_grad_by_freq": True}),
        (rn(5, 3), [torch.tensor([1, 3])], {"max_norm": 0.5}),
    )
    put(
        "functional/avg_pool2d",
        nnf % "avg_pool2d",
        (rn(1, 2, 5, 5), [3], {"stride": 2, "padding": 1}),
        (rn(2, 5, 4), [(2, 3)], {"ceil_mode": True}),
        (rn(1, 1, 5, 5), [3], {"padding": 1, "count_include_pad": False}),
        (rn(1, 1, 4, 4), [2], {"divisor_override": 3}),
        (rn(1, 1, 5, 5), [2], {"stride": 2, "ceil_mode": True, "padding": 1}),
    )
    put(
        "functional/adaptive_avg_pool2d",
        nnf % "adaptive_avg_pool2d",
        (rn(1, 2, 5, 4), [(3, 2)], {}),
        (rn(2, 4, 4), [3], {}),
        (rn(1, 1, 5, 7), [(None, 3)], {}),
        (rn(1, 1, 2, 2), [(4, 3)], {}),
    )
    put("functional/adaptive_avg_pool3d", nnf % "adaptive_avg_pool3d", (rn(1, 2, 3, 4, 3), [(2, 3, 2)], {}), (rn(1, 3, 3, 3), [2], {}))
    put("functional/adaptive_avg_pool1d", nnf % "adaptive_avg_pool1d", (rn(1, 2, 7), [3], {}), (rn(2, 5), [4], {}), (rn(1, 1, 3), [5], {}))
    put(
        "functional/normalize",
        nnf % "normalize",
        (torch.zeros(2, 3), [], {}),
        (rn(2, 3), [], {"p": 1.0, "dim": 0}),
        (rn(2, 3), [], {"p": math.inf}),
    )
    put(
        "functional/one_hot",
        nnf % "one_hot",
        (torch.tensor([[0, 2], [1, 1]]), [], {}),
        (torch.tensor([0, 2]), [5], {}),
        (torch.tensor(1), [3], {}),
    )
    put(
        "functional/upsample",
        nnf % "upsample",
        (rn(1, 2, 3), [], {"scale_factor": 2}),
        (rn(1, 1, 3, 3), [], {"size": (4, 5), "mode": "bilinear", "align_corners": False}),
    )
    put("ops/vander", "torch.vander(input, *args, **kwargs)", (rn(4), [], {}), (rn(3), [5], {"increasing": True}))
    put("ops/chain_matmul", "torch.chain_matmul(*input)", ([rn(2, 3), rn(3, 4), rn(4, 2)], [], {}))
    put("ops/swapaxes", "torch.swapaxes(input, *args, **kwargs)", (rn(2, 3, 4), [0, 2], {}), (rn(2, 3), [-1, 0], {}))
    put("ops/numel", "torch.numel(input)", (rn(2, 3), [], {}), (rn(), [], {}), (rn(0, 3), [], {}))
    put("ops/rsub", "torch.rsub(input, *args, **kwargs)", (rn(2, 3), [rn(2, 3)], {}), (rn(3), [2], {"alpha": 0.5}))
    every = [BOOL, I32, I64, F32, F64]
    put("ops/promote_types", "torch.promote_types(*args)", *[(None, [a, b], {}) for a in every for b in every])
    put("ops/can_cast", "torch.can_cast(*args)", *[(None, [a, b], {}) for a in every for b in every])
    val = {
        BOOL: torch.tensor([True]),
        I32: torch.tensor([1], dtype=I32),
        I64: torch.tensor([1]),
        F32: torch.tensor([1.0]),
        F64: torch.tensor([1.0], dtype=F64),
    }
    put(
        "ops/result_type",
        "torch.result_type(input, *args)",
        *[(val[a], [b], {}) for a in every for b in [val[x] for x in every] + [val[x][0].clone() for x in every] + [2, 1.5, True]],
    )
    return out


def generate_extra_functions(w, k):
    g = torch.Generator().manual_seed(w.seed + 5)
    rng = random.Random(w.seed + 5)
    for key, (call, trees) in extra_functions(g, rng).items():
        folder, name = key.split("/")
        if not w.wanted(folder, name):
            continue
        body = existing(w, folder, name, call)
        fn, cases = caller(call), body["cases"]
        for i, (tree, diff) in enumerate(trees):
            cid = f"{name}/own/{i}"
            if name in ("promote_types", "result_type", "can_cast"):
                case = {"id": cid, **enc_tree(tree)}
                if tree["input"] is None:
                    del case["input"]
                case["out32"] = enc(fn(tree))
                cases.append(case)
                continue
            every = [p for p, t in tensors(tree) if t.is_floating_point()]
            try:
                cases.append({"id": cid, **enc_tree(tree), **compute(fn, tree, every, f"{w.seed}/{cid}")})
            except Exception as e:
                w.drop(key, f"{type(e).__name__}: {e}")
        w.save(folder, name, body)
