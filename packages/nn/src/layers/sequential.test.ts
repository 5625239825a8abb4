import { enableGrad, grad, noGrad, randn, type Tensor } from "@tapegrad/autograd";
import { manualSeed, poisonFreed, TensorError, takeArray, useResidence } from "@tapegrad/tensor";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Module } from "../module.ts";
import { Sigmoid, Tanh } from "./activations.ts";
import { Linear } from "./linear.ts";
import { ReLU } from "./rectifiers.ts";
import { type Layer, Sequential } from "./sequential.ts";
import { isSingleOp } from "./singleOp.ts";

const WIDTH = 6;
const ROWS = 5; // 30 elements: arrays of this size are used again

/** Keeps all that it sees, as a user's layer may. */
class Keeper extends Module {
  readonly #show: (tensor: Tensor) => void;
  constructor(show: (tensor: Tensor) => void) {
    super();
    this.#show = show;
  }
  override forward(input: Tensor): Tensor {
    this.#show(input);
    return input;
  }
}

class KeepingTanh extends Tanh {
  readonly #show: (tensor: Tensor) => void;
  constructor(show: (tensor: Tensor) => void) {
    super();
    this.#show = show;
  }
  override forward(input: Tensor): Tensor {
    const output = super.forward(input);
    this.#show(input);
    this.#show(output);
    return output;
  }
}

const kinds = [
  "linear",
  "frozen",
  "relu",
  "inplace",
  "tanh",
  "sigmoid",
  "keeper",
  "keepingTanh",
  "hooked",
  "nested",
] as const;
type Kind = (typeof kinds)[number];

function layerOf(kind: Kind, show: (tensor: Tensor) => void): Layer {
  switch (kind) {
    case "linear":
      return new Linear(WIDTH, WIDTH);
    case "frozen":
      return new Linear(WIDTH, WIDTH).requiresGrad_(false);
    case "relu":
      return new ReLU();
    case "inplace":
      return new ReLU({ inplace: true });
    case "tanh":
      return new Tanh();
    case "sigmoid":
      return new Sigmoid();
    case "keeper":
      return new Keeper(show);
    case "keepingTanh":
      return new KeepingTanh(show);
    case "hooked": {
      const layer = new Tanh();
      layer.registerForwardHook((_, [input], output) => {
        show(input);
        show(output);
        return null;
      });
      return layer;
    }
    case "nested":
      return new Sequential(new Tanh(), new Linear(WIDTH, WIDTH), new Tanh());
  }
}

const ways = ["backward", "retained", "evaluated", "second order"] as const;
type Way = (typeof ways)[number];

type Call = (layers: readonly Layer[]) => (x: Tensor) => Tensor;

/** Trains and evaluates a model; what it shows goes to `show`. */
function run(call: Call, layers: readonly Kind[], steps: readonly Way[], show: (tensor: Tensor) => void): void {
  manualSeed(1);
  const built = layers.map((kind) => layerOf(kind, show));
  const model = call(built);
  const x = randn([ROWS, WIDTH], { requiresGrad: true });
  for (const way of steps) {
    if (way === "evaluated") {
      show(noGrad(() => model(x.detach())));
      show(x);
      continue;
    }
    const output = enableGrad(() => model(x.mul(1)));
    show(output);
    const loss = output.mul(output).sum();
    if (way === "second order") {
      const [slope] = grad([loss], [x], undefined, { createGraph: true });
      show(slope!);
      slope!.mul(slope!).sum().backward();
    } else {
      if (way === "retained") loss.backward(null, { retainGraph: true });
      loss.backward();
    }
    for (const tensor of [x, ...built.flatMap((layer) => layer.parameters())]) {
      if (tensor.grad !== null) show(tensor.grad);
      tensor.grad = null;
    }
  }
}

/** The bits that a program shows, and how it ends: layers that overwrite may take from others what they need. */
function bitsOf(call: Call, layers: readonly Kind[], steps: readonly Way[]): unknown[] {
  const bits: unknown[] = [];
  try {
    run(call, layers, steps, (one) => bits.push([...one.toArray()]));
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    bits.push(error.code);
  }
  return bits;
}

