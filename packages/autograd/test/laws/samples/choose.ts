import { tensor } from "../../../src/index.ts";
import type * as ops from "../../../src/ops/choose.ts";
import { map, read } from "../elements.ts";
import { elementwise, type InputSample, type Samples } from "../sample.ts";

/** Never equal to each other, nor in any order: bounds cross too. */
const BOUNDED: readonly InputSample[] = [
  { shape: [2, 3], lattice: [0.75, 0] },
  { shape: [3], lattice: [0.75, 0.25] },
  { shape: [2, 1], lattice: [0.75, 0.5] },
];

const clamp = (x: number, min: number, max: number): number => Math.min(Math.max(x, min), max);

const nanToNum =
  (nan: number, posinf: number, neginf: number) =>
  (x: number): number =>
    Number.isNaN(x) ? nan : x === Number.POSITIVE_INFINITY ? posinf : x === Number.NEGATIVE_INFINITY ? neginf : x;

const LARGEST = (2 - 2 ** -23) * 2 ** 127;

const THREE: readonly InputSample[] = [{ shape: [2, 3] }, { shape: [3] }, { shape: [2, 1] }];
const QUOTIENT: readonly InputSample[] = [{ shape: [2, 3] }, { shape: [3] }, { shape: [2, 1], range: [0.5, 2] }];

const { fround } = Math;

/** Every step is rounded to float32, and may overflow there. */
const lerp32 = (a: number, b: number, weight: number): number => {
  const span = fround(b - a);
  return Math.abs(weight) < 0.5 ? a + fround(weight * span) : b - fround(span * fround(1 - weight));
};
const product32 = (a: number, b: number, c: number): number => a + fround(b * c);
const scaledProduct32 = (a: number, b: number, c: number): number => a + fround(fround(b * -0.5) * c);
const quotient32 = (a: number, b: number, c: number): number => a + fround(b / c);
const scaledQuotient32 = (a: number, b: number, c: number): number => a + fround(fround(b * -0.5) / c);

/** Choices between elements, bounds, and sums with factors. */
export const choose: Samples<typeof ops> = {
  where: [
    elementwise((cond, a, b) => (cond !== 0 ? a : b), {
      inputs: [{ shape: [2, 3], dtype: "bool" }, { shape: [3] }, { shape: [2, 1] }],
    }),
    elementwise((cond, a) => (cond !== 0 ? a : 0.5), {
      title: "a number",
      inputs: [{ shape: [2, 1], dtype: "bool" }, { shape: [3] }],
      call: (where, cond, a) => where(cond, a, 0.5),
    }),
  ],
  clamp: [
    elementwise((x) => clamp(x, -0.5, 1), { avoid: [-0.5, 1], call: (clamp, x) => clamp(x, -0.5, 1) }),
    elementwise((x) => Math.min(x, 1), { title: "above", avoid: [1], call: (clamp, x) => clamp(x, { max: 1 }) }),
    elementwise(clamp, { title: "by tensors", inputs: BOUNDED }),
  ],
  clampMin: [
    elementwise((x) => Math.max(x, 0.5), { avoid: [0.5], call: (clampMin, x) => clampMin(x, 0.5) }),
    elementwise((x, min) => Math.max(x, min), { title: "by a tensor", inputs: BOUNDED.slice(0, 2) }),
  ],
  clampMax: [
    elementwise((x) => Math.min(x, 0.5), { avoid: [0.5], call: (clampMax, x) => clampMax(x, 0.5) }),
    elementwise((x, max) => Math.min(x, max), { title: "by a tensor", inputs: BOUNDED.slice(0, 2) }),
  ],
  maskedFill: [
    elementwise((x, masked) => (masked !== 0 ? -1.5 : x), {
      inputs: [{ shape: [2, 3] }, { shape: [3], dtype: "bool" }],
      call: (maskedFill, x, mask) => maskedFill(x, mask, -1.5),
    }),
    {
      title: "with a tensor",
      inputs: [{ shape: [2, 3] }, { shape: [] }],
      call: (maskedFill, x, value) => maskedFill(x, tensor([[true], [false]]), value),
      define: (x, value) => map(x, (element, i) => (i < 3 ? read(value) : element)),
      empty: [[2, 0], []],
    },
  ],
  nanToNum: [
    elementwise((x) => x, { extremes: nanToNum(0, LARGEST, -LARGEST) }),
    elementwise((x) => x, {
      title: "with numbers",
      extremes: nanToNum(1, 2, 3),
      call: (nanToNum, x) => nanToNum(x, { nan: 1, posinf: 2, neginf: 3 }),
    }),
  ],
  lerp: [
    elementwise((a, b, weight) => a + weight * (b - a), { scale: "largest", extremes: lerp32 }),
    elementwise((a, b) => a + 0.25 * (b - a), {
      title: "near the start",
      extremes: (a, b) => lerp32(a, b, 0.25),
      scale: "largest",
      call: (lerp, a, b) => lerp(a, b, 0.25),
    }),
    elementwise((a, b) => a + 0.75 * (b - a), {
      title: "near the end",
      extremes: (a, b) => lerp32(a, b, 0.75),
      scale: "largest",
      call: (lerp, a, b) => lerp(a, b, 0.75),
    }),
  ],
  addcmul: [
    elementwise((a, b, c) => a + b * c, { inputs: THREE, scale: "largest", extremes: product32 }),
    elementwise((a, b, c) => a - 0.5 * b * c, {
      title: "with a factor",
      inputs: THREE,
      scale: "largest",
      extremes: scaledProduct32,
      call: (addcmul, a, b, c) => addcmul(a, b, c, { value: -0.5 }),
    }),
  ],
  addcdiv: [
    elementwise((a, b, c) => a + b / c, { inputs: QUOTIENT, scale: "largest", extremes: quotient32 }),
    elementwise((a, b, c) => a - (0.5 * b) / c, {
      title: "with a factor",
      inputs: QUOTIENT,
      scale: "largest",
      extremes: scaledQuotient32,
      call: (addcdiv, a, b, c) => addcdiv(a, b, c, { value: -0.5 }),
    }),
  ],
};
