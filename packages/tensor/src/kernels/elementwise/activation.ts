import type { NDArray } from "../../ndarray.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { runUnary, unaryRow } from "../generic.ts";
import { type KernelPair, kernelPair } from "../pair.ts";
import * as activations from "./activationLanes.ts";
import { paysHeavy, type Unary, unary } from "./define.ts";
import { geluTanhInner, logistic, normal } from "./special.ts";
import { laneKernel } from "./stream.ts";

/** max(a, 0), NaN where a is. */
export const relu: Unary = unary(() => ({
  name: "relu",
  f: (x) => (x >= 0 || Number.isNaN(x) ? x : 0),
  row: (n, o, p, s, a, q, t) => {
    for (let i = 0; i < n; i++, p += s, q += t) o[p] = a[q]! >= 0 || Number.isNaN(a[q]!) ? a[q]! : 0;
  },
  fast: { lanes: (l, a) => l.pmax(a, 0), cost: "light" },
}));

/** 1 / (1 + exp(−a)). */
export const sigmoid: Unary = unary(() => ({
  name: "sigmoid",
  f: logistic,
  fast: { lanes: lanes.sigmoid, cost: "heavy", ulps: 3 },
}));

/** log(sigmoid(a)) = min(a, 0) − log(1 + exp(−|a|)). */
export const logSigmoid: Unary = unary(() => ({
  name: "logSigmoid",
  f: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  // from 0, so that it vanishes into 0 and not −0
  fast: { lanes: (l, a) => l.sub(0, lanes.softplus(l, l.neg(a))), cost: "heavy", ulps: 3 },
}));

/** a · sigmoid(a). */
export const silu: Unary = unary(() => ({
  name: "silu",
  f: (x) => x * logistic(x),
  fast: { lanes: (l, a) => l.mul(a, lanes.sigmoid(l, a)), cost: "heavy", ulps: 4 },
}));

/** a · Φ(a), with Φ the normal distribution function (Hendrycks & Gimpel 2016). */
export const gelu: Unary = unary(() => ({
  name: "gelu",
  f: (x) => x * normal(x),
  fast: { lanes: activations.gelu, cost: "heavy", ulps: 4 },
}));

/** gelu with tanh in the place of Φ: a/2 · (1 + tanh(√(2/π)(a + 0.044715 a³))). */
export const geluTanh: Unary = unary(() => ({
  name: "geluTanh",
  f: (x) => x * logistic(geluTanhInner(x)),
  fast: { lanes: activations.geluTanh, cost: "heavy", ulps: 6 },
}));

/** log(1 + exp(β a)) / β; a itself where β a exceeds the threshold. */
export const softplus: KernelPair<[out: NDArray, a: NDArray, beta: number, threshold: number]> = kernelPair(() => {
  const fast = laneKernel({
    name: "softplus",
    inputs: ["float32"],
    scalars: 2,
    lanes: (l, a, beta, threshold) => {
      const x = l.mul(a, beta);
      return l.select(l.gt(x, threshold), a, l.div(lanes.softplus(l, x), beta));
    },
  });
  return {
    name: "softplus",
    js: (out: NDArray, a: NDArray, beta: number, threshold: number) => {
      const f = (x: number): number => (x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta);
      runUnary(unaryRow(f), out, a);
    },
    wasm: (out, a, beta, threshold) => fast.run(out, a, undefined, undefined, beta, threshold),
    accepts: (out, a) => fast.accepts(out, a),
    pays: paysHeavy,
    ulps: 4,
  };
});
