/** A small language for definitions: arrays of numbers in plain JavaScript, row-major, each with its shape. */
export interface Elements {
  readonly values: readonly number[];
  readonly shape: readonly number[];
}

type Shape = readonly number[];

const product = (sizes: Shape): number => sizes.reduce((a, b) => a * b, 1);

/** The elements of a shape, each from its index. */
export function build(shape: Shape, element: (...index: number[]) => number): Elements {
  const index = shape.map(() => 0);
  const values = Array.from({ length: product(shape) }, () => {
    const value = element(...index);
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0;
    return value;
  });
  return { values, shape };
}

/** A 0-d array. */
export const number = (value: number): Elements => ({ values: [value], shape: [] });

/** A vector. */
export const vector = (values: readonly number[]): Elements => ({ values, shape: [values.length] });

/** An array with the same elements under another shape. */
export const shaped = ({ values }: Elements, ...shape: number[]): Elements => ({ values, shape });

/** The element at an index that may have further dimensions in front; sizes of 1 broadcast. */
export function read({ values, shape }: Elements, ...index: number[]): number {
  const lead = index.length - shape.length;
  return values[shape.reduce((at, size, d) => at * size + (size === 1 ? 0 : index[d + lead]!), 0)]!;
}

/** The element at an index, and 0 outside the array. */
export function readPadded(a: Elements, ...index: number[]): number {
  return index.every((i, d) => i >= 0 && i < a.shape[d]!) ? read(a, ...index) : 0;
}

/** The shape to which shapes broadcast. */
export function broadcast(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, d) => {
    const sizes = shapes.map((shape) => shape[d - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

/** A function of elements as one of arrays, with broadcasting. */
export function perElement(scalar: (...values: number[]) => number): (...inputs: Elements[]) => Elements {
  return (...inputs) =>
    build(broadcast(...inputs.map(({ shape }) => shape)), (...index) =>
      scalar(...inputs.map((input) => read(input, ...index))),
    );
}

/** Each element by a function of its value and its place. */
export function map(a: Elements, f: (value: number, i: number) => number): Elements {
  return { values: a.values.map(f), shape: a.shape };
}

/** Every line along a dimension replaced by another, which may have another length. */
export function along(a: Elements, dim: number, f: (line: number[]) => readonly number[]): Elements {
  const inner = product(a.shape.slice(dim + 1));
  const outer = product(a.shape.slice(0, dim));
  const size = a.shape[dim]!;
  const lines: (readonly number[])[] = [];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      lines.push(f(Array.from({ length: size }, (_, n) => a.values[(o * size + n) * inner + i]!)));
    }
  }
  const length = lines[0]?.length ?? f(new Array<number>(size).fill(0)).length;
  const values = Array.from({ length: outer * length * inner }, (_, at) => {
    const [o, n, i] = [Math.floor(at / (length * inner)), Math.floor(at / inner) % length, at % inner];
    return lines[o * inner + i]![n]!;
  });
  return { values, shape: a.shape.map((n, d) => (d === dim ? length : n)) };
}

/** Dimensions, all by default, reduced to one number each; `keepdim` keeps them with size 1. */
export function fold(
  a: Elements,
  f: (group: number[]) => number,
  dims: readonly number[] = a.shape.map((_, d) => d),
  keepdim = false,
): Elements {
  const kept = a.shape.map((size, d) => (dims.includes(d) ? 1 : size));
  const groups = Array.from({ length: product(kept) }, (): number[] => []);
  build(a.shape, (...index) => {
    const at = kept.reduce((place, size, d) => place * size + (size === 1 ? 0 : index[d]!), 0);
    groups[at]!.push(read(a, ...index));
    return 0;
  });
  return { values: groups.map(f), shape: keepdim ? kept : a.shape.filter((_, d) => !dims.includes(d)) };
}

/** Σ of all values. */
export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Σ over their number: NaN of none. */
export const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Mean squared distance from the mean, with the divisor less a correction. */
export const variance = (values: readonly number[], correction = 0): number =>
  sum(values.map((x) => (x - mean(values)) ** 2)) / Math.max(0, values.length - correction);

/** Dimensions in another order. */
export function permuted(a: Elements, ...order: number[]): Elements {
  return build(
    order.map((d) => a.shape[d]!),
    (...index) => read(a, ...a.shape.map((_, d) => index[order.indexOf(d)]!)),
  );
}

/** Some of the indices along a dimension. */
export function picked(a: Elements, dim: number, indices: readonly number[]): Elements {
  return along(a, dim, (line) => indices.map((i) => line[i]!));
}

/** Summed down to a shape that broadcasts to that of the array. */
export function sumTo(a: Elements, shape: Shape): Elements {
  const lead = a.shape.length - shape.length;
  const dims = a.shape.map((_, d) => d).filter((d) => d < lead || shape[d - lead] === 1);
  return { values: fold(a, sum, dims).values, shape };
}
