import { noGrad, randn, type Tensor } from "@tapegrad/autograd";
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

/** What a program does after a step. */
const acts = ["nothing", "nothing", "read", "raw", "write", "reload", "clip", "change"] as const;
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
  const held: { readonly tensor: Tensor; readonly raw: ArrayLike<number> }[] = [];
  const show = (one: Tensor): void => void shown.push([...one.toArray()]);
  for (const act of steps) {
    optimizer.zeroGrad();
    const [a, b, c] = params as [Tensor, Tensor, Tensor];
    x.matmul(a).tanh().sum().add(b.mul(b).sum()).add(c.sin().sum()).backward();
    if (act === "clip") for (const { grad } of params) noGrad(() => grad!.mul_(0.5));
    optimizer.step();
    if (act === "read") stateOf(optimizer).forEach(show);
    if (act === "raw") held.push(...stateOf(optimizer).map((tensor) => ({ tensor, raw: tensor.array.data })));
    if (act === "write") for (const tensor of stateOf(optimizer)) tensor.array.data[5] = 0.25;
    if (act === "reload") optimizer.loadStateDict(optimizer.stateDict());
    if (act === "change") for (const tensor of stateOf(optimizer)) tensor.mul_(0.5);
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
