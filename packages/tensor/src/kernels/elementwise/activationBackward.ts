import type { NDArray } from "../../ndarray.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { binaryRow, runBinary } from "../generic.ts";
import { type KernelPair, kernelPair } from "../pair.ts";
import * as activations from "./activationLanes.ts";
import { binary, paysHeavy } from "./define.ts";
import { geluSlope, geluTanhSlope, logistic } from "./special.ts";
import { laneKernel } from "./stream.ts";

/** From the gradient and what the forward kernel read or wrote: the gradient of its operand. */
export type ElementwiseBackward = KernelPair<[out: NDArray, grad: NDArray, saved: NDArray]>;

/** Gradient of relu, from its output (or its input: the sign is the same). */
export const reluBackward: ElementwiseBackward = binary(() => ({
  name: "reluBackward",
  f: (g, y) => (y <= 0 ? 0 : g),
  row: (n, o, p, s, a, q, t, b, r, u) => {
    for (let i = 0; i < n; i++, p += s, q += t, r += u) o[p] = b[r]! <= 0 ? 0 : a[q]!;
  },
  fast: { lanes: (l, g, y) => l.andnot(g, l.le(y, 0)), cost: "light" },
}));

/** Gradient of tanh, from its output: g (1 − y²). */
export const tanhBackward: ElementwiseBackward = binary(() => ({
  name: "tanhBackward",
  f: (g, y) => g * (1 - y) * (1 + y),
  fast: { lanes: (l, g, y) => l.mul(l.mul(g, l.sub(1, y)), l.add(1, y)), cost: "light", ulps: 3 },
}));

/** Gradient of sigmoid, from its output: g y (1 − y). */
export const sigmoidBackward: ElementwiseBackward = binary(() => ({
  name: "sigmoidBackward",
  f: (g, y) => g * y * (1 - y),
  fast: { lanes: (l, g, y) => l.mul(l.mul(g, y), l.sub(1, y)), cost: "light", ulps: 3 },
}));

/** Gradient of logSigmoid, from its input: g sigmoid(−x). */
export const logSigmoidBackward: ElementwiseBackward = binary(() => ({
  name: "logSigmoidBackward",
  f: (g, x) => g * logistic(-x),
  fast: { lanes: (l, g, x) => l.mul(g, lanes.sigmoid(l, l.neg(x))), cost: "heavy", ulps: 4 },
}));

/** Gradient of silu, from its input: g s (1 + x (1 − s)) with s = sigmoid(x). */
export const siluBackward: ElementwiseBackward = binary(() => ({
  name: "siluBackward",
  f: (g, x) => {
    const s = logistic(x);
    return g * s * (1 + x * (1 - s));
  },
  fast: { lanes: (l, g, x) => l.mul(g, activations.siluSlope(l, x)), cost: "heavy", ulps: 6 },
}));

/** Gradient of gelu, from its input: g (Φ(x) + x φ(x)), Φ and φ the normal distribution function and density. */
export const geluBackward: ElementwiseBackward = binary(() => ({
  name: "geluBackward",
  f: (g, x) => g * geluSlope(x),
  fast: { lanes: (l, g, x) => l.mul(g, activations.geluSlope(l, x)), cost: "heavy", ulps: 6 },
}));

/** Gradient of geluTanh, from its input. */
export const geluTanhBackward: ElementwiseBackward = binary(() => ({
  name: "geluTanhBackward",
  f: (g, x) => g * geluTanhSlope(x),
  fast: { lanes: (l, g, x) => l.mul(g, activations.geluTanhSlope(l, x)), cost: "heavy", ulps: 8 },
}));

/** Gradient of softplus, from its input: g sigmoid(β x), g itself beyond the threshold. */
export const softplusBackward: KernelPair<
  [out: NDArray, grad: NDArray, input: NDArray, beta: number, threshold: number]
> = kernelPair(() => {
  const fast = laneKernel({
    name: "softplusBackward",
    inputs: ["float32", "float32"],
    scalars: 2,
    lanes: (l, g, x, beta, threshold) => {
      const scaled = l.mul(x, beta);
      return l.select(l.gt(scaled, threshold), g, l.mul(g, lanes.sigmoid(l, scaled)));
    },
  });
  return {
    name: "softplusBackward",
    js: (out: NDArray, grad: NDArray, input: NDArray, beta: number, threshold: number) => {
      const f = (g: number, x: number): number => (x * beta > threshold ? g : g * logistic(x * beta));
      runBinary(binaryRow(f), out, grad, input);
    },
    wasm: (out, grad, input, beta, threshold) => fast.run(out, grad, input, undefined, beta, threshold),
    accepts: (out, grad, input) => fast.accepts(out, grad, input),
    pays: paysHeavy,
    ulps: 4,
  };
});
