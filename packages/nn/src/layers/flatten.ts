import { flatten, type Tensor, unflatten } from "@tapegrad/autograd";
import type { Shape } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import { python } from "../python.ts";

/** Dimensions `startDim` to `endDim` as one; by default all but the first (torch.nn.Flatten). */
export class Flatten extends Module {
  static override readonly name: string = "Flatten";
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return flatten(input, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** One dimension as several, one of which may be -1 (torch.nn.Unflatten). */
export class Unflatten extends Module {
  static override readonly name: string = "Unflatten";
  readonly dim: number;
  readonly unflattenedSize: Shape;

  constructor(dim: number, unflattenedSize: Shape) {
    super();
    this.dim = dim;
    this.unflattenedSize = [...unflattenedSize];
  }

  override forward(input: Tensor): Tensor {
    return unflatten(input, this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${python(this.unflattenedSize)}`;
  }
}
