import { fail } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { squeeze, unsqueeze } from "./shape.ts";

/** One number for both directions, or one for each: vertical, horizontal. */
export type Both = number | readonly [number] | readonly [vertical: number, horizontal: number];

/** One number, alone or in a list. */
export type One = number | readonly [number];

/** A number for the vertical direction and one for the horizontal. */
export type Pair = readonly [vertical: number, horizontal: number];

/** Reads an option for both directions: whole numbers of at least `least`. */
export function pairOf(where: string, name: string, value: Both, least: number): Pair {
  const [vertical, horizontal = vertical] = typeof value === "number" ? [value] : value;
  if (![vertical, horizontal].every((n) => Number.isInteger(n) && n >= least)) {
    const problem = `${name} must be a whole number of at least ${least}, or two of them`;
    fail("invalid_option", where, problem, { [name]: value });
  }
  return [vertical, horizontal];
}

/** Reads an option for the one direction of a 1-d window, as one for two: the other has `otherwise`. */
export function lineOf(value: One, otherwise: number): Pair {
  return [otherwise, typeof value === "number" ? value : value[0]];
}

/** A tensor as a batch of images, and the way back to its own rank. */
export interface Images {
  /** [N, C, H, W] */
  readonly images: Tensor;
  readonly restore: (images: Tensor) => Tensor;
}

/** Images [N, C, H, W], or a single one, [C, H, W], as a batch. */
export function imagesOf(where: string, input: Tensor): Images {
  if (input.ndim === 4) return { images: input, restore: (images) => images };
  if (input.ndim === 3) return { images: unsqueeze(input, 0), restore: (images) => squeeze(images, 0) };
  return fail("invalid_shape", where, "the input must have the shape [N, C, H, W] or [C, H, W]", {
    input: input.shape,
  });
}

/** Signals [N, C, L], or a single one, [C, L], as images of height 1. */
export function signalsOf(where: string, input: Tensor): Images {
  if (input.ndim !== 2 && input.ndim !== 3) {
    fail("invalid_shape", where, "the input must have the shape [N, C, L] or [C, L]", { input: input.shape });
  }
  const { images, restore } = imagesOf(where, unsqueeze(input, -2));
  return { images, restore: (result) => squeeze(restore(result), -2) };
}
