import {
  add,
  argmax,
  cat,
  type DrawOptions,
  gather,
  type Indices,
  indexAdd,
  indexCopy,
  indexSelect,
  indexTensor,
  logSoftmax,
  mean,
  neg,
  type Tensor,
  zeros,
} from "@tapegrad/autograd";
import { type DType, fail } from "@tapegrad/tensor";
import { drawing } from "../init/drawing.ts";
import { Linear } from "../layers/linear.ts";
import { ModuleList } from "../layers/moduleList.ts";
import { Sequential } from "../layers/sequential.ts";
import { Module } from "../module.ts";
import { withDefaults } from "../options.ts";
import { checkTensors } from "./common/checks.ts";
import { checkRange } from "./common/classes.ts";

/** Options of {@link AdaptiveLogSoftmaxWithLoss}. */
export interface AdaptiveLogSoftmaxWithLossOptions extends DrawOptions {
  /** By how much the vectors of each cluster are smaller than those of the one before. @defaultValue 4 */
  readonly divValue?: number;
  /** Whether the head has a bias. @defaultValue false */
  readonly headBias?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

/** What {@link AdaptiveLogSoftmaxWithLoss} gives. */
export interface AdaptiveLogSoftmaxOutput {
  /** The log-probability of each target, [N], or [] without a batch. */
  readonly output: Tensor;
  /** Minus their mean, a scalar. */
  readonly loss: Tensor;
}

const defaults = { divValue: 4, headBias: false, dtype: "float32", generator: undefined } as const;
const where = "AdaptiveLogSoftmaxWithLoss";

/**
 * A softmax over many classes, of which a few are frequent: a head decides between those and clusters of the others, each of which has a
 * tail of smaller vectors, computed only where a target is in it. The classes are sorted, the most frequent first.
 *
 * The log-probability of a frequent class is that of the head; of another one that of its cluster plus that within the cluster. A trace of a
 * call holds for targets of the same clusters.
 *
 * Input [N, inFeatures] or [inFeatures]; head.weight [shortlistSize + nClusters, inFeatures]; tail.i.0.weight
 * [inFeatures / divValueⁱ⁺¹, inFeatures], tail.i.1.weight [classes of the cluster, inFeatures / divValueⁱ⁺¹].
 *
 * @see torch.nn.AdaptiveLogSoftmaxWithLoss; Grave et al. (2017), Efficient softmax approximation for GPUs
 */
export class AdaptiveLogSoftmaxWithLoss extends Module<[input: Tensor, target: Indices], AdaptiveLogSoftmaxOutput> {
  static override readonly name: string = "AdaptiveLogSoftmaxWithLoss";
  readonly inFeatures: number;
  readonly nClasses: number;
  /** Where the clusters begin, and the number of classes. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;
  /** How many classes the head decides between itself. */
  readonly shortlistSize: number;
  readonly nClusters: number;
  readonly headSize: number;
  readonly head: Linear;
  readonly tail: ModuleList<Sequential>;

