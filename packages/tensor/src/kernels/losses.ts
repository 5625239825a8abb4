/** Losses of single elements, and their gradients in one pass. */
import type { NDArray } from "../ndarray.ts";
import * as lanes from "../wasm/laneMath.ts";
import type { LaneFunction } from "../wasm/lanes.ts";
import { type Binary, binary, paysHeavy, paysLight } from "./elementwise/define.ts";
import { logistic } from "./elementwise/special.ts";
import { laneKernel } from "./elementwise/stream.ts";
import { binaryRow, runBinary } from "./generic.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** From input, target and what each slope is multiplied by. */
export type LossSlope = KernelPair<[out: NDArray, input: NDArray, target: NDArray, factor: number]>;

interface SlopeSpec {
  readonly name: string;
  readonly f: (x: number, t: number) => number;
  readonly lanes: LaneFunction;
  readonly cost: "light" | "heavy";
  readonly ulps: number;
}

function slope(declaration: () => SlopeSpec): LossSlope {
  return kernelPair(() => {
    const { name, f, lanes: code, cost, ulps } = declaration();
    const fast = laneKernel({
      name,
      inputs: ["float32", "float32"],
      scalars: 1,
      unroll: cost === "light" ? 2 : 1,
      lanes: (l, x, t, factor) => l.mul(code(l, x!, t!), factor!),
    });
    return {
      name,
      js: (out: NDArray, input: NDArray, target: NDArray, factor: number) =>
        runBinary(
          binaryRow((x, t) => f(x, t) * factor),
          out,
          input,
          target,
        ),
      wasm: (out, input, target, factor) => fast.run(out, input, target, undefined, factor),
      accepts: (out, input, target) => fast.accepts(out, input, target),
      pays: cost === "light" ? paysLight : paysHeavy,
      ulps,
    };
  });
}

/** (input − target)². */
export const squaredError: Binary = binary(() => ({
  name: "squaredError",
  f: (x, t) => (x - t) * (x - t),
  fast: {
    lanes: (l, x, t) => {
      const error = l.sub(x, t);
      return l.mul(error, error);
    },
    cost: "light",
    ulps: 2,
  },
}));

/** (input − target) · factor: with twice a gradient the gradient of {@link squaredError}. */
export const squaredErrorSlope: LossSlope = slope(() => ({
  name: "squaredErrorSlope",
  f: (x, t) => x - t,
  lanes: (l, x, t) => l.sub(x, t),
  cost: "light",
  ulps: 2,
}));

/** |input − target|. */
export const absoluteError: Binary = binary(() => ({
  name: "absoluteError",
  f: (x, t) => Math.abs(x - t),
  fast: { lanes: (l, x, t) => l.abs(l.sub(x, t)), cost: "light" },
}));

/** sign(input − target) · factor; no difference, or none that is a number, has the sign 0. */
export const absoluteErrorSlope: LossSlope = slope(() => ({
  name: "absoluteErrorSlope",
  f: (x, t) => (x > t ? 1 : x < t ? -1 : 0),
  lanes: (l, x, t) => l.sub(l.and(l.gt(x, t), 1), l.and(l.lt(x, t), 1)),
  cost: "light",
  ulps: 0,
}));

/** (1 − target) · input − ln s(input), s the sigmoid: the cross entropy of yes and no from logits. */
export const logitError: Binary = binary(() => ({
  name: "logitError",
  f: (x, t) => (1 - t) * x - (Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))),
  fast: {
    lanes: (l, x, t) => l.add(l.mul(l.sub(1, t), x), lanes.softplus(l, l.neg(x))),
    cost: "heavy",
    ulps: 4,
  },
}));

/** (s(input) − target) · factor, s the sigmoid: the gradient of {@link logitError}. */
export const logitErrorSlope: LossSlope = slope(() => ({
  name: "logitErrorSlope",
  f: (x, t) => logistic(x) - t,
  lanes: (l, x, t) => l.sub(lanes.sigmoid(l, x), t),
  cost: "heavy",
  ulps: 4,
}));

/** target · (ln target − input), where 0 · ln 0 is 0: a part of the Kullback-Leibler divergence. */
export const divergence: Binary = binary(() => ({
  name: "divergence",
  f: (x, t) => (t === 0 ? 0 : t * Math.log(t)) - t * x,
  fast: {
    lanes: (l, x, t) => l.sub(l.andnot(l.mul(t, lanes.log(l, t)), l.eq(t, 0)), l.mul(t, x)),
    cost: "heavy",
    ulps: 4,
  },
}));

/** e^target · (target − input): the same from the logarithm of the target. */
export const logDivergence: Binary = binary(() => ({
  name: "logDivergence",
  f: (x, t) => Math.exp(t) * (t - x),
  fast: { lanes: (l, x, t) => l.mul(lanes.exp(l, t), l.sub(t, x)), cost: "heavy", ulps: 4 },
}));
