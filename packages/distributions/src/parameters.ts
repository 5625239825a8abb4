import { broadcastTensors, clamp, full, log, log1p, type Operand, sigmoid, softmax, Tensor } from "@tapegrad/autograd";
import { type DType, fail, isFloating } from "@tapegrad/tensor";

/** Parameters of which exactly one is to be given. */
export interface ProbsOrLogits<T> {
  readonly probs?: T | null;
  readonly logits?: T | null;
}

/** The one that was given of `probs` and `logits`, by its name. */
export function eitherOf<T>(where: string, { probs, logits }: ProbsOrLogits<T>): readonly ["probs" | "logits", T] {
  if ((probs ?? null) === null && (logits ?? null) !== null) return ["logits", logits!];
  if ((probs ?? null) !== null && (logits ?? null) === null) return ["probs", probs!];
  return fail("invalid_argument", where, "give either probs or logits", {
    probs: (probs ?? null) !== null,
    logits: (logits ?? null) !== null,
  });
}

/**
 * Parameters as floating-point tensors of one shape, to which they broadcast. Numbers take the dtype of the first tensor, or are float32.
 *
 * @throws TensorError `shape_mismatch` | `invalid_argument` for what is neither a tensor nor a number
 */
export function broadcastAll<K extends string>(where: string, values: Readonly<Record<K, Operand>>): Record<K, Tensor> {
  const entries = Object.entries<Operand>(values);
  const first = entries.map(([, value]) => value).find((value) => value instanceof Tensor);
  const dtype: DType = first !== undefined && isFloating(first.dtype) ? first.dtype : "float32";
  const tensors = entries.map(([name, value]) => {
    if (value instanceof Tensor) return isFloating(value.dtype) ? value : value.to(dtype);
    if (typeof value === "number") return full([], value, { dtype });
    return fail("invalid_argument", where, `${name} must be a tensor or a number`, { [name]: typeof value });
  });
  const wide = broadcastTensors(...tensors);
  return Object.fromEntries(entries.map(([name], i) => [name, wide[i]!])) as Record<K, Tensor>;
}

/** The distance from 1 to the next number. */
const epsilon = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** Probabilities kept away from 0 and 1 by the distance from 1 to the next number of their dtype. */
export function clampProbs(probs: Tensor): Tensor {
  const eps = epsilon[probs.dtype as keyof typeof epsilon];
  return clamp(probs, eps, 1 - eps);
}

/** The logarithms of probabilities along the last dimension. */
export function probsToLogits(probs: Tensor): Tensor {
  return log(clampProbs(probs));
}

/** The logarithms of the odds of single probabilities. */
export function probsToLogOdds(probs: Tensor): Tensor {
  const clamped = clampProbs(probs);
  return log(clamped).sub(log1p(clamped.neg()));
}

/** The probabilities of which these are logarithms, up to a constant, along the last dimension. */
export function logitsToProbs(logits: Tensor): Tensor {
  return softmax(logits, -1);
}

/** The single probabilities of which these are the logarithms of the odds. */
export function logOddsToProbs(logits: Tensor): Tensor {
  return sigmoid(logits);
}
