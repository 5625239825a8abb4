import { defineOp, type Indices, indexTensor, mul, type Op, type Tensor } from "@tapegrad/autograd";
import { fail, type NDArray, sameShape, type TypedArray } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { batchOfScores, checkScores } from "./common/scores.ts";

/** Options of {@link multilabelMarginLoss}. */
export interface MultiLabelMarginLossOptions extends LossOptions {}

const defaults = { reduction: "mean", strict: null } as const;

/**
 * What the scores of the labelled classes lack to exceed those of the others by 1: Σⱼ Σᵢ max(0, 1 − (xⱼ − xᵢ)) / C, over the labels j
 * and the classes i that are none.
 *
 * The labels of a sample stand at the front of its target; what follows the first −1 does not count. A label that is named twice counts
 * twice. Where nothing is lacking the gradient is 0, on the edge too, and a NaN lacks nothing, as in torch.
 *
 * @param input  scores, [N, C] or [C]
 * @param target class numbers in [0, C), padded with −1, in the shape of `input`: an int32 tensor, an Int32Array or nested lists
 * @returns a scalar, or [N] with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_index` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.multilabel_margin_loss
 */
export function multilabelMarginLoss(
  input: Tensor,
  target: Indices,
  options: MultiLabelMarginLossOptions = {},
): Tensor {
  const where = "multilabelMarginLoss";
  const { reduction } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkScores(where, input);
  const targets = indexTensor(where, target);
  const single = input.ndim < 2 && targets.ndim < 2 && input.numel() === targets.numel(); // [] and [1] go together
  if (!single && !sameShape(input.shape, targets.shape)) {
    const hint = "labels fill a row of the input's shape, padded with -1";
    const facts = { input: input.shape, target: targets.shape };
    fail("shape_mismatch", where, "target does not match input", facts, hint);
  }
  const losses = lacking(batchOfScores(input), batchOfScores(targets));
  return reduce(input.ndim < 2 ? losses.reshape([]) : losses, reduction).to(input.dtype);
}

type Lacking = (input: Tensor, target: Tensor) => Tensor;

/** The loss of each sample, [N], float64. */
const lacking: Op<Lacking> = defineOp<[Tensor, Tensor], undefined, Lacking>(
  () => ({
    name: "multilabelMarginLoss",
    infer: ([{ shape }]) => ({ shape: [shape[0]!], dtype: "float64" }),
    aux: ([input]) => [input], // the gradient, times C
    forward: (out, [input, target], _, aux) => {
      const classes = input.shape[1]!;
      const scores = input.toArray();
      const counts = aux?.[0]?.data;
      eachRow(target, (n, labels, times) => {
        const start = n * classes;
        let total = 0;
        for (const label of labels) {
          let owed = 0;
          for (let i = 0; i < classes; i++) {
            const lack = 1 - (scores[start + label]! - scores[start + i]!);
            if (times[i]! > 0 || !(lack > 0)) continue;
            total += lack;
            owed++;
            if (counts !== undefined) counts[start + i]!++;
          }
          if (counts !== undefined) counts[start + label]! -= owed;
        }
        out.data[n] = total / classes;
      });
    },
    backward: [
      (ctx) => {
        const { shape, dtype } = ctx.inputMeta(0);
        return mul(ctx.aux(0), ctx.grad.div(shape[1]!).to(dtype).unsqueeze(1));
      },
      null,
    ],
  }),
  (apply) => (input, target) => apply([input, target], undefined),
);

/**
 * Calls `visit` with the number of each row, its labels, those before the first −1, and how often each class is among them.
 *
 * @throws TensorError `invalid_index` for what is no class, wherever it stands
 */
function eachRow(target: NDArray, visit: (n: number, labels: TypedArray, times: Int32Array) => void): void {
  const classes = target.shape[1]!;
  const all = target.toArray();
  for (let position = 0; position < all.length; position++) {
    const label = all[position]!;
    if (label >= -1 && label < classes) continue;
    const facts = { target: label, position, classes };
    const hint = `classes run from 0 to ${classes - 1}, and -1 ends the labels`;
    fail("invalid_index", "multilabelMarginLoss", "a target is no class", facts, hint);
  }
  const times = new Int32Array(classes);
  for (let n = 0, start = 0; start < all.length; n++, start += classes) {
    const row = all.subarray(start, start + classes);
    const end = row.indexOf(-1);
    const labels = end < 0 ? row : row.subarray(0, end);
    for (const label of labels) times[label]!++;
    visit(n, labels, times);
    for (const label of labels) times[label] = 0;
  }
}

/** {@link multilabelMarginLoss} as a module. */
export class MultiLabelMarginLoss extends Loss<MultiLabelMarginLossOptions, [input: Tensor, target: Indices]> {
  static override readonly name: string = "MultiLabelMarginLoss";
  constructor(options: MultiLabelMarginLossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(input: Tensor, target: Indices): Tensor {
    return multilabelMarginLoss(input, target, this.options);
  }
}
