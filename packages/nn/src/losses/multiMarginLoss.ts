import {
  arange,
  type BackwardContext,
  where as choose,
  defineOp,
  eq,
  gather,
  gt,
  type Indices,
  indexSelect,
  indexTensor,
  logicalAnd,
  logicalNot,
  mul,
  type Op,
  sub,
  sum,
  type Tensor,
  to,
  unsqueeze,
} from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import type { Buffer } from "../parameter.ts";
import { checkSameDType } from "./common/checks.ts";
import { checkClassWeights, checkRange } from "./common/classes.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { batchOfScores, checkScores } from "./common/scores.ts";

/** Options of {@link multiMarginLoss}. */
export interface MultiMarginLossOptions extends LossOptions {
  /** The power of what is lacking: 1 or 2. @defaultValue 1 */
  readonly p?: 1 | 2;
  /** By how much the right class is to exceed each other one. @defaultValue 1 */
  readonly margin?: number;
  /** A weight for each class, [C], which counts where it is the right one. @defaultValue null */
  readonly weight?: Tensor | null;
}

const defaults = { reduction: "mean", strict: null, p: 1, margin: 1, weight: null } as const;

/**
 * What the score of the right class y lacks to exceed all others by a margin: Σᵢ weight[y]·max(0, margin − xᵧ + xᵢ)ᵖ / C over the
 * classes i ≠ y.
 *
 * Computed in double precision, in which differences of large numbers do not overflow. Where nothing is lacking the gradient is 0, on
 * the edge too, and a NaN lacks nothing, as in torch. The mean is over the batch, whatever the weights.
 *
 * @param input  scores, [N, C] or [C]
 * @param target class numbers in [0, C), [N], or one: an int32 tensor, an Int32Array, a number or a list
 * @returns a scalar, or the shape of the target with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_index` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.multi_margin_loss; Crammer & Singer (2001), On the Algorithmic Implementation of Multiclass Kernel-based
 *   Vector Machines
 */
export function multiMarginLoss(input: Tensor, target: Indices, options: MultiMarginLossOptions = {}): Tensor {
  const where = "multiMarginLoss";
  const { reduction, p, margin, weight } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkPower(where, p);
  checkScores(where, input);
  const scores = batchOfScores(input);
  const [rows, classes] = scores.shape as [number, number];
  const targets = indexTensor(where, target);
  if (targets.ndim > 1 || targets.numel() !== rows) {
    const hint = `class numbers for this input have the shape [${input.ndim === 2 ? rows : ""}]`;
    const facts = { input: input.shape, target: targets.shape };
    fail("shape_mismatch", where, "target does not match input", facts, hint);
  }
  checkRange(where, targets, classes);
  if (weight !== null) {
    checkClassWeights(where, scores, weight);
    checkSameDType(where, { input, weight });
  }
  const right = targets.reshape(-1);
  const losses = lacking(scores, right, { p, margin });
  const weighted = weight === null ? losses : mul(losses, indexSelect(weight, 0, right));
  return reduce(weighted.reshape(targets.shape), reduction).to(input.dtype);
}

/** The power, and the margin. */
interface Hinge {
  readonly p: 1 | 2;
  readonly margin: number;
}

type Lacking = (input: Tensor, target: Tensor, hinge: Hinge) => Tensor;

/** Σᵢ max(0, margin − xᵧ + xᵢ)ᵖ / C for each row, float64. */
const lacking: Op<Lacking> = defineOp<[Tensor, Tensor], Hinge, Lacking>(
  () => ({
    name: "multiMarginLoss",
    infer: ([{ shape }]) => ({ shape: [shape[0]!], dtype: "float64" }),
    aux: ([input]) => [input], // the gradient
    forward: (out, [input, target], { p, margin }, aux) => {
      const classes = input.shape[1]!;
      const [scores, targets] = [input.toArray(), target.toArray()];
      const slopes = aux?.[0]?.data;
      for (let n = 0, start = 0; n < out.size; n++, start += classes) {
        const right = start + targets[n]!;
        let [total, owed] = [0, 0];
        for (let i = start; i < start + classes; i++) {
          const lack = margin - (scores[right]! - scores[i]!);
          if (i === right || !(lack > 0)) continue;
          const slope = p === 1 ? 1 : 2 * lack;
          total += p === 1 ? lack : lack * lack;
          owed += slope;
          if (slopes !== undefined) slopes[i] = slope / classes;
        }
        out.data[n] = total / classes;
        if (slopes !== undefined) slopes[right] = 0 - owed / classes;
      }
    },
    saves: [0, 1],
    backward: [gradientOfScores, null],
    fused: (ctx) => [mul(ctx.aux(0), unsqueeze(to(ctx.grad, ctx.inputMeta(0).dtype), 1)), null],
  }),
  (apply) => (input, target, hinge) => apply([input, target], hinge),
);

/** For the classes that are too close grad·p·lackᵖ⁻¹ / C, and for the right one minus their sum. */
function gradientOfScores(ctx: BackwardContext<Hinge>): Tensor {
  const { p, margin } = ctx.attrs;
  const [scores, target] = [ctx.input(0).double(), unsqueeze(ctx.input(1), 1)];
  const classes = scores.shape[1]!;
  const right = eq(arange(classes), target);
  const lacks = sub(scores, gather(scores, 1, target)).add(margin);
  const hinges = choose(logicalAnd(gt(lacks, 0), logicalNot(right)), p === 1 ? 1 : lacks.mul(2), 0);
  const slopes = mul(hinges, unsqueeze(ctx.grad, 1).div(classes));
  return sub(slopes, mul(right, sum(slopes, 1, { keepdim: true })));
}

function checkPower(where: string, p: number): void {
  if (p !== 1 && p !== 2) fail("invalid_option", where, "p must be 1 or 2", { p });
}

/** {@link multiMarginLoss} as a module. */
export class MultiMarginLoss extends Loss<MultiMarginLossOptions, [input: Tensor, target: Indices]> {
  static override readonly name: string = "MultiMarginLoss";
  declare readonly weight: Buffer | null;

  constructor(options: MultiMarginLossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight"]);
    const { p, weight } = this.options;
    checkPower("MultiMarginLoss", p!);
    if (weight && weight.ndim !== 1) {
      fail("invalid_shape", "MultiMarginLoss", "the weight must have one element for each class", {
        weight: weight.shape,
      });
    }
  }

  override forward(input: Tensor, target: Indices): Tensor {
    return multiMarginLoss(input, target, this.options);
  }
}
