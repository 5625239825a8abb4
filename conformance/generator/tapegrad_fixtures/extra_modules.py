"""Modules that ModuleInfo does not list."""

import math

import torch
import torch.nn.functional as F

from .encoding import Spec
from .module_cases import call


def extra_modules(g, rng):
    """{class: [(ctor, forward)]} for modules that ModuleInfo does not list; dropout is in eval mode."""
    rn = lambda *s: torch.randn(s, generator=g)
    ri = lambda hi, *s: torch.randint(0, hi, s, generator=g)
    N, C = rng.randint(1, 3), rng.randint(2, 3)
    x4, x3 = rn(N, C, 4, 4), rn(N, C, 6)
    out = {}
    for d in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"):
        x = {"Dropout1d": x3, "Dropout3d": rn(1, 2, 2, 2, 3)}.get(d, x4)
        out[d] = [(call(0.5), call(x)), (call(p=0.0), call(x))]
    out["RReLU"] = [(call(), call(rn(3, 4))), (call(0.1, 0.5), call(rn(5)))]
    out["Hardsigmoid"] = [(call(), call(rn(3, 4) * 4)), (call(), call(torch.tensor([-3.0, 3.0, -4.0, 4.0, 0.0])))]
    out["Identity"] = [(call(), call(rn(3)))]
    out["Flatten"] = [(call(), call(x4)), (call(0, 1), call(x4)), (call(1, -2), call(x4)), (call(start_dim=0), call(rn()))]
    out["Unflatten"] = [(call(1, (2, 3)), call(rn(2, 6))), (call(0, (-1, 2)), call(rn(4, 3))), (call(-1, (2, 2, 1)), call(rn(3, 4)))]
    out["Fold"] = [
        (call((4, 4), (2, 2)), call(rn(N, C * 4, 9))),
        (call((4, 4), (3, 3), padding=1), call(rn(1, 9, 16))),
        (call(4, 2, stride=2), call(rn(4, 4))),
    ]
    out["Unfold"] = [(call((2, 2)), call(x4)), (call(3, padding=1, stride=2), call(x4)), (call((2, 2), dilation=2), call(rn(C, 4, 5)))]
    out["PixelShuffle"] = [(call(2), call(rn(N, 4, 2, 3))), (call(3), call(rn(9, 2, 2)))]
    out["PixelUnshuffle"] = [(call(2), call(rn(N, 2, 4, 2))), (call(3), call(rn(1, 3, 6)))]
    out["ChannelShuffle"] = [(call(2), call(rn(N, 4, 2, 2))), (call(3), call(rn(1, 6, 2)))]
    out["Upsample"] = [
        (call(scale_factor=2), call(rn(N, C, 3))),
        (call(size=(5, 3)), call(rn(1, 2, 3, 4))),
        (call(scale_factor=1.5, mode="bilinear"), call(rn(1, 2, 3, 4))),
        (call(scale_factor=2, mode="bilinear", align_corners=True), call(rn(1, 2, 3, 3))),
        (call(size=5, mode="linear", align_corners=False), call(rn(1, 2, 3))),
        (call(scale_factor=(1.7, 0.6), mode="bicubic"), call(rn(1, 1, 4, 5))),
        (call(scale_factor=2, mode="trilinear"), call(rn(1, 1, 2, 2, 3))),
        (call(scale_factor=2.5, mode="nearest-exact"), call(rn(1, 1, 4))),
        (call(scale_factor=1.7, mode="bilinear", recompute_scale_factor=True), call(rn(1, 1, 3, 4))),
    ]
    out["UpsamplingNearest2d"] = [(call(scale_factor=2), call(rn(1, 2, 3, 3))), (call(size=(2, 5)), call(rn(1, 1, 3, 4)))]
    out["UpsamplingBilinear2d"] = [(call(scale_factor=2), call(rn(1, 2, 3, 3))), (call(size=(2, 5)), call(rn(1, 1, 3, 4)))]
    out["CosineSimilarity"] = [
        (call(), call(rn(3, 4), rn(3, 4))),
        (call(dim=0, eps=1e-3), call(rn(3, 4), rn(3, 4))),
        (call(), call(torch.zeros(2, 3), rn(2, 3))),
        (call(dim=-1), call(rn(3, 1, 4), rn(2, 4))),
    ]
    out["PairwiseDistance"] = [
        (call(), call(rn(3, 4), rn(3, 4))),
        (call(p=1.0, keepdim=True), call(rn(3, 4), rn(3, 4))),
        (call(p=3.0, eps=0.0), call(rn(4), rn(4))),
        (call(p=math.inf), call(rn(3, 4), rn(1, 4))),
    ]
    out["EmbeddingBag"] = [
        (call(6, 3), call(ri(6, 2, 4))),
        (call(6, 3, mode="sum"), call(ri(6, 7), torch.tensor([0, 2, 5]))),
        (call(6, 3, mode="max"), call(ri(6, 7), torch.tensor([0, 2, 2]))),
        (call(6, 3, mode="sum"), call(ri(6, 5), torch.tensor([0, 3]), rn(5))),
        (call(6, 3, mode="mean", padding_idx=1), call(torch.tensor([1, 2, 1, 1, 4]), torch.tensor([0, 2]))),
        (call(6, 3, mode="sum", include_last_offset=True), call(ri(6, 5), torch.tensor([0, 2, 5]))),
    ]
    out["Embedding"] = [
        (call(5, 3, padding_idx=0), call(torch.tensor([[0, 1], [4, 0]]))),
        (call(5, 3, padding_idx=-1), call(torch.tensor([4, 2]))),
        (call(5, 3, scale_grad_by_freq=True), call(torch.tensor([1, 1, 2, 1]))),
        (call(5, 3), call(torch.tensor(3))),
    ]
    out["CrossMapLRN2d"] = [(call(3), call(x4))]
    out["LazyLinear"] = [(call(3), call(rn(2, 4)))]
    for d, x in (("1d", rn(3, 2)), ("2d", rn(2, 2, 2, 2)), ("3d", rn(1, 2, 2, 2, 2))):
        out["LazyBatchNorm" + d] = [(call(), call(x))]
    out["MaxUnpool1d"] = [
        (call(2), call(*F.max_pool1d(rn(1, 2, 6), 2, return_indices=True))),
        (call(2), call(*F.max_pool1d(rn(1, 2, 7), 2, return_indices=True), output_size=[7])),
    ]
    out["MaxUnpool2d"] = [
        (call(2), call(*F.max_pool2d(rn(1, 2, 4, 6), 2, return_indices=True))),
        (call(2, stride=2), call(*F.max_pool2d(rn(2, 5, 5), 2, return_indices=True), output_size=[5, 5])),
    ]
    out["MaxUnpool3d"] = [(call(2), call(*F.max_pool3d(rn(1, 1, 4, 4, 2), 2, return_indices=True)))]
    enc_layer = Spec("TransformerEncoderLayer", 4, 2, 8, 0.0, batch_first=True)
    dec_layer = Spec("TransformerDecoderLayer", 4, 2, 8, 0.0)
    out["TransformerEncoder"] = [
        (call(enc_layer, 2), call(rn(2, 3, 4))),
        (call(Spec("TransformerEncoderLayer", 4, 2, 8, 0.0), 1, norm=Spec("LayerNorm", 4)), call(rn(3, 2, 4))),
    ]
    out["TransformerDecoder"] = [(call(dec_layer, 2), call(rn(3, 2, 4), rn(4, 2, 4)))]
    out["Sequential"] = [
        (call(Spec("Linear", 3, 4), Spec("ReLU"), Spec("Linear", 4, 2)), call(rn(2, 3))),
        (call(Spec("Conv2d", 1, 2, 3), Spec("Flatten"), Spec("Linear", 8, 3), Spec("LogSoftmax", dim=1)), call(rn(2, 1, 4, 4))),
    ]
    out["LinearCrossEntropyLoss"] = [
        (call(4, 3), call(rn(5, 4), ri(3, 5))),
        (call(4, 3, bias=True, reduction="sum"), call(rn(5, 4), ri(3, 5))),
        (call(4, 3, label_smoothing=0.1, weight=rn(3).abs()), call(rn(5, 4), ri(3, 5))),
        (call(4, 3, reduction="none", ignore_index=1), call(rn(5, 4), torch.tensor([0, 1, 2, 1, 0]))),
        (call(4, 3), call(rn(4), torch.tensor(2))),
    ]
    out["AdaptiveLogSoftmaxWithLoss"] = [
        (call(8, 10, [2, 6]), call(rn(5, 8), ri(10, 5))),
        (call(8, 12, [4], div_value=2.0, head_bias=True), call(rn(3, 8), ri(12, 3))),
        (call(8, 10, [2, 6]), call(rn(8), torch.tensor(7))),
    ]
    return out
