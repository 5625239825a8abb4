import { lazyFrom, poisonFreed, residentBytes, setNumThreads, TensorError, useResidence } from "@tapegrad/tensor";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  cat,
  conv2d,
  enableGrad,
  grad,
  layerNorm,
  linear,
  logSoftmax,
  maxPool2d,
  scaledDotProductAttention,
  softmax,
  type Tensor,
  tensor,
  zeros,
} from "./index.ts";

const ROWS = 24;
const COLUMNS = 32; // 768 elements: arrays of this size live in the kernels' memory
const IMAGES = [2, 3, 8, 16];

/** Ops from matrices to matrices of the same shape, of one or two operands. */
const moves: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.mul(b),
  (a) => a.add(a),
  (a) => a.tanh(),
  (a) => a.relu(),
  (a, b) => a.matmul(b.t()).matmul(b).mul(0.05),
  (a, b) => linear(a, cat([b, b.narrow(0, 0, 8)], 0), b.select(0, 0)),
  (a) => softmax(a, 1),
  (a) => logSoftmax(a, 0),
  (a, b) => layerNorm(a, [COLUMNS], b.select(0, 1), b.select(0, 2)),
  (a, b) => {
    const kernel = b.reshape(-1).narrow(0, 0, 81).reshape(3, 3, 3, 3);
    return conv2d(a.reshape(IMAGES), kernel, null, { padding: 1 }).reshape(ROWS, COLUMNS);
  },
  (a) => {
    const pooled = maxPool2d(a.reshape(IMAGES), 2);
    return cat([pooled, pooled, pooled, pooled], 0).reshape(ROWS, COLUMNS);
  },
  (a, b) => scaledDotProductAttention(a, b, a, { isCausal: true }),
  (a, b) => a.add(b.mean(1, { keepdim: true })),
  (a, b) => a.add(b.select(0, 3)),
  (a) => a.reshape(COLUMNS, ROWS).t().contiguous().sin(),
  (a) => a.double().mul(2).float(),
  (a, b) => cat([a.narrow(1, 0, 16), b.narrow(1, 16, 16)], 1),
  (a) => a.cumsum(0).mul(0.1),
  (a, b) => a.t().add(b.t()).t(),
];

/** What a program does with a value, besides computing on. */
const peeks = ["nothing", "keep", "raw", "hook", "raw hook", "replace", "retain", "nested", "fails", "grow"] as const;
const asks = ["backward", "backward", "twice", "grad", "createGraph", "dropped"] as const;
const afters = ["look", "look raw", "drop", "look and drop", "change", "leave"] as const;

