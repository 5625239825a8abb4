import { type DrawOptions, dropout, dropout1d, dropout2d, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { drawing } from "../init/drawing.ts";
import { Module } from "../module.ts";
import { withDefaults } from "../options.ts";
import { python } from "../python.ts";
import type { InplaceOptions } from "./elementwise.ts";

/** Options of the dropout layers. */
export interface DropoutLayerOptions extends InplaceOptions, DrawOptions {}

/** What the dropout layers have in common. */
export abstract class DropoutNd extends Module {
  static override readonly name: string = "DropoutNd";
  readonly p: number;
  readonly inplace: boolean;
  readonly #draw: DrawOptions;

  /** @param p the probability that an element, or a channel, is set to zero. Default 0.5 */
  constructor(p = 0.5, options: DropoutLayerOptions = {}) {
    super();
    const where = new.target.name;
    if (!(p >= 0 && p <= 1)) fail("invalid_option", where, "the probability must lie in [0, 1]", { p });
    const { inplace, generator } = withDefaults(where, options, { inplace: false, generator: undefined });
    this.p = p;
    this.inplace = inplace;
    this.#draw = drawing(generator);
  }

  /** The result, in a tensor of its own. */
  protected abstract drop(input: Tensor, options: DrawOptions): Tensor;

  override forward(input: Tensor): Tensor {
    if (!this.inplace || !this.training) return this.drop(input, this.#draw);
    return input.copy_(this.drop(input.clone(), this.#draw));
  }

  override extraRepr(): string {
    return `p=${python(this.p)}, inplace=${python(this.inplace)}`;
  }
}

/** In training, elements set to zero with probability p, the others divided by 1 − p (torch.nn.Dropout; Srivastava et al. 2014). */
export class Dropout extends DropoutNd {
  static override readonly name: string = "Dropout";
  protected override drop(input: Tensor, options: DrawOptions): Tensor {
    return dropout(input, this.p, this.training, options);
  }
}

/** {@link Dropout} of whole channels of signals [N, C, L] or [C, L] (torch.nn.Dropout1d). */
export class Dropout1d extends DropoutNd {
  static override readonly name: string = "Dropout1d";
  protected override drop(input: Tensor, options: DrawOptions): Tensor {
    return dropout1d(input, this.p, this.training, options);
  }
}

/** {@link Dropout} of whole channels of images [N, C, H, W] (torch.nn.Dropout2d; Tompson et al. 2015). */
export class Dropout2d extends DropoutNd {
  static override readonly name: string = "Dropout2d";
  protected override drop(input: Tensor, options: DrawOptions): Tensor {
    return dropout2d(input, this.p, this.training, options);
  }
}
