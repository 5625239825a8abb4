import type { Tensor } from "@tapegrad/autograd";
import { Module } from "../module.ts";
import { withDefaults } from "../options.ts";

/** Options of layers that may overwrite what they are given. */
export interface InplaceOptions {
  /** Overwrite the input with the result, so that others who hold it see the change. @defaultValue false */
  readonly inplace?: boolean;
}

/** A layer that works element by element and may overwrite its input. */
export abstract class Elementwise extends Module {
  static override readonly name: string = "Elementwise";
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = withDefaults(new.target.name, options, { inplace: false }).inplace;
  }

  /** The result, in a tensor of its own. */
  protected abstract compute(input: Tensor): Tensor;

  override forward(input: Tensor): Tensor {
    // computed from a copy, because gradients may need the elements that are about to be overwritten
    return this.inplace ? input.copy_(this.compute(input.clone())) : this.compute(input);
  }

  /** The settings to print, but for `inplace`. */
  protected settings(): string[] {
    return [];
  }

  override extraRepr(): string {
    return [...this.settings(), ...(this.inplace ? ["inplace=True"] : [])].join(", ");
  }
}
