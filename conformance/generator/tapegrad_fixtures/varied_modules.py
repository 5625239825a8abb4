"""Further settings of modules for which ModuleInfo has few."""

import torch

from .module_cases import call


def varied_modules(g, rng):
    """{class: [(ctor, forward)]}: further settings of modules for which ModuleInfo has few."""
    rn = lambda *s: torch.randn(s, generator=g)
    N, C = rng.randint(1, 3), rng.randint(2, 4)
    x = [
        rn(3, 4),
        rn(2, 3, 2),
        rn(5),
        rn(),
        rn(2, 4).t(),
        torch.tensor([-100.0, -1.0, -0.0, 0.0, 1.0, 100.0, 6.0, 3.0, -3.0, 0.5, -0.5, 1e-6]),
    ]
    out = {}

    def act(name, *ctors):
        out[name] = [(c, call(v)) for c in (ctors or (call(),)) for v in (x if len(ctors) < 3 else x[::2] + x[-1:])]

    for name in (
        "ReLU",
        "ReLU6",
        "SELU",
        "Sigmoid",
        "Tanh",
        "LogSigmoid",
        "SiLU",
        "Mish",
        "Hardswish",
        "Hardsigmoid",
        "Softsign",
        "Tanhshrink",
    ):
        act(name)
    act("ELU", call(), call(alpha=0.4))
    act("CELU", call(), call(alpha=2.0))
    act("GELU", call(), call(approximate="tanh"))
    act("LeakyReLU", call(), call(0.3), call(-0.2))
    act("Hardtanh", call(), call(-2.0, 0.5), call(min_val=0.0, max_val=6.0))
    act("Hardshrink", call(), call(1.0), call(lambd=0.0))
    act("Softshrink", call(), call(1.0), call(lambd=0.0))
    act("Softplus", call(), call(beta=2.0, threshold=5.0), call(beta=0.5))
    act("Threshold", call(0.1, 20.0), call(-1.0, 0.0))
    out["PReLU"] = [
        (call(), call(rn(3, 4))),
        (call(4), call(rn(2, 4, 3))),
        (call(init=-0.5), call(rn(5))),
        (call(3, init=0.1), call(rn(2, 3))),
    ]
    for name in ("Softmax", "LogSoftmax", "Softmin"):
        out[name] = [
            (call(d), call(v))
            for d, v in (
                (0, rn(4)),
                (1, rn(3, 4)),
                (-1, rn(2, 3, 4)),
                (0, rn(3, 2)),
                (1, rn(2, 3, 2, 2)),
                (1, torch.tensor([[1e4, 0.0, -1e4]])),
                (0, rn()),
                (None, rn(2, 3)),
                (None, rn(2, 3, 2)),
            )
        ]
    out["Softmax2d"] = [(call(), call(rn(N, C, 2, 3))), (call(), call(rn(C, 2, 2)))]
    out["GLU"] = [(call(), call(rn(2, 6))), (call(0), call(rn(4, 3))), (call(1), call(rn(1, 4, 3)))]
    out["Linear"] = [
        (call(4, 3), call(rn(2, 4))),
        (call(4, 1, bias=False), call(rn(2, 3, 4))),
        (call(3, 2), call(rn(3))),
        (call(2, 2), call(rn(0, 2))),
        (call(4, 2), call(rn(4, 3).t())),
    ]
    out["Bilinear"] = [(call(2, 3, 4), call(rn(5, 2), rn(5, 3))), (call(2, 2, 1, bias=False), call(rn(1, 3, 2), rn(1, 3, 2)))]
    conv = {1: (rn(N, 4, 8), rn(4, 7)), 2: (rn(N, 4, 5, 6), rn(4, 6, 5)), 3: (rn(1, 4, 3, 4, 3), rn(4, 3, 3, 4))}
    for d, (b, u) in conv.items():
        out[f"Conv{d}d"] = [
            (call(4, 3, 3 if d < 3 else 2), call(b)),
            (call(4, 2, 2, stride=2, padding=1), call(b)),
            (call(4, 4, 2, groups=2, bias=False), call(b)),
            (call(4, 8, 1, groups=4), call(u)),
            (call(4, 2, 2, dilation=2), call(b)),
            (call(4, 2, 3, padding="same"), call(b)),
            (call(4, 2, 2, padding="valid"), call(u)),
            (call(4, 2, 3, padding=1, padding_mode="reflect"), call(b)),
            (call(4, 2, 3, padding=1, padding_mode="circular"), call(b)),
            (call(4, 2, 3, padding=1, padding_mode="replicate"), call(b)),
        ]
        out[f"ConvTranspose{d}d"] = [
            (call(4, 2, 2), call(b if d < 3 else u)),
            (call(4, 2, 3, stride=2, padding=1, output_padding=1), call(u)),
            (call(4, 4, 2, groups=2, bias=False), call(u)),
            (call(4, 1, 2, dilation=2), call(u)),
            (call(4, 2, 2, stride=2), call(u, output_size=[2 * n + (1 if i == 0 else 0) for i, n in enumerate(u.shape[1:])])),
        ]
        out[f"Conv{d}d"] = out[f"Conv{d}d"][: 10 if d < 3 else 8]
        out[f"LazyConv{d}d"] = [(call(2, 2, padding=1), call(b))]
        out[f"MaxPool{d}d"] = [
            (call(2), call(b)),
            (call(3, stride=1, padding=1), call(b)),
            (call(2, return_indices=True), call(b)),
            (call(2, ceil_mode=True), call(u)),
            (call(2, dilation=2, stride=1), call(b)),
            (call(2), call(torch.zeros_like(u))),
        ]
        out[f"AvgPool{d}d"] = [
            (call(2), call(b)),
            (call(3, stride=1, padding=1), call(b)),
            (call(3, stride=2, padding=1, count_include_pad=False), call(b)),
            (call(2, ceil_mode=True), call(u)),
        ]
        out[f"LPPool{d}d"] = [(call(2, 2), call(b)), (call(3.0, 2, stride=1), call(u.abs())), (call(1, 2, ceil_mode=True), call(b.abs()))]
        size = tuple(range(2, 2 + d))
        out[f"AdaptiveAvgPool{d}d"] = [(call(2), call(b)), (call(size), call(u)), (call(5), call(b[:1, :1])), (call(1), call(b))]
        out[f"AdaptiveMaxPool{d}d"] = [(call(2), call(b)), (call(size, return_indices=True), call(u)), (call(1), call(b))]
        if d > 1:
            out[f"AdaptiveAvgPool{d}d"].append((call((None,) * (d - 1) + (2,)), call(b)))
        for kind in ("ReflectionPad", "ReplicationPad", "ZeroPad", "CircularPad"):
            asym = tuple((1, 2, 0, 1, 2, 1)[: 2 * d])
            out[f"{kind}{d}d"] = [(call(1), call(b)), (call(asym), call(u)), (call(asym), call(b[:1]))]
        for kind in ("ReplicationPad", "ZeroPad"):
            out[f"{kind}{d}d"].append((call(tuple((-1, 1, 0, -1, 1, 0)[: 2 * d])), call(b)))
        out[f"ConstantPad{d}d"] = [(call(1, 3.5), call(b)), (call(tuple((1, 0, 2, -1, 0, 1)[: 2 * d]), -0.5), call(u))]
        nb = {1: rn(4, C), 2: rn(3, C, 2, 2), 3: rn(2, C, 2, 2, 2)}[d]
        out[f"BatchNorm{d}d"] = [
            (call(C), call(nb)),
            (call(C, eps=0.1, momentum=0.5), call(nb)),
            (call(C, affine=False), call(nb)),
            (call(C, track_running_stats=False), call(nb)),
            (call(C, momentum=None), call(nb)),
        ]
        ib = {1: rn(2, C, 4), 2: rn(2, C, 2, 3), 3: rn(1, C, 2, 2, 2)}[d]
        out[f"InstanceNorm{d}d"] = [
            (call(C), call(ib)),
            (call(C, affine=True, eps=0.1), call(ib)),
            (call(C, track_running_stats=True, affine=True), call(ib)),
            (call(C), call(ib[0])),
        ]
    out["BatchNorm1d"].append((call(C), call(rn(2, C, 3))))
    out["LayerNorm"] = [
        (call(4), call(rn(3, 4))),
        (call((3, 4)), call(rn(2, 3, 4))),
        (call(4, eps=0.1), call(rn(2, 4))),
        (call(4, elementwise_affine=False), call(rn(4))),
        (call(4, bias=False), call(rn(2, 4))),
        (call(3), call(torch.full((2, 3), 1e4) + rn(2, 3))),
    ]
    out["RMSNorm"] = [
        (call(4), call(rn(3, 4))),
        (call((3, 4), eps=1e-3), call(rn(2, 3, 4))),
        (call(4, elementwise_affine=False), call(torch.zeros(2, 4))),
    ]
    out["GroupNorm"] = [
        (call(2, 4), call(rn(2, 4, 3))),
        (call(1, 4, eps=0.1), call(rn(2, 4))),
        (call(4, 4, affine=False), call(rn(1, 4, 2, 2))),
    ]
    out["LocalResponseNorm"] = [(call(2), call(rn(1, 4, 3))), (call(3, alpha=0.5, beta=0.5, k=2.0), call(rn(2, 5, 2, 2)))]
    for name, gates in (("RNNCell", 1), ("GRUCell", 1), ("LSTMCell", 2)):
        h = lambda *s: (rn(*s), rn(*s)) if gates == 2 else rn(*s)
        out[name] = [
            (call(3, 4), call(rn(2, 3), h(2, 4))),
            (call(3, 2, bias=False), call(rn(3))),
            (call(2, 3), call(rn(2), h(3))),
            (call(2, 2), call(rn(3, 2))),
        ]
    out["RNNCell"].append((call(3, 2, nonlinearity="relu"), call(rn(2, 3))))
    for name in ("RNN", "GRU", "LSTM"):
        h = lambda *s: (rn(*s), rn(*s)) if name == "LSTM" else rn(*s)
        out[name] = [
            (call(3, 2), call(rn(4, 2, 3))),
            (call(3, 2, num_layers=2, bidirectional=True), call(rn(3, 1, 3), h(4, 1, 2))),
            (call(2, 3, batch_first=True), call(rn(2, 3, 2))),
            (call(2, 2, bias=False), call(rn(3, 2))),
        ]
    out["LSTM"].append((call(3, 4, proj_size=2), call(rn(3, 2, 3))))
    out["RNN"].append((call(3, 2, nonlinearity="relu"), call(rn(4, 2, 3))))
    mask = torch.tensor([[False, True, True], [False, False, True], [False, False, False]])
    out["MultiheadAttention"] = [
        (call(4, 2), call(rn(3, 2, 4), rn(5, 2, 4), rn(5, 2, 4))),
        (call(4, 2, batch_first=True, bias=False), call(rn(2, 3, 4), rn(2, 3, 4), rn(2, 3, 4), attn_mask=mask)),
        (call(4, 2, kdim=3, vdim=2), call(rn(3, 1, 4), rn(2, 1, 3), rn(2, 1, 2), average_attn_weights=False)),
        (call(4, 1, add_bias_kv=True, add_zero_attn=True), call(rn(3, 2, 4), rn(3, 2, 4), rn(3, 2, 4), need_weights=False)),
        (
            call(4, 2, batch_first=True),
            call(rn(2, 3, 4), rn(2, 3, 4), rn(2, 3, 4), key_padding_mask=torch.tensor([[False, False, True], [False, False, False]])),
        ),
        (call(4, 2), call(rn(3, 4), rn(3, 4), rn(3, 4))),
    ]
    out["TransformerEncoderLayer"] = [
        (call(4, 2, 8, 0.0), call(rn(3, 2, 4))),
        (call(4, 2, 8, 0.0, norm_first=True, batch_first=True, activation="gelu"), call(rn(2, 3, 4), src_mask=mask)),
        (call(4, 1, 6, 0.0, bias=False), call(rn(3, 4))),
    ]
    out["TransformerDecoderLayer"] = [
        (call(4, 2, 8, 0.0), call(rn(3, 2, 4), rn(4, 2, 4))),
        (call(4, 2, 8, 0.0, norm_first=True, batch_first=True), call(rn(2, 3, 4), rn(2, 4, 4), tgt_mask=mask)),
    ]
    out["Transformer"] = [(call(4, 2, 1, 1, 8, 0.0), call(rn(3, 2, 4), rn(2, 2, 4)))]
    return out
