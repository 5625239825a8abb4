import { giveBack, takeArray } from "@tapegrad/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withInterpreter } from "./context.ts";
import { enableGrad, grad, noGrad, randn, softmax, type Tensor, tensor } from "./index.ts";
import { execute } from "./op.ts";

// more elements than V8 keeps among its own objects, so that arrays are pooled
const ROWS = 5;
const COLUMNS = 6;

/** Ops from matrices to matrices of the same shape, of one or two operands. */
const moves: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.mul(b),
  (a, b) => a.sub(b.mul(0.5)),
  (a) => a.tanh(),
  (a) => a.add(a),
  (a) => a.neg(),
  (a) => a.relu(),
  (a, b) => a.matmul(b.t()).matmul(b).mul(0.1),
  (a) => a.add(a.sum(0)),
  (a, b) => a.add(b.mean(1, { keepdim: true })),
  (a) => a.reshape(COLUMNS, ROWS).t().contiguous().sin(),
  (a) => a.double().mul(2).float(),
  (a) => softmax(a, 1),
  (a) =>
    a
      .reshape(-1)
      .unsqueeze(0)
      .expand(2, ROWS * COLUMNS)
      .sum(0)
      .view(ROWS, COLUMNS),
  (a, b) => a.t().add(b.t()).t(),
];

/** What a program does with each of its values, besides computing on. */
type Peek = "nothing" | "keep" | "hook" | "replace" | "retain" | "nested";

interface Instruction {
  readonly move: number;
  readonly left: number;
  readonly right: number;
  readonly peek: Peek;
}

interface Step {
  readonly instructions: readonly Instruction[];
  /** How the gradients are asked for. */
  readonly ask: "backward" | "twice" | "grad" | "createGraph";
  /** What becomes of the leaves' gradients afterwards. */
  readonly after: "look" | "drop" | "look and drop" | "leave";
}

const place = fc.nat({ max: 30 });
const instruction: fc.Arbitrary<Instruction> = fc.record({
  move: fc.nat({ max: moves.length - 1 }),
  left: place,
  right: place,
  peek: fc.constantFrom<Peek>("nothing", "nothing", "nothing", "keep", "hook", "replace", "retain", "nested"),
});
const step: fc.Arbitrary<Step> = fc.record({
  instructions: fc.array(instruction, { minLength: 1, maxLength: 7 }),
  ask: fc.constantFrom("backward", "backward", "twice", "grad", "createGraph"),
  after: fc.constantFrom("look", "drop", "look and drop", "leave"),
});

/** Takes a tensor that a program has come to hold, and whether it is a leaf's gradient, which later passes add to. */
type Show = (tensor: Tensor, ofLeaf?: boolean) => void;

/** Runs a program; everything that it shows goes to `show`. */
function run(steps: readonly Step[], show: Show): void {
  const numbers = (seed: number): number[][] =>
    Array.from({ length: ROWS }, (_, i) => Array.from({ length: COLUMNS }, (_, j) => Math.sin(seed + 7 * i + j)));
  const leaves = [1, 2, 3].map((seed) => tensor(numbers(seed), { requiresGrad: true }));
  const seen = new Set<Tensor>();
  const look = (): void => {
    for (const { grad } of leaves) {
      if (grad === null) continue;
      show(grad, true);
      seen.add(grad);
    }
  };
  // what was shown before may have been added to since, as in torch: it counts as it is now
  const lookAgain = (): void => {
    for (const leaf of leaves) if (seen.has(leaf.peekGrad()!)) show(leaf.grad!, true);
  };
  for (const { instructions, ask, after } of steps) {
    const values = [...leaves];
    for (const { move, left, right, peek } of instructions) {
      const value = moves[move]!(values[left % values.length]!, values[right % values.length]!);
      values.push(value);
      if (peek === "keep") show(value);
      else if (peek === "hook") value.registerHook((g) => show(g));
      else if (peek === "replace") value.registerHook((g) => g.mul(2));
      else if (peek === "retain") value.retainGrad();
      else if (peek === "nested") {
        let inside = false; // the inner pass comes by here too
        value.registerHook((g) => {
          if (inside) return;
          inside = true;
          const inner = enableGrad(() => value.mul(g).sum());
          inner.backward(null, { retainGraph: true });
          lookAgain();
          inside = false;
        });
      }
    }
    const output = values.at(-1)!.sum();
    if (ask === "backward") output.backward();
    else if (ask === "twice") {
      output.backward(null, { retainGraph: true });
      output.backward();
    } else if (ask === "createGraph") output.backward(null, { createGraph: true });
    else for (const found of grad(output, values, undefined, { allowUnused: true })) if (found !== null) show(found);
    for (const value of values.slice(leaves.length)) if (value.grad !== null) show(value.grad);
    lookAgain();
    if (after.startsWith("look")) look();
    if (after.endsWith("drop")) for (const leaf of leaves) leaf.grad = null;
  }
  look();
}