const oneByOne =
  (layers: readonly Layer[]) =>
  (x: Tensor): Tensor =>
    layers.reduce((y, layer) => layer(y), x);

const programs = [
  fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 6 }),
  fc.array(fc.constantFrom(...ways), { minLength: 2, maxLength: 4 }),
] as const;

const places = ["ordinary arrays", "the kernels' memory"];

describe.each(places)("Sequential uses memory between its layers again, in %s,", (place) => {
  const inside = place !== "ordinary arrays";
  beforeAll(() => {
    useResidence(inside && "small too");
    poisonFreed(inside);
  });
  afterAll(() => {
    useResidence(true);
    poisonFreed(false);
  });

  it("without changing a bit of any result", () => {
    fc.assert(
      fc.property(...programs, (layers, steps) => {
        const sequential = bitsOf((built) => new Sequential(...built), layers, steps);
        useResidence(false);
        expect(sequential).toEqual(bitsOf(oneByOne, layers, steps));
        useResidence(inside && "small too");
      }),
    );
  });

  it("but never what somebody has seen", () => {
    fc.assert(
      fc.property(...programs, (layers, steps) => {
        if (layers.includes("inplace")) return; // which overwrites what others have seen
        const shown: { tensor: Tensor; copy: number[] }[] = [];
        run(
          (built) => new Sequential(...built),
          layers,
          steps,
          (tensor) => shown.push({ tensor, copy: [...tensor.toArray()] }),
        );
        for (const { tensor, copy } of shown) expect([...tensor.toArray()]).toEqual(copy);
      }),
    );
  });
});

describe("Sequential uses memory between its layers again", () => {
  it("only between layers of ours that make one op and keep nothing", () => {
    const show = (): void => {};
    const trusted = kinds.filter((kind) => isSingleOp(layerOf(kind, show)));
    expect(trusted).toEqual(["linear", "frozen", "relu", "tanh", "sigmoid"]);
    const patched = new Tanh();
    Object.assign(patched, { forward: (input: Tensor) => input });
    expect(isSingleOp(patched)).toBe(false);
    const changed = new (class extends ReLU {
      protected override compute(input: Tensor): Tensor {
        return input;
      }
    })();
    expect(isSingleOp(changed)).toBe(false);
  });

  it("at once where nothing is recorded, and after backward where something is", () => {
    const model = new Sequential(new Linear(3, 37), new Tanh(), new Linear(37, 3));
    const x = randn(2, 3);
    const hidden = model.slice(0, 2)(x).toArray();
    /** Whether the memory of the hidden layer is there for the next who wants some. */
    const isThere = (): boolean => {
      const taken = Array.from({ length: 10 }, () => takeArray("float32", 74));
      return taken.some((array) => array.every((value, i) => value === hidden[i]));
    };
    const output = model(x);
    expect(isThere()).toBe(false);
    output.sum().backward();
    expect(isThere()).toBe(true);
    noGrad(() => model(x));
    expect(isThere()).toBe(true);
    noGrad(() => [...model].reduce((y, layer) => layer(y), x));
    expect(isThere()).toBe(false);
  });

  it("but not what a graph of gradients still needs", () => {
    const last = new Linear(WIDTH, WIDTH);
    const model = new Sequential(new Linear(WIDTH, WIDTH), new Tanh(), last);
    const x = randn([ROWS, WIDTH], { requiresGrad: true });
    const second = (between: (loss: Tensor) => void): unknown => {
      const loss = model(x).sum();
      const [slope] = grad([loss], [x], undefined, { createGraph: true });
      between(loss);
      return grad([slope!.sum()], [last.weight])[0]!.tolist();
    };
    const other = (loss: Tensor): void => {
      loss.backward();
      for (let i = 0; i < 3; i++) model(x.mul(i)).sum().backward();
    };
    expect(second(other)).toEqual(second(() => {}));
  });
});
