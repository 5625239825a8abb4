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

/** Settings of {@link SGD}. */
export interface SGDOptions extends BaseSettings {
  /** Learning rate. @defaultValue 1e-3 */
  readonly lr: number;
  /** How much of the last direction is kept. @defaultValue 0 */
  readonly momentum: number;
  /** How much of the gradient is kept out of the direction. @defaultValue 0 */
  readonly dampening: number;
  /** L2 penalty: added to the gradient, times the parameter. @defaultValue 0 */
  readonly weightDecay: number;
  /** Whether to look ahead along the direction (Nesterov). @defaultValue false */
  readonly nesterov: boolean;
  /** Whether to climb instead of descend. @defaultValue false */
  readonly maximize: boolean;
}

/**
 * Stochastic gradient descent, with momentum (torch.optim.SGD).
 *
 * g ← ∇ + weightDecay·θ; b ← momentum·b + (1 − dampening)·g; θ ← θ − lr·b, or θ − lr·(g + momentum·b) with Nesterov.
 *
 * @throws TensorError `invalid_option` for negative settings, or Nesterov without momentum or with dampening
 * @see Sutskever et al. (2013), On the importance of initialization and momentum in deep learning
 */
export class SGD extends Optimizer<SGDOptions> {
  static override readonly name: string = "SGD";
  constructor(params: Params<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(params, options, { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false });
  }

  protected override check({ lr, momentum, dampening, weightDecay, nesterov }: SGDOptions): void {
    if (lr < 0) fail("invalid_option", "SGD", "lr must be at least 0", { lr });
    atLeastZero("SGD", { momentum, weightDecay });
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      fail("invalid_option", "SGD", "Nesterov needs momentum, and no dampening", { momentum, dampening });
    }
  }

  protected override get borrows(): boolean {
    return this.update === SGD.prototype.update;
  }

  protected override update(param: Tensor, grad: Tensor, state: ParamState, group: ParamGroup<SGDOptions>): void {
    const first = state.momentumBuffer === undefined;
    if (first && group.momentum !== 0) state.momentumBuffer = zerosToKeep(param);
    const buffer = group.momentum === 0 ? null : (state.momentumBuffer as Tensor).array;
    k.sgd(param.array, grad.array, buffer, group, group.lr, first);
  }
}