const bits = (shown: readonly Tensor[]): number[][] => shown.map((one) => [...one.toArray()]);

describe("arrays that are used again", () => {
  it("are never among those that a program has been shown", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 4 }), (steps) => {
        const shown: Tensor[] = [];
        const settled: number[][] = [];
        const places = new Map<unknown, number[]>(); // of leaves' gradients
        run(steps, (one, ofLeaf = false) => {
          const numbers = [...one.toArray()];
          const { storage } = one.array;
          const earlier = ofLeaf ? (places.get(storage) ?? []) : [];
          for (const i of earlier) settled[i] = numbers;
          if (ofLeaf) places.set(storage, [...earlier, shown.length]);
          shown.push(one);
          settled.push(numbers);
        });
        expect(bits(shown)).toEqual(settled);
      }),
    );
  });

  it("change no result: the same program, watched so that nothing is used again, gives the same bits", () => {
    const watcher = { apply: execute, created: () => {}, wrote: () => {} };
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 4 }), (steps) => {
        const [recycled, fresh]: [number[][], number[][]] = [[], []];
        run(steps, (one) => recycled.push([...one.toArray()]));
        withInterpreter(watcher, () => run(steps, (one) => fresh.push([...one.toArray()])));
        expect(recycled).toEqual(fresh);
      }),
    );
  });

  it("are there: the gradients of a step take those of the step before", () => {
    const x = tensor(Array.from({ length: 1003 }, Math.sin), { requiresGrad: true });
    const step = (): void => x.tanh().sin().sum().backward();
    step();
    const held = x.peekGrad()!.array.data;
    x.grad = null;
    expect(takeArray("float32", 1003)).toBe(held);
    giveBack(held);
    step();
    const seen = x.grad!.array.data;
    x.grad = null;
    expect(takeArray("float32", 1003)).not.toBe(seen);
  });

  it("leave alone what a reader of grad holds, and what is not the engine's", () => {
    const x = tensor(Array.from({ length: 501 }, Math.cos), { requiresGrad: true });
    const given = tensor(Array.from({ length: 501 }, Math.sin));
    x.grad = given;
    x.grad = null;
    expect(takeArray("float32", 501)).not.toBe(given.array.data);
    x.mul(2).backward(given);
    const held = x.grad!;
    const before = [...held.toArray()];
    x.grad = null;
    for (let i = 0; i < 3; i++) {
      x.exp().sum().backward();
      x.grad = null;
    }
    expect([...held.toArray()]).toEqual(before);
    expect([...noGrad(() => given.mul(2)).toArray()]).toEqual(before);
  });
});

describe("views of parts", () => {
  it("add their gradients in one place, and to nothing that is shown", () => {
    const x = randn([4, 6], { requiresGrad: true });
    const shown: Tensor[] = [];
    const run = (hook: boolean): Tensor => {
      x.grad = null;
      const y = x.mul(2);
      if (hook) y.registerHook((g) => void shown.push(g));
      const parts = [y.narrow(1, 0, 2), y.narrow(1, 2, 2), y.narrow(1, 1, 4), y.select(0, 1), y];
      const sums = parts.map((part, i) => part.mul(i + 1).sum());
      sums.reduce((a, b) => a.add(b)).backward();
      return x.grad!.clone();
    };
    const [plain, hooked] = [run(false), run(true)];
    expect(hooked.toArray()).toEqual(plain.toArray());
    const kept = shown[0]!.clone();
    expect(kept.mul(2).toArray()).toEqual(plain.toArray());
    run(true);
    expect(shown[0]!.toArray()).toEqual(kept.toArray());
    const again = grad(
      [
        x
          .narrow(0, 1, 2)
          .sum()
          .add(x.narrow(0, 0, 2).sum()),
      ],
      [x],
    )[0]!;
    expect([...again.sum(1).toArray()]).toEqual([6, 12, 6, 0]);
  });
});