  /**
   * @param cutoffs where the clusters begin: increasing class numbers between 1 and nClasses − 1
   * @throws TensorError `invalid_option` for other cutoffs
   */
  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    options: AdaptiveLogSoftmaxWithLossOptions = {},
  ) {
    super();
    const { divValue, headBias, dtype, generator } = withDefaults(where, options, defaults);
    const increasing = cutoffs.every((cutoff, i) => Number.isInteger(cutoff) && cutoff > (cutoffs[i - 1] ?? 0));
    if (cutoffs.length === 0 || !increasing || cutoffs.at(-1)! > nClasses - 1) {
      const hint = "they are whole numbers, each larger than the one before, between 1 and nClasses - 1";
      fail("invalid_option", where, "the cutoffs do not divide the classes", { cutoffs, nClasses }, hint);
    }
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    this.shortlistSize = cutoffs[0]!;
    this.nClusters = cutoffs.length;
    this.headSize = this.shortlistSize + this.nClusters;
    const settings = { dtype, ...drawing(generator) };
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, ...settings });
    const clusters = cutoffs.map((start, i) => {
      const power = divValue ** (i + 1);
      const hidden = Math.round((inFeatures - (inFeatures % power)) / power);
      return new Sequential(
        new Linear(inFeatures, hidden, { bias: false, ...settings }),
        new Linear(hidden, this.cutoffs[i + 1]! - start, { bias: false, ...settings }),
      );
    });
    this.tail = new ModuleList(clusters);
  }

  /** Draws all parameters anew. */
  resetParameters(options: DrawOptions = {}): void {
    this.head.resetParameters(options);
    for (const cluster of this.tail) for (const layer of cluster) (layer as Linear).resetParameters(options);
  }

  /**
   * @param target class numbers, [N], or one for an input without a batch
   * @throws TensorError `shape_mismatch` | `invalid_index`
   */
  override forward(input: Tensor, target: Indices): AdaptiveLogSoftmaxOutput {
    const targets = indexTensor(where, target);
    checkTensors(where, { input });
    if (
      targets.ndim > 1 ||
      input.ndim !== targets.ndim + 1 ||
      (targets.ndim === 1 && input.shape[0] !== targets.shape[0])
    ) {
      const hint = "an input [N, F] goes with a target [N], an input [F] with a single one";
      fail("shape_mismatch", where, "target does not match input", { input: input.shape, target: targets.shape }, hint);
    }
    checkRange(where, targets, this.nClasses);
    const output = this.#logProbOf(input.ndim === 1 ? input.unsqueeze(0) : input, Array.from(targets.toArray()));
    return { output: output.reshape(targets.shape), loss: neg(mean(output)) };
  }

  /** The log-probability of the class of each row. */
  #logProbOf(input: Tensor, targets: readonly number[]): Tensor {
    const clusters = targets.map((target) => this.cutoffs.findIndex((cutoff) => target < cutoff));
    const ofHead = targets.map((target, i) => (clusters[i] === 0 ? target : this.shortlistSize + clusters[i]! - 1));
    let within = zeros([targets.length], { dtype: input.dtype });
    for (let cluster = 1; cluster <= this.nClusters; cluster++) {
      const rows = [...clusters.keys()].filter((i) => clusters[i] === cluster);
      if (rows.length === 0) continue;
      const members = rows.map((i) => targets[i]! - this.cutoffs[cluster - 1]!);
      const logProbs = logSoftmax(this.tail.at(cluster - 1)(indexSelect(input, 0, rows)), 1);
      within = indexAdd(within, 0, rows, pickEach(logProbs, members));
    }
    return add(within, pickEach(logSoftmax(this.head(input), 1), ofHead));
  }

  /** The log-probabilities of all classes, [N, nClasses], for an input [N, inFeatures] (log_prob). */
  logProb(input: Tensor): Tensor {
    checkMatrix("logProb", input);
    return this.#allLogProbs(input, this.head(input));
  }

  #allLogProbs(input: Tensor, head: Tensor): Tensor {
    const ofHead = logSoftmax(head, 1);
    const parts = Array.from(this.tail, (cluster, i) =>
      add(logSoftmax(cluster(input), 1), ofHead.narrow(1, this.shortlistSize + i, 1)),
    );
    return cat([ofHead.narrow(1, 0, this.shortlistSize), ...parts], 1);
  }

  /** The most likely class of each row, int32 [N], for an input [N, inFeatures]. Tails are computed only where it may be in one. */
  predict(input: Tensor): Tensor {
    checkMatrix("predict", input);
    const head = this.head(input);
    const best = argmax(head, 1);
    const rows = Array.from(best.toArray().keys()).filter((i) => best.array.get(i) >= this.shortlistSize);
    if (rows.length === 0) return best;
    const logProbs = this.#allLogProbs(indexSelect(input, 0, rows), indexSelect(head, 0, rows));
    return indexCopy(best, 0, rows, argmax(logProbs, 1));
  }
}

/** One element of each row, [N]. */
function pickEach(matrix: Tensor, columns: readonly number[]): Tensor {
  const index = indexTensor(where, Int32Array.from(columns)).reshape(columns.length, 1);
  return gather(matrix, 1, index).squeeze(1);
}

function checkMatrix(method: string, input: Tensor): void {
  checkTensors(`${where}.${method}`, { input });
  if (input.ndim !== 2) {
    fail(
      "invalid_shape",
      `${where}.${method}`,
      "the input must be a matrix",
      { input: input.shape },
      "unsqueeze(0) makes one",
    );
  }
}
