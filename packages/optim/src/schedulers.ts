import { checkOptions, fail } from "@tapegrad/tensor";
import type { BaseSettings, Optimizer } from "./optimizer.ts";

/** What a scheduler needs of an optimizer. */
export interface Scheduled {
  readonly paramGroups: { lr: number; initialLr?: number }[];
}

/** The state of a scheduler as data. */
export type SchedulerStateDict = Readonly<Record<string, unknown>>;

/**
 * Changes learning rates as training goes on: `step()` after every epoch, and after the optimizer's own step (torch.optim.lr_scheduler.LRScheduler).
 */
export abstract class LRScheduler {
  static readonly name: string = "LRScheduler";
  /** The optimizer whose groups are changed. */
  readonly optimizer: Scheduled;
  /** The learning rate that each group started with. */
  baseLrs: number[];
  /** How many steps were taken; 0 after construction. */
  lastEpoch: number;
  #lastLr: number[] = [];
  /** Whether no step was taken since construction. */
  protected initial = true;

  /**
   * @param optimizer whose learning rates to change
   * @param lastEpoch the last step of a run that is resumed; -1 starts anew
   * @throws TensorError `state_mismatch` when resuming with an optimizer that knows no initial learning rates
   */
  constructor(optimizer: Optimizer<never> | Optimizer<BaseSettings> | Scheduled, lastEpoch = -1) {
    this.optimizer = optimizer as Scheduled;
    for (const [i, group] of this.optimizer.paramGroups.entries()) {
      if (lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined) {
        fail(
          "state_mismatch",
          new.target.name,
          `group ${i} knows no initial learning rate`,
          { lastEpoch },
          "load the optimizer's state dict before resuming its scheduler",
        );
      }
    }
    this.baseLrs = this.optimizer.paramGroups.map((group) => group.initialLr!);
    this.lastEpoch = lastEpoch;
  }

  /** The learning rates for `lastEpoch`, one a group. */
  protected abstract rates(): number[];

  /** Takes the first step, which sets the rates of epoch 0. Constructors end with it. */
  protected start(): void {
    this.step();
    this.initial = false;
  }

  /** Moves on by one epoch and sets the learning rates. */
  step(): void {
    this.lastEpoch++;
    const rates = this.rates();
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = rates[i]!;
    });
    this.#lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The learning rates now, one a group. */
  getLastLr(): number[] {
    return [...this.#lastLr];
  }

  /** State as data, under torch's names. */
  stateDict(): SchedulerStateDict {
    return { base_lrs: [...this.baseLrs], last_epoch: this.lastEpoch, _last_lr: this.getLastLr() };
  }

  /** Takes over the state. The learning rates themselves are the optimizer's: load its state dict too. */
  loadStateDict(dict: SchedulerStateDict): void {
    const {
      base_lrs: baseLrs,
      last_epoch: lastEpoch,
      _last_lr: lastLr,
    } = dict as { base_lrs?: number[]; last_epoch?: number; _last_lr?: number[] };
    if (
      !Array.isArray(baseLrs) ||
      typeof lastEpoch !== "number" ||
      !Array.isArray(lastLr) ||
      baseLrs.length !== this.baseLrs.length
    ) {
      fail("state_mismatch", this.constructor.name, "the state dict is not one of this scheduler", {
        keys: Object.keys(dict),
        groups: this.baseLrs.length,
      });
    }
    this.baseLrs = [...baseLrs];
    this.lastEpoch = lastEpoch;
    this.#lastLr = [...lastLr];
  }
}

/** What every scheduler takes. */
export interface SchedulerOptions {
  /** The last step of a run that is resumed; -1 starts anew. @defaultValue -1 */
  readonly lastEpoch?: number;
}

/** Checks that a setting is a whole number of at least 1. */
function positiveWhole(where: string, settings: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isInteger(value) || value < 1)
      fail("invalid_option", where, `${name} must be a whole number of at least 1`, { [name]: value });
  }
}

