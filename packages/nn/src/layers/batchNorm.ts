import { batchNorm, instanceNorm, noGrad, ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import { type DType, fail } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import { checkCount, type Resolved, withDefaults } from "../options.ts";
import { Buffer, Parameter } from "../parameter.ts";
import { python, pythonFloat } from "../python.ts";

/** Options of the layers that normalise channels. */
export interface ChannelNormOptions {
  /** Added to variances, against division by zero. @defaultValue 1e-5 */
  readonly eps?: number;
  /** How much of the running statistics a batch replaces; null: they are the mean over all batches. @defaultValue 0.1 */
  readonly momentum?: number | null;
  /** Whether there are a learned weight and bias for each channel. @defaultValue true, false for InstanceNorm */
  readonly affine?: boolean;
  /** Whether running statistics are kept, to be used in evaluation. @defaultValue true, false for InstanceNorm */
  readonly trackRunningStats?: boolean;
  /** Whether there is a bias beside the weight. @defaultValue true */
  readonly bias?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

const batchDefaults = {
  eps: 1e-5,
  momentum: 0.1,
  affine: true,
  trackRunningStats: true,
  bias: true,
  dtype: "float32",
} as const;

const instanceDefaults = { ...batchDefaults, affine: false, trackRunningStats: false } as const;

type Settings = Resolved<ChannelNormOptions, typeof batchDefaults>;

/** What the layers that normalise channels have in common: their parameters and running statistics. */
export abstract class ChannelNorm extends Module {
  static override readonly name: string = "ChannelNorm";
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: Buffer | null;
  runningVar: Buffer | null;
  numBatchesTracked: Buffer | null;

  constructor(numFeatures: number, settings: Settings) {
    super();
    const { eps, momentum, affine, trackRunningStats, bias, dtype } = settings;
    this.numFeatures = checkCount(new.target.name, "numFeatures", numFeatures);
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.weight = affine ? new Parameter(ones([numFeatures], { dtype })) : null;
    this.bias = affine && bias ? new Parameter(zeros([numFeatures], { dtype })) : null;
    this.runningMean = trackRunningStats ? new Buffer(zeros([numFeatures], { dtype })) : null;
    this.runningVar = trackRunningStats ? new Buffer(ones([numFeatures], { dtype })) : null;
    this.numBatchesTracked = trackRunningStats ? new Buffer(tensor(0, { dtype: "int32" })) : null;
  }

  /** Sets the running statistics to those of no batch: mean 0, variance 1. */
  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  /** Sets the weight to 1 and the bias to 0, and the running statistics as {@link resetRunningStats}. */
  resetParameters(): void {
    this.resetRunningStats();
    noGrad(() => {
      this.weight?.fill_(1);
      this.bias?.zero_();
    });
  }

  /** Files written before the number of batches was counted lack it. */
  override mayLack(name: string): boolean {
    return name === "num_batches_tracked";
  }

  protected checkRank(input: Tensor, ranks: readonly number[]): void {
    if (ranks.includes(input.ndim)) return;
    const problem = `the input must have ${ranks.join(" or ")} dimensions`;
    fail("invalid_shape", this.constructor.name, problem, { input: input.shape });
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, bias, trackRunningStats } = this;
    return [
      `${numFeatures}`,
      `eps=${pythonFloat(eps)}`,
      `momentum=${pythonFloat(momentum)}`,
      `affine=${python(affine)}`,
      `bias=${python(bias !== null)}`,
      `track_running_stats=${python(trackRunningStats)}`,
    ].join(", ");
  }
}

/** Batch normalisation for inputs of some ranks. */
abstract class BatchNorm extends ChannelNorm {
  protected abstract readonly ranks: readonly number[];

  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(numFeatures, withDefaults(new.target.name, options, batchDefaults));
  }

  override forward(input: Tensor): Tensor {
    this.checkRank(input, this.ranks);
    const { training, weight, bias, eps } = this;
    const ownStatistics = training || this.runningMean === null;
    if (ownStatistics && !(eps > 0)) {
      fail("invalid_option", this.constructor.name, "eps must be above 0 where statistics are the batch's own", {
        eps,
      });
    }
    const tracked = !training || this.trackRunningStats;
    const mean = tracked ? this.runningMean : null;
    const variance = tracked ? this.runningVar : null;
    return batchNorm(input, mean, variance, weight, bias, ownStatistics, this.#countBatch(), eps);
  }

  /** Counts the batch, if it is to be, and gives the share that it has in the running statistics. */
  #countBatch(): number {
    const { momentum, numBatchesTracked } = this;
    if (!this.training || numBatchesTracked === null) return momentum ?? 0;
    noGrad(() => numBatchesTracked.add_(1));
    return momentum ?? 1 / numBatchesTracked.item();
  }
}

/**
 * Each channel less its mean over the batch, over its standard deviation, times a weight, plus a bias (torch.nn.BatchNorm1d;
 * Ioffe & Szegedy 2015). In evaluation with the running statistics instead of the batch's.
 *
 * Input [N, C] or [N, C, L].
 */
export class BatchNorm1d extends BatchNorm {
  static override readonly name: string = "BatchNorm1d";
  protected override get ranks(): readonly number[] {
    return [2, 3];
  }
}

/** {@link BatchNorm1d} for images [N, C, H, W] (torch.nn.BatchNorm2d). */
export class BatchNorm2d extends BatchNorm {
  static override readonly name: string = "BatchNorm2d";
  protected override get ranks(): readonly number[] {
    return [4];
  }
}

/** Instance normalisation for inputs of some rank, without a batch or with one. */
abstract class InstanceNorm extends ChannelNorm {
  /** The rank of an input without a batch. */
  protected abstract readonly rank: number;

  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(numFeatures, withDefaults(new.target.name, options, instanceDefaults));
  }

  override forward(input: Tensor): Tensor {
    this.checkRank(input, [this.rank, this.rank + 1]);
    const { runningMean, runningVar, weight, bias, momentum, eps } = this;
    const own = this.training || !this.trackRunningStats;
    const single = input.ndim === this.rank;
    const batch = single ? input.unsqueeze(0) : input;
    const normal = instanceNorm(batch, runningMean, runningVar, weight, bias, own, momentum ?? 0, eps);
    return single ? normal.squeeze(0) : normal;
  }
}

/**
 * Each channel of each signal less its mean, over its standard deviation (torch.nn.InstanceNorm1d; Ulyanov et al. 2016).
 *
 * Input [N, C, L] or [C, L].
 */
export class InstanceNorm1d extends InstanceNorm {
  static override readonly name: string = "InstanceNorm1d";
  protected override get rank(): number {
    return 2;
  }
}

/** {@link InstanceNorm1d} for images [N, C, H, W] or [C, H, W] (torch.nn.InstanceNorm2d). */
export class InstanceNorm2d extends InstanceNorm {
  static override readonly name: string = "InstanceNorm2d";
  protected override get rank(): number {
    return 3;
  }
}
