import { type Tensor, tensor, zeros } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import goldens from "./__fixtures__/trajectories.json" with { type: "json" };
import { Adam, AdamW, type Optimizer, SGD } from "./index.ts";

const classes = { SGD, Adam, AdamW } as const;
type Name = keyof typeof classes;

/** The two parameters that the recorded runs of PyTorch 2.13 trained. */
function start(name: Name, options: object): { p: Tensor; q: Tensor; optimizer: Optimizer<never> } {
  const p = tensor([1, -2, 0.5], { requiresGrad: true });
  const q = tensor([[0.25, 4]], { requiresGrad: true });
  const groups = [{ params: [p] }, { params: [q], lr: 0.5 }];
  return { p, q, optimizer: new classes[name](groups, { lr: 0.1, ...options }) as unknown as Optimizer<never> };
}

function step({ p, q, optimizer }: ReturnType<typeof start>, i: number): number[] {
  optimizer.zeroGrad();
  const loss = p
    .mul(p)
    .sum()
    .add(
      q
        .sin()
        .sum()
        .mul(i + 1),
    );
  loss.backward();
  optimizer.step();
  return [...p.toArray(), ...q.toArray()];
}

const runs = (Object.keys(classes) as Name[]).flatMap((name) =>
  goldens[name].map(([options, steps]) => ({ name, options: options as object, steps: steps as number[][] })),
);

describe.each(runs)("$name with $options", ({ name, options, steps }) => {
  it("takes the steps that torch takes", () => {
    const run = start(name, options);
    steps.forEach((expected, i) => {
      step(run, i).forEach((value, j) => {
        expect(Math.abs(value - expected[j]!)).toBeLessThanOrEqual(4e-7 * Math.max(1, Math.abs(expected[j]!)));
      });
    });
  });

  it("goes on from a state dict as if never interrupted", () => {
    const [whole, first] = [start(name, options), start(name, options)];
    for (let i = 0; i < 2; i++) step(first, i);
    const second = start(name, options);
    second.p.data.copy_(first.p.data);
    second.q.data.copy_(first.q.data);
    second.optimizer.loadStateDict(first.optimizer.stateDict());
    const expected = [0, 1, 2, 3].map((i) => step(whole, i));
    expect([2, 3].map((i) => step(second, i))).toEqual(expected.slice(2));
  });
});

describe("Optimizer", () => {
  const leaf = (): Tensor => zeros([2], { requiresGrad: true });

  it("leaves parameters without gradients alone", () => {
    const [p, q] = [leaf(), leaf()];
    const optimizer = new AdamW([p, q], { lr: 1 });
    p.sum().backward();
    optimizer.step();
    expect(p.tolist()).not.toEqual([0, 0]);
    expect(q.tolist()).toEqual([0, 0]);
    expect(optimizer.state.has(q)).toBe(false);
  });

  it("forgets gradients, or zeroes them", () => {
    const p = leaf();
    const optimizer = new SGD([p], { lr: 1 });
    p.sum().backward();
    optimizer.zeroGrad({ setToNone: false });
    expect(p.grad!.tolist()).toEqual([0, 0]);
    optimizer.zeroGrad();
    expect(p.grad).toBeNull();
  });

  it("calls a closure with gradients on, and returns its loss", () => {
    const p = tensor([3], { requiresGrad: true });
    const optimizer = new SGD([p], { lr: 0.1 });
    const loss = optimizer.step(() => {
      optimizer.zeroGrad();
      const value = p.mul(p).sum();
      value.backward();
      return value;
    });
    expect(loss.item()).toBe(9);
    expect(p.item()).toBeCloseTo(2.4, 6);
  });

  it("names state and groups as torch does", () => {
    const p = leaf();
    const optimizer = new Adam([p], { lr: 0.1 });
    p.sum().backward();
    optimizer.step();
    const dict = optimizer.stateDict();
    expect(Object.keys(dict.state[0]!).sort()).toEqual(["exp_avg", "exp_avg_sq", "step"]);
    expect(dict.param_groups[0]).toMatchObject({ lr: 0.1, weight_decay: 0, params: [0] });
  });

  it("counts a step as a change of the parameter", () => {
    const p = leaf();
    const loss = p.mul(p).sum();
    const optimizer = new SGD([p], { lr: 1 });
    p.grad = tensor([1, 1]);
    optimizer.step();
    expect(() => loss.backward()).toThrow(/in-place/);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no parameters", () => new SGD([]), /no parameters/],
    ["a single tensor", () => new SGD(leaf() as unknown as Tensor[]), /come as a list/],
    ["a result", () => new SGD([leaf().mul(2)]), /not a leaf/],
    [
      "a parameter twice",
      () => {
        const p = leaf();
        return new SGD([p, p]);
      },
      /appears twice/,
    ],
    ["a negative learning rate", () => new SGD([leaf()], { lr: -1 }), /lr must be at least 0/],
    ["Nesterov without momentum", () => new SGD([leaf()], { nesterov: true }), /Nesterov needs momentum/],
    ["a beta of 1", () => new Adam([leaf()], { betas: [0.9, 1] }), /betas\[1\]/],
    ["a misspelt setting", () => new AdamW([leaf()], { weight_decay: 1 } as object), /did you mean weightDecay/],
    ["a bad setting of a group", () => new Adam([{ params: [leaf()], eps: -1 }]), /eps must be at least 0/],
  ])("refuses %s", (_, build, words) => {
    expect(build).toThrow(words);
  });

  it("refuses a state dict that does not fit, and changes nothing", () => {
    const [small, large] = [zeros([2], { requiresGrad: true }), zeros([3], { requiresGrad: true })];
    const [a, b] = [new Adam([small]), new Adam([large])];
    small.sum().backward();
    a.step();
    expect(() => b.loadStateDict(a.stateDict())).toThrow(/shapes of the parameters/);
    expect(b.state.size).toBe(0);
    expect(() => new Adam([small, large]).loadStateDict(a.stateDict())).toThrow(/other parameter groups/);
  });
});
