import { describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { ulpDistance } from "../testing.ts";
import { type AdamSettings, adam, type SgdSettings, sgd } from "./optimizer.ts";

const start = [0.5, -1.25, 3, 0.001];
const gradients = [
  [0.1, -2, 0.3, 1e-4],
  [-0.7, 0.25, 1.5, 3e-3],
  [0.02, 0.9, -0.4, -1e-3],
];

/** Expects float32 parameters within so many units in the last place of those that torch printed. */
function expectWithin(ulps: number, actual: NDArray, printed: readonly number[]): void {
  const distances = printed.map((value, i) => ulpDistance(actual.data[i]!, Math.fround(value)));
  expect(Math.max(...distances)).toBeLessThanOrEqual(ulps);
}

const plainSgd: SgdSettings = { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };

// parameters after three steps of torch.optim.SGD, in float32
const sgdRuns: [string, SgdSettings, number[]][] = [
  ["plain", plainSgd, [0.558000028, -1.16499996, 2.8599999, 0.000790000078]],
  [
    "with momentum, dampening and decay",
    { ...plainSgd, momentum: 0.9, dampening: 0.3, weightDecay: 0.05 },
    [0.552750766, -0.777319729, 2.67710209, 0.000621146639],
  ],
  [
    "climbing, with Nesterov's momentum",
    { ...plainSgd, momentum: 0.9, nesterov: true, maximize: true },
    [0.34849, -1.69905007, 3.43366981, 0.00165739004],
  ],
];

describe.each(["js", "wasm"] as const)("sgd (%s)", (side) => {
  it.each(sgdRuns)("%s gives the parameters of torch to the bit", (_, settings, printed) => {
    const param = NDArray.of(start);
    const buffer = settings.momentum === 0 ? null : NDArray.zeros([4]);
    gradients.forEach((grad, step) => {
      sgd[side]!(param, NDArray.of(grad), buffer, settings, 0.1, step === 0);
    });
    expectWithin(0, param, printed);
  });
});

const plainAdam: AdamSettings = {
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0,
  decoupled: false,
  maximize: false,
};

// parameters after three steps of torch.optim.Adam and AdamW, in float32
const adamRuns: [string, AdamSettings, boolean, number, number[]][] = [
  ["Adam", plainAdam, false, 0.01, [0.501199126, -1.2328409, 2.97656727, -0.0202569347]],
  [
    "Adam with decay and the largest square, blending from the far end",
    { ...plainAdam, beta1: 0.3, beta2: 0.7, weightDecay: 0.1 },
    true,
    0.01,
    [0.500964165, -1.24070609, 2.97657061, -0.0121799475],
  ],
  [
    "AdamW, climbing",
    { ...plainAdam, weightDecay: 0.2, decoupled: true, maximize: true },
    false,
    0.02,
    [0.491517425, -1.26917255, 3.01078081, 0.0432809703],
  ],
];

function runAdam(
  side: "js" | "wasm",
  settings: AdamSettings,
  amsgrad: boolean,
  lr: number,
  given: readonly number[],
): NDArray {
  const param = NDArray.of(given);
  const [mean, square, largest] = [NDArray.zeros([4]), NDArray.zeros([4]), amsgrad ? NDArray.zeros([4]) : null];
  gradients.forEach((grad, i) => {
    const [c1, c2] = [1 - settings.beta1 ** (i + 1), 1 - settings.beta2 ** (i + 1)];
    adam[side]!(param, NDArray.of(grad), mean, square, largest, settings, lr, c1, c2);
  });
  return param;
}

describe.each(["js", "wasm"] as const)("adam (%s)", (side) => {
  // torch's square root is one unit off for one value in 200
  it.each(adamRuns)("%s gives the parameters of torch", (_, settings, amsgrad, lr, printed) => {
    expectWithin(2, runAdam(side, settings, amsgrad, lr, start), printed);
  });
});

it("a NaN in the second moment stays, with the largest square as without", () => {
  for (const side of ["js", "wasm"] as const) {
    for (const amsgrad of [false, true]) {
      const [param, mean, square] = [NDArray.of([1, 1, 1, 1]), NDArray.zeros([4]), NDArray.of([0, Number.NaN, 0, 0])];
      const largest = amsgrad ? NDArray.of([1, 1, Number.NaN, 1]) : null;
      adam[side]!(param, NDArray.of([1, 1, 1, 1]), mean, square, largest, plainAdam, 0.1, 0.1, 0.001);
      expect([...param.data].map(Number.isNaN)).toEqual([false, true, amsgrad, false]);
    }
  }
});

it("parameters larger than a block are done to their end", () => {
  const length = 40_003;
  const make = (): NDArray[] => [0.1, 0.7, 0, 0.3].map((v) => NDArray.of(new Float32Array(length).fill(v)));
  const [fast, slow] = [make(), make()];
  const [p, g, m, v] = fast as [NDArray, NDArray, NDArray, NDArray];
  adam.wasm!(p, g, m, v, null, plainAdam, 0.1, 0.1, 0.001);
  const [q, h, n, w] = slow as [NDArray, NDArray, NDArray, NDArray];
  adam.js(q, h, n, w, null, plainAdam, 0.1, 0.1, 0.001);
  expect(p.data.every((value) => value === q.data[0])).toBe(true);
  expect([p.data[0] !== Math.fround(0.1), m.data[length - 1], v.data[length - 1]]).toEqual([
    true,
    n.data[0],
    w.data[0],
  ]);
});

it("roots are divided as a division would, from zero to infinity", () => {
  const energies = [
    0,
    1e-45,
    1e-38,
    3e38,
    Number.POSITIVE_INFINITY,
    ...Array.from({ length: 499 }, (_, i) => 1.07 ** (i - 250)),
  ];
  const wide = [...Array.from({ length: 40 }, (_, t) => 1 - 0.999 ** (t + 1)), 1, 0.25, 1 - 2 ** -24, 1e-30, 1e30, 0];
  for (const correction of wide) {
    const run = (side: "js" | "wasm"): number[] => {
      const [param, grad, mean] = [0, 0, 1].map((value) => NDArray.of(energies.map(() => value)));
      const settings = { ...plainAdam, beta2: 1, eps: 0 };
      adam[side]!(param!, grad!, mean!, NDArray.of(energies), null, settings, 0.1, 0.1, correction);
      return [...param!.data];
    };
    expect(run("wasm")).toEqual(run("js"));
  }
});
