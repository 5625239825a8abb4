import { inspect } from "node:util";
import { ones, type Tensor, zeros } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "./index.ts";

// what torch 2.13 prints
const samples: readonly [module: nn.AnyModule, text: string][] = [
  [new nn.Linear(3, 2), "Linear(in_features=3, out_features=2, bias=True)"],
  [new nn.Bilinear(2, 3, 4, { bias: false }), "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=False)"],
  [new nn.Identity(54, "ignored"), "Identity()"],
  [new nn.Conv1d(1, 2, 3), "Conv1d(1, 2, kernel_size=(3,), stride=(1,))"],
  [new nn.Conv1d(1, 2, 3, { padding: "valid" }), "Conv1d(1, 2, kernel_size=(3,), stride=(1,), padding=valid)"],
  [new nn.Conv1d(2, 2, [3], { padding: 1 }), "Conv1d(2, 2, kernel_size=(3,), stride=(1,), padding=(1,))"],
  [new nn.Conv2d(1, 2, 3, { padding: "same" }), "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=same)"],
  [
    new nn.Conv2d(2, 4, [3, 5], {
      ...{ stride: [2, 1], padding: 1, dilation: 2, groups: 2, bias: false, paddingMode: "circular" },
    }),
    "Conv2d(2, 4, kernel_size=(3, 5), stride=(2, 1), padding=(1, 1), dilation=(2, 2), groups=2, bias=False, padding_mode=circular)",
  ],
  [
    new nn.ConvTranspose2d(2, 4, 3, { outputPadding: 1, stride: 2 }),
    "ConvTranspose2d(2, 4, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1))",
  ],
  [new nn.ConvTranspose1d(1, 2, 3), "ConvTranspose1d(1, 2, kernel_size=(3,), stride=(1,))"],
  [new nn.MaxPool1d(2), "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"],
  [
    new nn.MaxPool2d([2, 3], { stride: 1, ceilMode: true }),
    "MaxPool2d(kernel_size=(2, 3), stride=1, padding=0, dilation=1, ceil_mode=True)",
  ],
  [new nn.AvgPool1d(3, { padding: 1 }), "AvgPool1d(kernel_size=(3,), stride=(3,), padding=(1,))"],
  [new nn.AvgPool2d(2), "AvgPool2d(kernel_size=2, stride=2, padding=0)"],
  [new nn.AdaptiveAvgPool1d(2), "AdaptiveAvgPool1d(output_size=2)"],
  [new nn.AdaptiveAvgPool2d([2, null]), "AdaptiveAvgPool2d(output_size=(2, None))"],
  [new nn.AdaptiveMaxPool2d(2), "AdaptiveMaxPool2d(output_size=2)"],
  [new nn.BatchNorm1d(4), "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"],
  [
    new nn.BatchNorm2d(4, { momentum: null, affine: false }),
    "BatchNorm2d(4, eps=1e-05, momentum=None, affine=False, bias=False, track_running_stats=True)",
  ],
  [
    new nn.InstanceNorm1d(3, { affine: true }),
    "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)",
  ],
  [new nn.LayerNorm([3, 4], { bias: false }), "LayerNorm((3, 4), eps=1e-05, elementwise_affine=True, bias=False)"],
  [new nn.RMSNorm(4), "RMSNorm((4,), eps=None, elementwise_affine=True)"],
  [new nn.RMSNorm([2, 3], { eps: 1e-6 }), "RMSNorm((2, 3), eps=1e-06, elementwise_affine=True)"],
  [new nn.GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)"],
  [new nn.Dropout(), "Dropout(p=0.5, inplace=False)"],
  [new nn.Dropout2d(0.2, { inplace: true }), "Dropout2d(p=0.2, inplace=True)"],
  [new nn.AlphaDropout(0.1), "AlphaDropout(p=0.1, inplace=False)"],
  [new nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"],
  [new nn.Unflatten(1, [2, 3]), "Unflatten(dim=1, unflattened_size=(2, 3))"],
  [new nn.Embedding(10, 3, { paddingIdx: 0 }), "Embedding(10, 3, padding_idx=0)"],
  [new nn.ReLU(), "ReLU()"],
  [new nn.ReLU({ inplace: true }), "ReLU(inplace=True)"],
  [new nn.ReLU6(), "ReLU6()"],
  [new nn.LeakyReLU(0.2, { inplace: true }), "LeakyReLU(negative_slope=0.2, inplace=True)"],
  [new nn.ELU(), "ELU(alpha=1.0)"],
  [new nn.CELU(2, { inplace: true }), "CELU(alpha=2.0, inplace=True)"],
  [new nn.SELU(), "SELU()"],
  [new nn.GELU({ approximate: "tanh" }), "GELU(approximate='tanh')"],
  [new nn.SiLU(), "SiLU()"],
  [new nn.Mish({ inplace: true }), "Mish(inplace=True)"],
  [new nn.Softplus(), "Softplus(beta=1.0, threshold=20.0)"],
  [new nn.Hardtanh(-1, 1, { inplace: true }), "Hardtanh(min_val=-1.0, max_val=1.0, inplace=True)"],
  [new nn.Hardsigmoid({ inplace: true }), "Hardsigmoid()"],
  [new nn.Hardswish(), "Hardswish()"],
  [new nn.Hardshrink(), "Hardshrink(0.5)"],
  [new nn.Threshold(0.1, 20, { inplace: true }), "Threshold(threshold=0.1, value=20, inplace=True)"],
  [new nn.PReLU(3, { init: 0.1 }), "PReLU(num_parameters=3)"],
  [new nn.GLU(), "GLU(dim=-1)"],
  [new nn.Softmax(), "Softmax(dim=None)"],
  [new nn.LogSoftmax(1), "LogSoftmax(dim=1)"],
  [new nn.Softmax2d(), "Softmax2d()"],
  [new nn.CrossEntropyLoss({ weight: ones(3) }), "CrossEntropyLoss()"],
  [new nn.Sequential(), "Sequential()"],
  [new nn.ModuleList(), "ModuleList()"],
  [new nn.ModuleDict({ a: new nn.ReLU() }), "ModuleDict(\n  (a): ReLU()\n)"],
  [
    new nn.ParameterList([zeros(2, 3), zeros([])]),
    "ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2x3]\n    (1): Parameter containing: [torch.float32 of size ]\n)",
  ],
  [new nn.ParameterDict({ a: zeros(2) }), "ParameterDict(  (a): Parameter containing: [torch.FloatTensor of size 2])"],
];

describe("a module prints as torch prints it", () => {
  it.each(samples)("%s", (module, text) => {
    expect(String(module)).toBe(text);
    expect(inspect(module)).toBe(text);
  });

  it("with submodules indented, and repeated ones of a list as one line", () => {
    const block = (): nn.Sequential => new nn.Sequential(new nn.Linear(1, 2), new nn.ReLU());
    class Model extends nn.Module {
      readonly layerNorm = new nn.LayerNorm(2);
      readonly blocks = new nn.ModuleList([block(), block(), block(), new nn.ReLU()]);
      readonly shared = this.layerNorm;
      override extraRepr(): string {
        return "first=1\nsecond=2";
      }
      override forward(input: Tensor): Tensor {
        return input;
      }
    }
    expect(String(new Model())).toBe(`Model(
  first=1
  second=2
  (layer_norm): LayerNorm((2,), eps=1e-05, elementwise_affine=True, bias=True)
  (blocks): ModuleList(
    (0-2): 3 x Sequential(
      (0): Linear(in_features=1, out_features=2, bias=True)
      (1): ReLU()
    )
    (3): ReLU()
  )
  (shared): LayerNorm((2,), eps=1e-05, elementwise_affine=True, bias=True)
)`);
  });
});
