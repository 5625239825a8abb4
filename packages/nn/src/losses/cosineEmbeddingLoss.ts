import { add, clampMin, div, eq, mul, where as pick, sqrt, square, sub, sum, type Tensor } from "@tapegrad/autograd";
import { broadcastShapes, fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkAllBroadcast, checkSigns, checkTensors } from "./common/checks.ts";
import { floatType } from "./common/floats.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link cosineEmbeddingLoss}. */
export interface CosineEmbeddingLossOptions extends LossOptions {
  /** The cosine up to which what does not belong together costs nothing; between −1 and 1, at best 0 to 0.5. @defaultValue 0 */
  readonly margin?: number;
}

const defaults = { reduction: "mean", strict: null, margin: 0 } as const;

/** Added to the squares of lengths, so that vectors of zeros have a cosine, which is 0: torch's constant, a float32. */
const EPSILON = Math.fround(1e-12);

/**
 * 1 − cos for vectors that belong together, label 1, and max(0, cos − margin) for vectors that do not, label −1.
 *
 * cos = x·y / √((x·x + 10⁻¹²)·(y·y + 10⁻¹²)). float32 is computed in double precision, in which products of squares do not overflow. Any
 * other label costs nothing, as in torch.
 *
 * @param input1 vectors, [N, D], or one, [D]
 * @param input2 likewise; the two broadcast against each other
 * @param target labels, [N], or one, [] for inputs [D]
 * @returns a scalar, or the shape of `target` with reduction "none"
 * @throws TensorError `invalid_shape` | `shape_mismatch` | `invalid_option`; when strict `invalid_argument` for other labels
 * @see torch.nn.functional.cosine_embedding_loss
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: CosineEmbeddingLossOptions = {},
): Tensor {
  const where = "cosineEmbeddingLoss";
  const { reduction, strict, margin } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkTensors(where, { input1, input2, target });
  checkDimensions(where, input1, input2, target);
  checkAllBroadcast(where, { input1, input2 }, strict);
  broadcastShapes(where, broadcastShapes(where, input1.shape, input2.shape).slice(0, -1), target.shape);
  if (isStrict(strict)) checkSigns(where, target);
  const cos = cosine(input1.double(), input2.double());
  const together = pick(eq(target, 1), sub(1, cos), 0);
  const apart = pick(eq(target, -1), clampMin(sub(cos, margin), 0), 0);
  return reduce(add(together, apart), reduction).to(floatType(input1, input2));
}

function cosine(x: Tensor, y: Tensor): Tensor {
  const [xx, yy] = [sum(square(x), -1).add(EPSILON), sum(square(y), -1).add(EPSILON)];
  return div(sum(mul(x, y), -1), sqrt(mul(xx, yy)));
}

function checkDimensions(where: string, input1: Tensor, input2: Tensor, target: Tensor): void {
  const facts = { input1: input1.shape, input2: input2.shape, target: target.shape };
  const hint = "labels [N] go with vectors [N, D], and one label [] with vectors [D]";
  if (target.ndim > 1) fail("invalid_shape", where, "there is one label for each pair of vectors", facts, hint);
  if (input1.ndim === target.ndim + 1 && input2.ndim === target.ndim + 1) return;
  fail("invalid_shape", where, "inputs and target do not go together", facts, hint);
}

/** {@link cosineEmbeddingLoss} as a module. */
export class CosineEmbeddingLoss extends Loss<
  CosineEmbeddingLossOptions,
  [input1: Tensor, input2: Tensor, target: Tensor]
> {
  static override readonly name: string = "CosineEmbeddingLoss";
  constructor(options: CosineEmbeddingLossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, target, this.options);
  }
}
