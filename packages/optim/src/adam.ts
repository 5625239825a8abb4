import type { Tensor } from "@tapegrad/autograd";
import { fail, k } from "@tapegrad/tensor";
import { zerosToKeep } from "./keep.ts";
import {
  atLeastZero,
  type BaseSettings,
  Optimizer,
  type ParamGroup,
  type ParamState,
  type Params,
} from "./optimizer.ts";

/** Settings of {@link Adam}. */
export interface AdamOptions extends BaseSettings {
  /** Learning rate. @defaultValue 1e-3 */
  readonly lr: number;
  /** How much of the running means of the gradient and of its square is kept. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment. @defaultValue 1e-8 */
  readonly eps: number;
  /** L2 penalty: added to the gradient, times the parameter. @defaultValue 0 */
  readonly weightDecay: number;
  /** Whether to divide by the largest second moment so far (AMSGrad). @defaultValue false */
  readonly amsgrad: boolean;
  /** Whether to climb instead of descend. @defaultValue false */
  readonly maximize: boolean;
  /** Whether the parameter shrinks by itself, as in AdamW, instead of through the gradient. @defaultValue false */
  readonly decoupledWeightDecay: boolean;
}

/**
 * Steps scaled by running means of the gradient and of its square (torch.optim.Adam).
 *
 * m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − lr·(m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + eps).
 *
 * @throws TensorError `invalid_option` for negative settings, or betas outside [0, 1)
 * @see Kingma and Ba (2015), Adam: a method for stochastic optimization; Reddi et al. (2018) for AMSGrad
 */
export class Adam extends Optimizer<AdamOptions> {
  static override readonly name: string = "Adam";
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}, defaults: Partial<AdamOptions> = {}) {
    super(params, options, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
      decoupledWeightDecay: false,
      ...defaults,
    });
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamOptions): void {
    const where = this.constructor.name;
    atLeastZero(where, { lr, eps, weightDecay });
    betas.forEach((beta, i) => {
      if (!(beta >= 0 && beta < 1))
        fail("invalid_option", where, `betas[${i}] must be at least 0 and less than 1`, { betas });
    });
  }

  protected override get borrows(): boolean {
    return this.update === Adam.prototype.update;
  }

  protected override update(param: Tensor, grad: Tensor, state: ParamState, group: ParamGroup<AdamOptions>): void {
    const {
      betas: [beta1, beta2],
      eps,
      weightDecay,
      maximize,
    } = group;
    state.step = ((state.step as number | undefined) ?? 0) + 1;
    state.expAvg ??= zerosToKeep(param);
    state.expAvgSq ??= zerosToKeep(param);
    if (group.amsgrad) state.maxExpAvgSq ??= zerosToKeep(param);
    k.adam(
      param.array,
      grad.array,
      (state.expAvg as Tensor).array,
      (state.expAvgSq as Tensor).array,
      group.amsgrad ? (state.maxExpAvgSq as Tensor).array : null,
      { beta1, beta2, eps, weightDecay, decoupled: group.decoupledWeightDecay, maximize },
      group.lr,
      1 - beta1 ** state.step,
      1 - beta2 ** state.step,
    );
  }
}

/** Settings of {@link AdamW}: those of Adam; the weight decay is always decoupled. */
export type AdamWOptions = Omit<AdamOptions, "decoupledWeightDecay">;

/**
 * {@link Adam} with decoupled weight decay, 0.01 by default: θ ← θ − lr·weightDecay·θ before each step (torch.optim.AdamW).
 *
 * @see Loshchilov and Hutter (2019), Decoupled weight decay regularization
 */
export class AdamW extends Adam {
  static override readonly name: string = "AdamW";
  constructor(params: Params<AdamWOptions>, options: Partial<AdamWOptions> = {}) {
    super(params, options, { weightDecay: 1e-2, decoupledWeightDecay: true });
  }
}
