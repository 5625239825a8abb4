import {
  arange,
  type BackwardContext,
  where as choose,
  defineOp,
  eq,
  exp,
  linear,
  logSoftmax,
  matmul,
  mul,
  ne,
  neg,
  type Op,
  sub,
  sum,
  Tensor,
  t,
  to,
  unsqueeze,
} from "@tapegrad/autograd";
import { NDArray } from "@tapegrad/tensor";
import { type Arrays, backwardPass, forwardPass, type Settings } from "./passes.ts";

/** What the loss is computed from: see {@link Arrays}. */
type Inputs = readonly [input: Tensor, linearWeight: Tensor, target: Tensor, linearBias: Tensor, weight: Tensor];
type Losses = (inputs: Inputs, settings: Settings) => Tensor;
type Context = BackwardContext<Settings>;

/**
 * The cross entropy of each row, [N], between a class and the softmax of its logits `input·linearWeightᵀ + linearBias`:
 * −Σ q·weight·ln softmax, where q is labelSmoothing / C for every class, and 1 − labelSmoothing more for the target.
 *
 * Neither forward nor backward holds the logits of more than a few rows: backward computes them again. A backward that is itself recorded
 * holds all.
 */
export const chunkedCrossEntropy: Op<Losses> = defineOp<[Tensor, Tensor, Tensor, Tensor, Tensor], Settings, Losses>(
  {
    name: "linearCrossEntropy",
    infer: ([{ shape, dtype }]) => ({ shape: [shape[0]!], dtype }),
    forward: (out, inputs, settings) => forwardPass(out, named(inputs), settings),
    saves: [0, 1, 2, 3, 4],
    backward: [
      (ctx) => matmul(gradientOfLogits(ctx), ctx.input(1)),
      (ctx) => matmul(t(gradientOfLogits(ctx)), ctx.input(0)),
      null,
      (ctx) => sum(gradientOfLogits(ctx), 0),
      (ctx) => neg(sum(mul(mul(distributionsOf(ctx), logProbabilitiesOf(ctx)), unsqueeze(ctx.grad, 1)), 0)),
    ],
    fused: (ctx) => {
      const arrays = [ctx.input(0), ctx.input(1), ctx.input(2), ctx.input(3), ctx.input(4)].map(({ array }) => array);
      const made = arrays.map(({ shape, dtype }, i) => (ctx.needs[i] ? NDArray.zeros(shape, dtype) : null));
      const [input = null, linearWeight = null, , linearBias = null, weight = null] = made;
      backwardPass({ input, linearWeight, linearBias, weight }, ctx.grad.toArray(), named(arrays), ctx.attrs);
      return made.map((array) => array && new Tensor(array));
    },
  },
  (apply) => (inputs, settings) => apply([...inputs], settings),
);

function named(arrays: readonly NDArray[]): Arrays {
  const [input, linearWeight, target, linearBias, weight] = arrays as [NDArray, NDArray, NDArray, NDArray, NDArray];
  return { input, linearWeight, target, linearBias, weight };
}

function logProbabilitiesOf(ctx: Context): Tensor {
  return logSoftmax(linear(ctx.input(0), ctx.input(1), ctx.input(3)), 1);
}

/** q for each row, [N, C]: nothing where the target is ignored. */
function distributionsOf(ctx: Context): Tensor {
  const { labelSmoothing, ignoreIndex } = ctx.attrs;
  const [weight, target] = [ctx.input(4), unsqueeze(ctx.input(2), 1)];
  const classes = weight.shape[0]!;
  const oneHot = to(eq(arange(classes), target), weight.dtype);
  return choose(ne(target, ignoreIndex), oneHot.mul(1 - labelSmoothing).add(labelSmoothing / classes), 0);
}

/** grad·(Σ q·weight·softmax − q·weight), [N, C]. */
function gradientOfLogits(ctx: Context): Tensor {
  const weights = mul(distributionsOf(ctx), ctx.input(4));
  const probabilities = exp(logProbabilitiesOf(ctx));
  const slopes = sub(mul(probabilities, sum(weights, 1, { keepdim: true })), weights);
  return mul(slopes, unsqueeze(ctx.grad, 1));
}
