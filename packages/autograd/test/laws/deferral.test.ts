import { defaultGenerator, lazyFrom } from "@tapegrad/tensor";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { noGrad, profile, randn, type Tensor, tensor, where } from "../../src/index.ts";

// enough for kernels in WebAssembly, which alone are deferred
const ROWS = 16;
const COLUMNS = 17;

afterEach(() => void lazyFrom());

/** Ops whose kernels can be deferred, and some that compute what they are given. */
const moves: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.sub(b.mul(0.5)),
  (a, b) => a.mul(b),
  (a) => a.relu(),
  (a) => a.neg(),
  (a, b) => a.maximum(b),
  (a) => a.clamp({ min: -1, max: 1.5 }),
  (a, b) => where(a.gt(b), a, b.mul(2)),
  (a, b) => where(a.gt(0).logicalAnd(b.le(0.25)), 1, b),
  (a) => a.gt(0).float(),
  (a) => a.tanh(),
  (a, b) => a.add(b).sigmoid(),
  (a) => a.clamp({ max: 3 }).exp(),
  (a) => a.add(a.sum(0)),
  (a, b) => a.matmul(b.t()).matmul(b).mul(0.05),
  (a) => a.cumsum(1),
  (a) => a.reshape(COLUMNS, ROWS).mul(2).reshape(ROWS, COLUMNS),
  (a) =>
    a
      .narrow(0, 1, ROWS - 1)
      .mul(3)
      .sum()
      .add(a),
  (a, b) => a.t().add(b.t()).t(),
];

/** What else a program does with one of its values. */
const acts: readonly ((value: Tensor, other: Tensor) => void)[] = [
  () => {},
  () => {},
  (value) => void value.mul_(0.5),
  (value, other) => void value.add_(other),
  (value, other) => void value.narrow(1, 2, 3).copy_(other.narrow(1, 0, 3)),
  (value) => void value.select(0, 2).zero_(),
  (value) => void value.array.data.fill(0.25, 3, 9),
  (value) => value.array.set(1, 2, -0.75),
  (value, other) => void value.data.add_(other),
];

interface Instruction {
  readonly move: number;
  readonly left: number;
  readonly right: number;
  readonly act: number;
  readonly actOn: number;
  readonly look: boolean;
  readonly hold: boolean;
}

const place = fc.nat({ max: 30 });
const instruction: fc.Arbitrary<Instruction> = fc.record({
  move: fc.nat({ max: moves.length - 1 }),
  left: place,
  right: place,
  act: fc.nat({ max: acts.length - 1 }),
  actOn: place,
  look: fc.boolean(),
  hold: fc.boolean(),
});

/** Runs a program without gradients, which changes values in all the ways there are; what it sees, bit for bit. */
function changing(program: readonly Instruction[]): number[][] {
  const seen: number[][] = [];
  const look = (value: Tensor): void => void seen.push([...value.toArray()]);
  defaultGenerator.manualSeed(7);
  noGrad(() => {
    const values = [randn(ROWS, COLUMNS), randn(ROWS, COLUMNS)];
    const held: ReturnType<Tensor["toArray"]>[] = [];
    for (const { move, left, right, act, actOn, look: looks, hold } of program) {
      const at = (i: number): Tensor => values[i % values.length]!;
      const value = moves[move]!(at(left), at(right));
      values.push(value);
      if (hold) held.push(value.array.data);
      acts[act]!(at(actOn), at(left + right));
      // somebody who keeps a typed array writes into it at any time
      for (const array of held) array[5] = (array[5] ?? 0) + 1;
      if (looks) look(value);
    }
    for (const value of values) look(value);
  });
  return seen;
}

/** Runs a program with gradients, twice over the same leaves. */
function differentiated(program: readonly Instruction[]): number[][] {
  const seen: number[][] = [];
  defaultGenerator.manualSeed(7);
  const leaves = [0, 1].map(() => randn([ROWS, COLUMNS], { requiresGrad: true }));
  for (let pass = 0; pass < 2; pass++) {
    const values: Tensor[] = [...leaves];
    for (const { move, left, right, look, hold } of program) {
      const value = moves[move]!(values[left % values.length]!, values[right % values.length]!);
      if (hold && value.requiresGrad) value.retainGrad();
      values.push(value);
      if (look) seen.push([...value.toArray()]);
    }
    const output = values.at(-1)!.sum().add(leaves[0]!.sum());
    if (pass === 0) output.backward();
    else output.backward(null, { createGraph: true });
    for (const { grad } of values) if (grad) seen.push([...grad.toArray()]);
  }
  return seen;
}

/** Whole numbers, so that sums are exact. */
const wave = Array.from({ length: 200 }, (_, i) => (i % 7) - 3);

describe("results that are computed later", () => {
  for (const [what, run] of Object.entries({ changing, differentiated })) {
    it(`have the same bits: a program of ${what} values, with and without`, () => {
      fc.assert(
        fc.property(fc.array(instruction, { minLength: 2, maxLength: 9 }), (program) => {
          lazyFrom(Number.POSITIVE_INFINITY);
          const expected = run(program);
          lazyFrom(1);
          // the third time, expressions have kernels of their own
          for (let time = 0; time < 3; time++) expect(run(program)).toEqual(expected);
        }),
      );
    });
  }

  it("are not computed before somebody asks", () => {
    lazyFrom(1);
    const x = tensor(wave).add(1);
    const y = x.relu().mul(2);
    expect(y.array.storage.elements).toBe(null);
    expect(y.tolist()).toEqual(wave.map((v) => 2 * Math.max(v + 1, 0)));
    expect(x.array.storage.elements).toBe(null); // it was a step on the way
    expect(x.tolist()).toEqual(wave.map((v) => v + 1));
  });

  it("keep what they read as it was when somebody writes there", () => {
    lazyFrom(1);
    const x = tensor(wave);
    const y = x.mul(2);
    x.add_(10);
    x.array.data[0] = 0;
    expect(x.tolist()).toEqual([0, ...wave.slice(1).map((v) => v + 10)]);
    expect(y.tolist()).toEqual(wave.map((v) => 2 * v));
  });

  it("are there after backward, and at once while somebody measures", () => {
    lazyFrom(1);
    const x = tensor(wave, { requiresGrad: true });
    x.mul(2).relu().sum().backward();
    expect(x.peekGrad()!.array.storage.pending).toBe(null);
    const { result } = profile(() => x.add(1));
    expect(result.array.storage.elements ?? result.array.storage.block).not.toBe(null);
  });

  it("are summed up without being kept, with the same bits, and are there for whoever asks for them", () => {
    for (const length of [3, 32, 4096, 8192 + 31, 20_007]) {
      const [x, y] = [randn(length), randn(length)];
      const run = (): number[][] => {
        const product = x.mul(y);
        const chain = product.add(1).relu();
        const found = [product.sum(), chain.mean(), chain.sum(), chain.mul(2).sum(0, { keepdim: true })];
        return [...found, product, chain].map((value) => [...value.toArray()]);
      };
      lazyFrom(Number.POSITIVE_INFINITY);
      const expected = run();
      lazyFrom(1);
      for (let time = 0; time < 4; time++) expect(run()).toEqual(expected);
      const sum = x.mul(y);
      sum.mean();
      expect(sum.array.storage.pending === null).toBe(length < 128); // short ones are computed at once
    }
  });

  it("do not pile up: a long chain is computed in stretches", () => {
    lazyFrom(1);
    let x = tensor(wave);
    for (let i = 0; i < 1000; i++) x = x.add(1);
    expect(x.tolist()).toEqual(wave.map((v) => v + 1000));
  });
});
