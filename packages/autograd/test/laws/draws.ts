import { type DType, isFloating, NDArray, Storage } from "@tapegrad/tensor";
import fc from "fast-check";
import { type BackwardOptions, grad, Tensor } from "../../src/index.ts";
import type { InputSample, Sample } from "./sample.ts";

const MARGIN = 1 / 16;

const length = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Values for an input of a sample, exact in float32, so that runs in both precisions see the same numbers. */
export function valuesOf(input: InputSample): fc.Arbitrary<number[]> {
  const { shape, dtype, distinct = false, lattice, avoid = [] } = input;
  const [min, max] = input.range ?? (dtype === "bool" ? [0, 1] : [-2, 2]);
  const count = length(shape);
  const list = (one: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(one, { minLength: count, maxLength: count });
  const whole = dtype === "int32" || dtype === "bool";
  if (distinct) {
    const place = (i: number): number => (whole ? min + i : apart(min + ((max - min) * (i + 0.5)) / count, avoid));
    const places = Array.from({ length: count }, (_, i) => i);
    return fc
      .shuffledSubarray(places, { minLength: count, maxLength: count })
      .map((order) => order.map((i) => Math.fround(place(i))));
  }
  if (whole) return list(fc.integer({ min, max }));
  if (lattice !== undefined) {
    const [step, offset] = lattice;
    const steps = { min: Math.ceil((min - offset) / step), max: Math.floor((max - offset) / step) };
    return list(fc.integer(steps).map((n) => Math.fround(offset + n * step)));
  }
  return list(fc.double({ min, max, noNaN: true }).map((value) => Math.fround(apart(value, avoid))));
}

/** The value, or the nearest one that keeps its distance from all kinks. */
function apart(value: number, kinks: readonly number[]): number {
  const near = kinks.find((kink) => Math.abs(value - kink) < MARGIN);
  return near === undefined ? value : near + (value < near ? -MARGIN : MARGIN);
}

/** Values for all inputs of a sample. */
export const draws = ({ inputs }: Sample): fc.Arbitrary<number[][]> =>
  fc.tuple(...inputs.map(valuesOf)) as fc.Arbitrary<number[][]>;

/** The inputs of a sample as tensors, with `float` where they are floating-point. */
export const tensorsOf = ({ inputs }: Sample, values: readonly number[][], float: DType): Tensor[] =>
  inputs.map(({ shape, dtype = float }, i) => tensorOf(values[i]!, shape, dtype));

/** The same, tracked where a gradient flows. */
export const leavesOf = (sample: Sample, values: readonly number[][], float: DType): Tensor[] =>
  tensorsOf(sample, values, float).map((input, i) => tracked(input, sample.inputs[i]!));

const tracked = (input: Tensor, { constant = false }: InputSample): Tensor =>
  isFloating(input.dtype) && !constant ? input.requiresGrad_() : input;

/** A contiguous tensor. */
export function tensorOf(values: ArrayLike<number>, shape: readonly number[], dtype: DType): Tensor {
  return new Tensor(NDArray.of(values, shape, dtype));
}

/** The same values in another memory layout: reversed, with gaps, dimensions in the opposite order. */
export function scattered({ array }: Tensor): Tensor {
  const { shape, dtype } = array;
  const stride: number[] = [];
  let [step, offset] = [2, 1];
  shape.forEach((size, d) => {
    const sign = d % 2 === 0 ? -1 : 1;
    stride.push(sign * step);
    if (sign < 0) offset += step * Math.max(0, size - 1);
    step *= Math.max(1, size);
  });
  const storage = new Storage(NDArray.zeros([step + 2], dtype).data);
  const view = new NDArray(storage, shape, stride, offset, dtype);
  const source = array.toArray();
  for (let i = 0; i < source.length; i++) {
    let [rest, at] = [i, offset];
    for (let d = shape.length - 1; d >= 0; d--) {
      at += (rest % shape[d]!) * stride[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    storage.array[at] = source[i]!;
  }
  return new Tensor(view);
}

/** A computation that gives, beside its value, the gradients of all inputs where one flows: 0 where none arrives. */
export function withGradients(
  { inputs }: Sample,
  compute: (...leaves: Tensor[]) => Tensor,
  options: BackwardOptions = {},
): (...tensors: Tensor[]) => Tensor[] {
  return (...tensors) => {
    const leaves = tensors.map((input, i) => tracked(input.detach(), inputs[i]!));
    const wanted = leaves.filter((leaf) => leaf.requiresGrad);
    const value = compute(...leaves);
    if (!value.requiresGrad) return [value];
    const gradients = grad(value, wanted, [spread(value)], { ...options, allowUnused: true });
    return [value.detach(), ...gradients.map((gradient, i) => gradient ?? wanted[i]!.detach().mul(0))];
  };
}

/** Numbers between -1 and 1 without a pattern that could hide an error, as the gradient of a result. */
export function spread({ shape, dtype }: Tensor): Tensor {
  const values = Array.from({ length: length(shape) }, (_, i) => Math.fround((((i + 1) * 0.618034) % 1) * 2 - 1));
  return tensorOf(values, shape, dtype);
}
