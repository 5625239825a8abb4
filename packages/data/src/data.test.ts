import { arange, type Tensor, tensor } from "@tapegrad/autograd";
import { Generator, manualSeed } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import {
  BatchSampler,
  ConcatDataset,
  DataLoader,
  type Dataset,
  defaultCollate,
  RandomSampler,
  randomSplit,
  SequentialSampler,
  Subset,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} from "./index.ts";

const ten = new TensorDataset(arange(10), arange(10).mul(10));
const firsts = (loader: Iterable<readonly Tensor[]>): unknown[] => Array.from(loader, (batch) => batch[0]!.tolist());

describe("DataLoader", () => {
  it("shuffles in torch's order, anew each epoch", () => {
    manualSeed(3);
    const loader = new DataLoader(ten, { batchSize: 4, shuffle: true });
    expect([firsts(loader), firsts(loader)]).toEqual([
      [
        [6, 2, 0, 1],
        [8, 3, 5, 4],
        [7, 9],
      ],
      [
        [3, 4, 0, 9],
        [6, 7, 1, 2],
        [5, 8],
      ],
    ]);
  });

  it("draws from a generator of its own, and drops the last batch", () => {
    const loader = new DataLoader(ten, {
      batchSize: 4,
      shuffle: true,
      dropLast: true,
      generator: new Generator().manualSeed(7),
    });
    expect(loader.length).toBe(2);
    expect([firsts(loader), firsts(loader)]).toEqual([
      [
        [1, 3, 5, 7],
        [9, 4, 6, 2],
      ],
      [
        [5, 1, 6, 0],
        [9, 7, 8, 4],
      ],
    ]);
  });

  it("keeps what belongs together together", () => {
    for (const [x, y] of new DataLoader(ten, { batchSize: 3, shuffle: true }))
      expect(y!.tolist()).toEqual(x!.mul(10).tolist());
  });

  it("works with for await", async () => {
    const seen: unknown[] = [];
    for await (const [x] of new DataLoader(ten, { batchSize: 5 })) seen.push(x!.tolist());
    expect(seen).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ]);
  });

  it("gives the same batches whether they are read whole or sample by sample", () => {
    const slow: Dataset<readonly Tensor[]> = { length: 10, get: (i) => ten.get(i) };
    const batches = (dataset: Dataset<readonly Tensor[]>): unknown[] =>
      Array.from(new DataLoader(dataset, { batchSize: 4 }), (batch) =>
        (batch as Tensor[]).map((part) => part.tolist()),
      );
    expect(batches(slow)).toEqual(batches(ten));
  });

  it("takes a sampler, batches, or a collate function", () => {
    expect(firsts(new DataLoader(ten, { batchSize: 2, sampler: new SequentialSampler({ length: 4 }) }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(
      firsts(new DataLoader(ten, { batchSampler: new BatchSampler(new SequentialSampler(ten), 5, true) })),
    ).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ]);
    const words: Dataset<string> = { length: 3, get: (i) => "abc"[i]! };
    expect([...new DataLoader(words, { batchSize: 2, collate: (letters) => letters.join("") })]).toEqual(["ab", "c"]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "a sampler beside shuffle",
      () => new DataLoader(ten, { shuffle: true, sampler: new SequentialSampler(ten) }),
      /already says the order/,
    ],
    [
      "a batch sampler beside a batch size",
      () => new DataLoader(ten, { batchSize: 2, batchSampler: new BatchSampler(new SequentialSampler(ten), 2) }),
      /already says the batches/,
    ],
    ["a batch size of 0", () => new DataLoader(ten, { batchSize: 0 }), /positive whole number/],
    ["a misspelt option", () => new DataLoader(ten, { batch_size: 2 } as object), /did you mean batchSize/],
    ["to shuffle nothing", () => new DataLoader(new Subset(ten, []), { shuffle: true }), /cannot be shuffled/],
    ["tensors that do not match", () => new TensorDataset(arange(3), arange(4)), /one first dimension/],
  ])("refuses %s", (_, build, words) => {
    expect(build).toThrow(words);
  });
});

describe("datasets", () => {
  it("split at random as torch does", () => {
    manualSeed(5);
    expect(randomSplit(ten, [7, 3]).map(({ indices }) => indices)).toEqual([
      [1, 4, 9, 6, 3, 5, 0],
      [2, 8, 7],
    ]);
    expect(randomSplit(ten, [0.55, 0.25, 0.2]).map(({ length }) => length)).toEqual([6, 2, 2]);
    expect(() => randomSplit(ten, [7, 4])).toThrow(/do not add up/);
  });

  it("can be cut and joined", () => {
    const part = new Subset(ten, [9, 0]);
    expect(firsts(new DataLoader(part, { batchSize: 2 }))).toEqual([[9, 0]]);
    const joined = new ConcatDataset([part, ten]);
    expect([joined.length, joined.get(1)[0]!.item(), joined.get(2)[0]!.item(), joined.get(11)[1]!.item()]).toEqual([
      12, 0, 0, 90,
    ]);
    expect(() => joined.get(12)).toThrow(/no such sample/);
    expect(() => part.get(2)).toThrow(/no such sample/);
  });
});

describe("samplers draw as torch does", () => {
  it("with and without replacement, by weight, and from a subset", () => {
    manualSeed(5);
    expect([...new RandomSampler(ten, { replacement: true, numSamples: 40 })]).toEqual([
      7, 4, 9, 4, 6, 8, 2, 2, 1, 8, 2, 5, 3, 3, 2, 8, 1, 8, 1, 1, 8, 6, 3, 6, 3, 4, 1, 9, 5, 0, 6, 9, 4, 5, 4, 5, 6, 9,
      7, 0,
    ]);
    expect([...new RandomSampler(ten, { numSamples: 25 })]).toEqual([
      8, 3, 0, 5, 9, 1, 6, 2, 4, 7, 6, 8, 5, 2, 3, 0, 9, 4, 1, 7, 1, 2, 9, 7, 6,
    ]);
    expect([...new SubsetRandomSampler([3, 5, 8])]).toEqual([8, 5, 3]);
    expect([...new WeightedRandomSampler([0.1, 0.9, 0.5], 6)]).toEqual([1, 1, 2, 1, 2, 2]);
    expect([...new WeightedRandomSampler([0.1, 0.9, 0.5], 3, { replacement: false })]).toEqual([1, 2, 0]);
  });
});

describe("defaultCollate", () => {
  it("stacks tensors, and goes into lists and objects", () => {
    const batch = defaultCollate([
      { x: tensor([1, 2]), y: 3, name: "a", pair: [true, 0.5] as const },
      { x: tensor([4, 5]), y: 6, name: "b", pair: [false, 1] as const },
    ]);
    expect(batch.x.tolist()).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect([batch.y.dtype, batch.y.tolist()]).toEqual(["int32", [3, 6]]);
    expect(batch.name).toEqual(["a", "b"]);
    expect([batch.pair[0].dtype, batch.pair[1].tolist()]).toEqual(["bool", [0.5, 1]]);
  });

  it("refuses what cannot be batched", () => {
    expect(() => defaultCollate([])).toThrow(/no samples/);
    expect(() => defaultCollate([[1], [1, 2]])).toThrow(/differ in length/);
    expect(() => defaultCollate([1, "a"])).toThrow(/cannot be batched/);
  });
});
