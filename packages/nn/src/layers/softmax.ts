import { logSoftmax, softmax, softmin, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import { python } from "../python.ts";

/** A layer that works along one dimension. */
abstract class AlongDim extends Module {
  /** The dimension along which the results add up; null: as torch guesses it, 0 for inputs of 0, 1 or 3 dimensions, else 1. */
  readonly dim: number | null;

  constructor(dim: number | null = null) {
    super();
    this.dim = dim;
  }

  /** The dimension, guessed as torch does where none was given. */
  protected dimFor(input: Tensor): number {
    return this.dim ?? ([0, 1, 3].includes(input.ndim) ? 0 : 1);
  }

  override extraRepr(): string {
    return `dim=${python(this.dim)}`;
  }
}

/** e^x over its sum along a dimension (torch.nn.Softmax). */
export class Softmax extends AlongDim {
  static override readonly name: string = "Softmax";
  override forward(input: Tensor): Tensor {
    return softmax(input, this.dimFor(input));
  }
}

/** The logarithm of {@link Softmax} (torch.nn.LogSoftmax). */
export class LogSoftmax extends AlongDim {
  static override readonly name: string = "LogSoftmax";
  override forward(input: Tensor): Tensor {
    return logSoftmax(input, this.dimFor(input));
  }
}

/** {@link Softmax} of −x (torch.nn.Softmin). */
export class Softmin extends AlongDim {
  static override readonly name: string = "Softmin";
  override forward(input: Tensor): Tensor {
    return softmin(input, this.dimFor(input));
  }
}

/** {@link Softmax} over the channels of each place: input [N, C, H, W] or [C, H, W] (torch.nn.Softmax2d). */
export class Softmax2d extends Module {
  static override readonly name: string = "Softmax2d";
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      fail("invalid_shape", "Softmax2d", "the input must have 3 or 4 dimensions", { input: input.shape });
    }
    return softmax(input, -3);
  }
}
