import { fail, k, NDArray, type TypedArray } from "@tapegrad/tensor";

/** What the loss is computed from, as arrays. */
export interface Arrays {
  /** [N, F] */
  readonly input: NDArray;
  /** [C, F] */
  readonly linearWeight: NDArray;
  /** int32, [N] */
  readonly target: NDArray;
  /** [C] */
  readonly linearBias: NDArray;
  /** A weight for each class, [C]. */
  readonly weight: NDArray;
}

/** How it is computed. */
export interface Settings {
  /** How many rows have their logits held at once. */
  readonly rows: number;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
}

/** Where gradients are added to: arrays of zeros; null where none is wanted. */
export type Gradients = { readonly [K in Exclude<keyof Arrays, "target">]: NDArray | null };

/** Writes the loss of each row to `out`, [N], which is zero. */
export function forwardPass(out: NDArray, arrays: Arrays, settings: Settings): void {
  const { share, spread, targets } = mixturesOf(arrays, settings);
  const weights = arrays.weight.toArray();
  eachChunk(arrays, settings.rows, ({ logits, spare, start, rows }) => {
    k.logSoftmax(spare, logits, 1);
    rows.forEach((row, i) => {
      const target = targets[start + i]!;
      if (target < 0) return;
      const all = spread > 0 ? dot(weights, row) : 0;
      out.data[start + i] = 0 - (share * weights[target]! * row[target]! + spread * all);
    });
  });
}

/** Adds the gradients of Σ owed·loss. */
export function backwardPass(to: Gradients, owed: TypedArray, arrays: Arrays, settings: Settings): void {
  const { input, linearWeight } = arrays;
  const { share, spread, targets } = mixturesOf(arrays, settings);
  const weights = arrays.weight.toArray();
  const everything = spread * Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  const product = to.linearWeight && NDArray.zeros(linearWeight.shape, linearWeight.dtype);
  const sums = { bias: new Float64Array(weights.length), weight: new Float64Array(weights.length) };
  eachChunk(arrays, settings.rows, ({ logits, spare, start, count, rows }) => {
    if (to.weight) {
      k.logSoftmax(spare, logits, 1);
      rows.forEach((row, i) => {
        const [target, grad] = [targets[start + i]!, owed[start + i]!];
        if (target < 0) return;
        for (let c = 0; c < row.length && spread > 0; c++) sums.weight[c]! -= grad * spread * row[c]!;
        sums.weight[target]! -= grad * share * row[target]!;
      });
    }
    k.softmax(spare, logits, 1); // turned into the gradient of the logits: grad·(Σ q·weight·softmax − q·weight)
    rows.forEach((row, i) => {
      const [target, grad] = [targets[start + i]!, owed[start + i]!];
      if (target < 0) {
        row.fill(0);
        return;
      }
      const whole = grad * (share * weights[target]! + everything);
      const atTarget = whole * row[target]! - grad * (share + spread) * weights[target]!;
      for (let c = 0; c < row.length; c++) row[c] = whole * row[c]! - grad * spread * weights[c]!;
      row[target] = atTarget;
      if (to.linearBias) for (let c = 0; c < row.length; c++) sums.bias[c]! += row[c]!;
    });
    if (to.input) k.matmul(to.input.slice(0, start, count), spare, linearWeight);
    if (to.linearWeight && product) {
      k.matmul(product, spare.transpose(1, 0), input.slice(0, start, count));
      k.add(to.linearWeight, to.linearWeight, product);
    }
  });
  to.linearBias?.data.set(sums.bias);
  to.weight?.data.set(sums.weight);
}

/** A few rows of a batch. */
interface Chunk {
  /** The number of the first one. */
  readonly start: number;
  readonly count: number;
  /** [count, C]; used again for the next ones. */
  readonly logits: NDArray;
  /** An array of that shape to write to. */
  readonly spare: NDArray;
  /** The rows of `spare`. */
  readonly rows: readonly TypedArray[];
}

/** Goes through a batch, a few rows at once. */
function eachChunk({ input, linearWeight, linearBias }: Arrays, most: number, visit: (chunk: Chunk) => void): void {
  const all = input.shape[0]!;
  const classes = linearWeight.shape[0]!;
  const shape = [Math.min(most, all), classes];
  const [logits, spare] = [NDArray.zeros(shape, input.dtype), NDArray.zeros(shape, input.dtype)];
  const rows = Array.from({ length: shape[0]! }, (_, i) => spare.data.subarray(i * classes, (i + 1) * classes));
  for (let start = 0; start < all; start += most) {
    const count = Math.min(most, all - start);
    const chunk: Chunk = {
      start,
      count,
      logits: logits.slice(0, 0, count),
      spare: spare.slice(0, 0, count),
      rows: rows.slice(0, count),
    };
    k.linear(chunk.logits, input.slice(0, start, count), linearWeight, linearBias);
    visit(chunk);
  }
}

/** The distribution q for each row: `share` for its target, and `spread` for every class. */
interface Mixtures {
  readonly share: number;
  readonly spread: number;
  /** −1 where the row does not count. */
  readonly targets: Int32Array;
}

/** @throws TensorError `invalid_index` for a target that is no class */
function mixturesOf({ target, weight }: Arrays, { ignoreIndex, labelSmoothing }: Settings): Mixtures {
  const classes = weight.size;
  const targets = Int32Array.from(target.toArray(), (index, position) => {
    if (index === ignoreIndex) return -1;
    if (index >= 0 && index < classes) return index;
    const facts = { target: index, position, classes, ignoreIndex };
    const hint = `classes run from 0 to ${classes - 1}`;
    return fail("invalid_index", "linearCrossEntropy", "a target is no class", facts, hint);
  });
  return { share: 1 - labelSmoothing, spread: labelSmoothing / classes, targets };
}

function dot(a: TypedArray, b: TypedArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
