import {
  add,
  clampMin,
  defineOp,
  div,
  log,
  log1p,
  mul,
  neg,
  type Op,
  square,
  sub,
  type Tensor,
} from "@tapegrad/autograd";
import { k, NDArray } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkFloating, checkProbabilities, checkSameDType, checkSameShape } from "./common/checks.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { expandWeight } from "./common/weighted.ts";

/** Options of {@link binaryCrossEntropy}. */
export interface BCELossOptions extends LossOptions {
  /** Rescales the loss of each element; broadcasts to the shape of the input. @defaultValue null */
  readonly weight?: Tensor | null;
}

const defaults = { reduction: "mean", strict: null, weight: null } as const;

/** No logarithm counts as less, so that a loss stays finite where a probability is 0. */
const LEAST_LOG = -100;
/** The least spread p·(1 − p) that is divided by: torch's constant, a float32. */
const LEAST_SPREAD = Math.fround(1e-12);
/** The same in second derivatives, where torch computes with the exact number. */
const EPSILON = 1e-12;

type Elementwise = Op<(input: Tensor, target: Tensor) => Tensor>;

const crossEntropyOf: Elementwise = defineOp<[Tensor, Tensor], undefined, (input: Tensor, target: Tensor) => Tensor>(
  () => ({
    name: "binaryCrossEntropy",
    infer: ([input]) => input,
    forward: (out, [p, t]) => {
      // (t − 1)·max(ln(1 − p), −100) − t·max(ln p, −100)
      const part = NDArray.zeros(p.shape, p.dtype);
      k.neg(part, p);
      k.log1p(part, part);
      k.clamp(part, part, LEAST_LOG, null);
      const share = NDArray.zeros(p.shape, p.dtype);
      k.sub(share, t, scalar(1, p));
      k.mul(out, share, part);
      k.log(part, p);
      k.clamp(part, part, LEAST_LOG, null);
      k.mul(part, t, part);
      k.sub(out, out, part);
    },
    saves: [0, 1],
    backward: [
      (ctx) => slope(ctx.grad, ctx.input(0), ctx.input(1)),
      (ctx) => mul(ctx.grad, sub(log1p(neg(ctx.input(0))), log(ctx.input(0)))),
    ],
  }),
  (apply) => (input, target) => apply([input, target], undefined),
);

type Slope = Op<(grad: Tensor, input: Tensor, target: Tensor) => Tensor>;

/** grad·(p − t) / max(p·(1 − p), 10⁻¹²): not the slope of the clamped logarithms, which would be 0 beyond the clamp. */
const slope: Slope = defineOp<
  [Tensor, Tensor, Tensor],
  undefined,
  (grad: Tensor, input: Tensor, target: Tensor) => Tensor
>(
  () => ({
    name: "binaryCrossEntropyBackward",
    infer: ([grad]) => grad,
    forward: (out, [grad, p, t]) => {
      const spread = NDArray.zeros(p.shape, p.dtype);
      k.sub(spread, scalar(1, p), p);
      k.mul(spread, spread, p);
      k.clamp(spread, spread, LEAST_SPREAD, null);
      k.sub(out, p, t);
      k.div(out, out, spread);
      k.mul(out, out, grad);
    },
    saves: [0, 1, 2],
    backward: [
      (ctx) => slope(ctx.grad, ctx.input(1), ctx.input(2)),
      (ctx) => {
        const [grad, p, t] = [ctx.input(0), ctx.input(1), ctx.input(2)];
        const above = add(sub(square(p), mul(mul(p, t), 2)), t); // p² − 2pt + t
        const below = mul(square(add(p, EPSILON)), square(add(sub(1, p), EPSILON)));
        return mul(mul(ctx.grad, grad), div(above, below));
      },
      (ctx) => {
        const p = ctx.input(1);
        return neg(div(mul(ctx.grad, ctx.input(0)), clampMin(mul(sub(1, p), p), EPSILON)));
      },
    ],
  }),
  (apply) => (grad, input, target) => apply([grad, input, target], undefined),
);

const scalar = (value: number, like: NDArray): NDArray => NDArray.of([value], [], like.dtype);

/**
 * Cross entropy between probabilities of yes or no: −(t·ln p + (1 − t)·ln(1 − p)), logarithms not below −100.
 *
 * The gradient for the input is (p − t) / max(p·(1 − p), 10⁻¹²), as torch has it, at 0 and 1 too.
 *
 * @param input  probabilities in [0, 1], any shape; for logits there is `binaryCrossEntropyWithLogits`
 * @param target probabilities in [0, 1], in the shape and dtype of `input`
 * @returns a scalar, or the shape of `input` with reduction "none"
 * @throws TensorError `invalid_argument` outside [0, 1] | `shape_mismatch` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.binary_cross_entropy
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: BCELossOptions = {}): Tensor {
  const where = "binaryCrossEntropy";
  const { reduction, weight } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkSameShape(where, { input, target });
  checkFloating(where, { input, target });
  checkSameDType(where, { input, target });
  checkProbabilities(where, "input", input);
  checkProbabilities(where, "target", target);
  const losses = crossEntropyOf(input, target);
  return reduce(weight === null ? losses : mul(losses, expandWeight(where, weight, input)), reduction);
}

/** {@link binaryCrossEntropy} as a module. */
export class BCELoss extends Loss<BCELossOptions> {
  static override readonly name: string = "BCELoss";
  constructor(options: BCELossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight"]);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.options);
  }
}