const place = fc.nat({ max: 30 });
const instruction = fc.record({
  move: fc.nat({ max: moves.length - 1 }),
  left: place,
  right: place,
  peek: fc.oneof({ weight: 3, arbitrary: fc.constant("nothing" as const) }, fc.constantFrom(...peeks)),
});
const step = fc.record({
  instructions: fc.array(instruction, { minLength: 1, maxLength: 6 }),
  ask: fc.constantFrom(...asks),
  after: fc.constantFrom(...afters),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What a program has come to see. */
interface View {
  readonly bits: number[][];
  /** Tensors with their typed arrays, as somebody may hold them. */
  readonly held: { readonly tensor: Tensor; readonly raw: ArrayLike<number> }[];
}

/** Makes the memory of the kernels grow, if it has not been so large yet. */
function grow(times: number): void {
  const wide = zeros(2 ** times, 1100);
  wide.add(wide.t().contiguous().t());
}

function run(steps: readonly Step[]): View {
  const bits: number[][] = [];
  const held: View["held"] = [];
  const later: Tensor[] = [];
  const show = (one: Tensor): void => void bits.push([...one.toArray()]);
  const hold = (one: Tensor): void => void held.push({ tensor: one, raw: one.array.data });
  const numbers = (seed: number): number[][] =>
    Array.from({ length: ROWS }, (_, i) => Array.from({ length: COLUMNS }, (_, j) => Math.sin(seed + 7 * i + j)));
  const leaves = [1, 2, 3].map((seed) => tensor(numbers(seed), { requiresGrad: true }));
  for (const [at, { instructions, ask, after }] of steps.entries()) {
    const values = [...leaves];
    for (const { move, left, right, peek } of instructions) {
      const value = moves[move]!(values[left % values.length]!, values[right % values.length]!);
      values.push(value);
      if (peek === "keep") show(value);
      else if (peek === "raw") hold(value);
      else if (peek === "hook") {
        value.registerHook((g) => {
          show(g);
          later.push(g);
        });
      } else if (peek === "raw hook") value.registerHook((g) => hold(g));
      else if (peek === "replace") value.registerHook((g) => g.mul(2));
      else if (peek === "retain") value.retainGrad();
      else if (peek === "grow") value.registerHook(() => grow(6 + at));
      else if (peek === "fails") value.registerHook(() => void zeros(2).add(zeros(3)));
      else if (peek === "nested") {
        let inside = false;
        value.registerHook((g) => {
          if (inside) return;
          inside = true;
          enableGrad(() => value.mul(g).sum()).backward(null, { retainGraph: true });
          inside = false;
        });
      }
    }
    const output = values.at(-1)!.sum();
    try {
      if (ask === "backward") output.backward();
      else if (ask === "twice") {
        output.backward(null, { retainGraph: true });
        output.backward();
      } else if (ask === "createGraph") {
        const [slope] = grad(output, [leaves[0]!], undefined, { createGraph: true, allowUnused: true });
        if (slope?.requiresGrad) slope.mul(slope).sum().backward();
      } else if (ask === "grad") {
        for (const found of grad(output, values, undefined, { allowUnused: true })) if (found !== null) show(found);
      }
    } catch (error) {
      if (!(error instanceof TensorError)) throw error;
      bits.push([-1]);
    }
    for (const value of values.slice(leaves.length)) if (value.grad !== null) show(value.grad);
    for (const leaf of leaves) {
      if (after.startsWith("look") && leaf.grad !== null) (after === "look raw" ? hold : show)(leaf.grad);
      if (after === "change") leaf.grad?.mul_(0.5);
      if (after.endsWith("drop")) leaf.grad = null;
    }
  }
  for (const leaf of leaves) if (leaf.grad !== null) show(leaf.grad);
  for (const one of later) show(one);
  for (const { tensor } of held) show(tensor);
  return { bits, held };
}

const programs = fc.array(step, { minLength: 2, maxLength: 4 });

afterEach(() => {
  lazyFrom();
  useResidence(true);
  poisonFreed(false);
  setNumThreads(1);
});

/** Runs a program with arrays in the kernels' memory, and what was freed poisoned; with `results` those that users may hold live there too. */
function runResident(steps: readonly Step[], small: boolean, results = false): View {
  useResidence(small ? "small too" : true);
  lazyFrom(results ? 1 : undefined);
  poisonFreed(true);
  const view = run(steps);
  poisonFreed(false);
  lazyFrom();
  return view;
}

function runOutside(steps: readonly Step[]): View {
  useResidence(false);
  return run(steps);
}

describe("arrays in the kernels' memory", () => {
  it("change no bit of any result, and what somebody holds is never another's", () => {
    fc.assert(
      fc.property(programs, fc.boolean(), fc.boolean(), (steps, small, results) => {
        const { bits, held } = runResident(steps, small, results);
        expect(bits).toEqual(runOutside(steps).bits);
        // a typed array that was handed out is the tensor's own still
        for (const { tensor, raw } of held) expect(tensor.array.data === raw).toBe(true);
      }),
    );
  });

  it("stay what they are when threads come to share them", () => {
    const steps: Step[] = fc.sample(step, { numRuns: 3, seed: 5 });
    const expected = runOutside([...steps, ...steps]).bits;
    useResidence(true);
    const x = tensor(Array.from({ length: 5000 }, Math.sin), { requiresGrad: true });
    x.tanh().mul(x).sum().backward();
    expect(x.peekGrad()!.array.storage.block).not.toBeNull();
    lazyFrom(1);
    const result = x.exp();
    expect(result.array.storage.block).not.toBeNull();
    setNumThreads(2);
    const moved = [...x.peekGrad()!.toArray()];
    for (const results of [false, true]) {
      expect(runResident([...steps, ...steps], false, results).bits).toEqual(expected);
    }
    expect([...result.toArray()]).toEqual([...x.exp().array.data]);
    expect([...x.peekGrad()!.toArray()]).toEqual(moved);
    useResidence(false);
    const y = tensor(Array.from({ length: 5000 }, Math.sin), { requiresGrad: true });
    y.tanh().mul(y).sum().backward();
    expect([...y.grad!.toArray()]).toEqual(moved);
  });

  it("are given back by the last of the inputs that a gradient went to", () => {
    const weight = zeros(COLUMNS, COLUMNS, { requiresGrad: true });
    const leaf = tensor(Array.from({ length: ROWS * COLUMNS }, Math.sin), { requiresGrad: true });
    const step = (): number => {
      let x = leaf.view(ROWS, COLUMNS);
      for (let i = 0; i < 3; i++) x = x.add(linear(x, weight).add(x.relu()));
      x.mul(x).sum().backward();
      return residentBytes();
    };
    step();
    const after = step();
    for (let i = 0; i < 5; i++) expect(step()).toBe(after);
  });
});
