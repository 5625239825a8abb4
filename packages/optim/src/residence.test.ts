import { empty, fromArray, noGrad, randn, type Tensor } from "@tapegrad/autograd";
import { manualSeed, poisonFreed, useResidence } from "@tapegrad/tensor";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Adam, AdamW, type Optimizer, SGD } from "./index.ts";

const optimizers: readonly ((params: Tensor[]) => Optimizer)[] = [
  (params) => new Adam(params, { lr: 0.01, amsgrad: true }),
  (params) => new AdamW(params, { lr: 0.01 }),
  (params) => new SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true }),
  (params) => new SGD(params, { lr: 0.1 }),
];

/** What a program does after a step, with parameters and state alike. */
const acts = [
  "nothing",
  "nothing",
  "read",
  "raw",
  "write",
  "reload",
  "clip",
  "change",
  "view",
  "redraw",
  "data",
] as const;
type Act = (typeof acts)[number];

const stateOf = (optimizer: Optimizer): Tensor[] =>
  [...optimizer.state.values()].flatMap((state) => Object.values(state).filter((value) => typeof value !== "number"));

/** Trains a parameter larger than a block of the kernel, one smaller, and one that is not row-major. */
function train(make: (params: Tensor[]) => Optimizer, steps: readonly Act[]): number[][] {
  manualSeed(3);
  const params = [randn([130, 130]), randn([24, 32]), randn([30, 20]).t()].map((param) => param.requiresGrad_());
  const x = randn([20, 130]);
  const optimizer = make(params);
  const shown: number[][] = [];
  const held: { readonly tensor: Tensor; readonly raw: { [index: number]: number } }[] = [];
  const show = (one: Tensor): void => void shown.push([...one.toArray()]);
  const all = (): Tensor[] => [...stateOf(optimizer), ...params];
  for (const act of steps) {
    optimizer.zeroGrad();
    const [a, b, c] = params as [Tensor, Tensor, Tensor];
    x.matmul(a).tanh().sum().add(b.mul(b).sum()).add(c.sin().sum()).backward();
    if (act === "clip") for (const { grad } of params) noGrad(() => grad!.mul_(0.5));
    optimizer.step();
    if (act === "read") all().forEach(show);
    if (act === "raw") held.push(...all().map((tensor) => ({ tensor, raw: tensor.array.data })));
    if (act === "write") for (const tensor of all()) tensor.array.data[5] = 0.25;
    for (const { raw } of held) raw[7] = 0.125;
    if (act === "reload") optimizer.loadStateDict(optimizer.stateDict());
    noGrad(() => {
      if (act === "change") for (const tensor of all()) tensor.mul_(0.5);
      if (act === "view") for (const tensor of all()) tensor.select(0, 1).add_(1);
      if (act === "redraw") for (const tensor of params) tensor.normal_();
      if (act === "data") for (const tensor of params) tensor.data.mul_(0.5);
    });
  }
  for (const { tensor, raw } of held) expect(tensor.array.data === raw).toBe(true);
  for (const { tensor } of held) show(tensor);
  params.forEach(show);
  return shown;
}

afterEach(() => {
  useResidence(true);
  poisonFreed(false);
});

describe("a parameter", () => {
  it("lives in the kernels' memory once an optimizer has it, until its typed array is asked for", () => {
    const param = randn([200, 100], { requiresGrad: true });
    const before = param.toArray();
    const { storage } = param.array;
    new SGD([param]);
    expect(storage.block).not.toBeNull();
    expect(param.toArray()).toEqual(before);
    const raw = param.array.data;
    expect(storage.block).toBeNull();
    new SGD([param]);
    expect(param.array.data === raw).toBe(true);
  });

  it("stays where it is if its maker has the typed array", () => {
    const raw = new Float32Array(20_000).fill(1);
    const param = fromArray(raw, [200, 100]).requiresGrad_();
    const sgd = new SGD([param], { lr: 1 });
    param.sum().backward();
    sgd.step();
    expect(raw.every((value) => value === 0)).toBe(true);
    raw.fill(3);
    expect(param.sum().item()).toBe(60_000);
  });

  it("that was set by the laws of its layer lives there too", () => {
    const weight = noGrad(() => empty([40, 40]).uniform_());
    new SGD([weight.requiresGrad_()]);
    expect(weight.array.storage.block).not.toBeNull();
  });
});

describe("the state of an optimizer", () => {
  it("lives in the kernels' memory, until its typed array is asked for", () => {
    const param = randn([40, 40], { requiresGrad: true });
    const adam = new Adam([param]);
    param.mul(param).sum().backward();
    adam.step();
    const { expAvg } = adam.state.get(param) as { expAvg: Tensor };
    expect(expAvg.array.storage.block).not.toBeNull();
    expect(expAvg.array.data.length).toBe(1600);
    expect(expAvg.array.storage.block).toBeNull();
  });

  it.each([100, 20_000])("of %i rows goes from one optimizer to the next", (rows) => {
    const param = randn([rows, 8], { requiresGrad: true });
    const squares = (adam: Adam): Tensor => adam.state.get(param)!.expAvgSq as Tensor;
    const former = new Adam([param]);
    param.mul(param).sum().backward();
    former.step();
    expect(squares(former).array.storage.block).not.toBeNull();
    const next = new Adam([param]);
    next.loadStateDict(former.stateDict());
    expect(squares(next).array.storage.block).not.toBeNull();
    expect(squares(next).toArray()).toEqual(squares(former).toArray());
  });

  it("gives the same bits there", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...optimizers),
        fc.array(fc.constantFrom<Act>(...acts), { minLength: 2, maxLength: 6 }),
        (make, steps) => {
          useResidence(true);
          poisonFreed(true);
          const inside = train(make, steps);
          poisonFreed(false);
          useResidence(false);
          expect(inside).toEqual(train(make, steps));
        },
      ),
      { numRuns: 40 },
    );
  });
});
