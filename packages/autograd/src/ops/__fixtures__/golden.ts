import { type Shape, sameShape, sizeOf } from "@tapegrad/tensor";
import { tensor } from "../../creation.ts";
import { gradcheck, gradgradcheck, type TensorFunction } from "../../gradcheck.ts";
import type { Tensor } from "../../tensor.ts";
import { reshape } from "../shape.ts";

/** A result that PyTorch has computed. */
export type Golden = readonly [shape: Shape, values: readonly number[]];

/** 0, 1, 2, ... as float32 in a shape. */
export function counted(...shape: number[]): Tensor {
  return reshape(tensor(Float32Array.from({ length: sizeOf(shape) }, (_, i) => i)), shape);
}

/** Different numbers between -2 and 2 without a pattern, as a float64 leaf that requires gradients. */
export function leaf(...shape: number[]): Tensor {
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, i) => (((i + 1) * 0.6180339887498949) % 1) * 4 - 2);
  return reshape(tensor(values), shape).detach().requiresGrad_();
}

/** What is wrong with a result; null: nothing. */
export function mismatch(found: Tensor, [shape, values]: Golden, tolerance = 0): string | null {
  if (!sameShape(found.shape, shape)) return `shape [${found.shape.join(", ")}] instead of [${shape.join(", ")}]`;
  const elements = found.toArray();
  const wrong = values.findIndex((value, i) => {
    const element = elements[i]!;
    return !(Object.is(element, value) || Math.abs(element - value) <= tolerance * Math.max(1, Math.abs(value)));
  });
  return wrong < 0
    ? null
    : `element ${wrong} is ${elements[wrong]} instead of ${values[wrong]}: [${elements.join(", ")}]`;
}

/** Compares gradients, and gradients of gradients, with central differences. */
export function checkGradients(fn: TensorFunction, inputs: readonly Tensor[]): boolean {
  return gradcheck(fn, inputs) && gradgradcheck(fn, inputs);
}