/** Settings of {@link StepLR}. */
export interface StepLROptions extends SchedulerOptions {
  /** What the rate is multiplied by. @defaultValue 0.1 */
  readonly gamma?: number;
}

/** Multiplies the learning rate by `gamma` every `stepSize` epochs (torch.optim.lr_scheduler.StepLR): `new StepLR(optimizer, 30, { gamma: 0.1 })`. */
export class StepLR extends LRScheduler {
  static override readonly name: string = "StepLR";
  readonly stepSize: number;
  readonly gamma: number;

  constructor(optimizer: Scheduled, stepSize: number, options: StepLROptions = {}) {
    checkOptions("StepLR", options, ["gamma", "lastEpoch"]);
    const { gamma = 0.1, lastEpoch = -1 } = options;
    super(optimizer, lastEpoch);
    positiveWhole("StepLR", { stepSize });
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.start();
  }

  protected override rates(): number[] {
    const cut = this.lastEpoch !== 0 && this.lastEpoch % this.stepSize === 0;
    return this.optimizer.paramGroups.map(({ lr }) => (cut ? lr * this.gamma : lr));
  }
}

/** Settings of {@link CosineAnnealingLR}. */
export interface CosineAnnealingLROptions extends SchedulerOptions {
  /** The lowest rate. @defaultValue 0 */
  readonly etaMin?: number;
}

/**
 * Lets the learning rate follow half a cosine from its start to `etaMin` in `tMax` epochs (torch.optim.lr_scheduler.CosineAnnealingLR),
 * computed step by step from the last rate, as torch does.
 *
 * @see Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts
 */
export class CosineAnnealingLR extends LRScheduler {
  static override readonly name: string = "CosineAnnealingLR";
  readonly tMax: number;
  readonly etaMin: number;

  constructor(optimizer: Scheduled, tMax: number, options: CosineAnnealingLROptions = {}) {
    checkOptions("CosineAnnealingLR", options, ["etaMin", "lastEpoch"]);
    const { etaMin = 0, lastEpoch = -1 } = options;
    super(optimizer, lastEpoch);
    positiveWhole("CosineAnnealingLR", { tMax });
    this.tMax = tMax;
    this.etaMin = etaMin;
    this.start();
  }

  protected override rates(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    const { paramGroups } = this.optimizer;
    if (this.initial) return paramGroups.map(({ lr }) => lr);
    const turn = (lastEpoch - 1 - tMax) % (2 * tMax) === 0;
    if (turn)
      return paramGroups.map(({ lr }, i) => lr + ((this.baseLrs[i]! - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2);
    const [now, before] = [lastEpoch, lastEpoch - 1].map((epoch) => 1 + Math.cos((Math.PI * epoch) / tMax));
    return paramGroups.map(({ lr }) => (now! / before!) * (lr - etaMin) + etaMin);
  }
}

/** A factor for an epoch, one for all groups or one a group. */
export type LrLambda = (epoch: number) => number;

/** Multiplies the initial learning rate by a function of the epoch (torch.optim.lr_scheduler.LambdaLR). */
export class LambdaLR extends LRScheduler {
  static override readonly name: string = "LambdaLR";
  readonly lrLambdas: readonly LrLambda[];

  constructor(optimizer: Scheduled, lrLambda: LrLambda | readonly LrLambda[], options: SchedulerOptions = {}) {
    checkOptions("LambdaLR", options, ["lastEpoch"]);
    const { lastEpoch = -1 } = options;
    super(optimizer, lastEpoch);
    const { length } = this.optimizer.paramGroups;
    this.lrLambdas = typeof lrLambda === "function" ? new Array<LrLambda>(length).fill(lrLambda) : lrLambda;
    if (this.lrLambdas.length !== length) {
      fail("invalid_option", "LambdaLR", "one function a group, or one for all", {
        functions: this.lrLambdas.length,
        groups: length,
      });
    }
    this.start();
  }

  protected override rates(): number[] {
    return this.baseLrs.map((base, i) => base * this.lrLambdas[i]!(this.lastEpoch));
  }
}
