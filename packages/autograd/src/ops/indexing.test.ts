import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import * as ops from "./indexing.ts";
import { permute, reshape } from "./shape.ts";

const x = counted(2, 3, 4);
const nan = Number.NaN;
const ints = (...values: number[]): Int32Array => Int32Array.from(values);
const neg = (...shape: number[]): Tensor => {
  const { array } = counted(...shape);
  return reshape(tensor(array.data.map((i) => -i - 1)), shape);
};
const ones = (...shape: number[]): Tensor => reshape(tensor(counted(...shape).array.data.map(() => 1)), shape);

const calls: Readonly<Record<string, () => Tensor>> = {
  "gather dim 2": () =>
    ops.gather(x, 2, [
      [
        [0, 3, 1],
        [2, 2, 0],
      ],
      [
        [1, 0, 0],
        [3, 3, 3],
      ],
    ]),
  "gather dim -3": () => ops.gather(x, -3, [[[1, 0, 1]]]),
  "gather of one number": () => ops.gather(tensor(3), 0, [0, 0]),
  "gather by nothing": () => ops.gather(x, 1, zeros(0, 2, 0, { dtype: "int32" })),
  scatter: () =>
    ops.scatter(
      x,
      1,
      [
        [
          [2, 0, 1],
          [0, 1, 2],
        ],
      ],
      neg(2, 2, 3),
    ),
  "scatter, the last stays": () => ops.scatter(zeros(3), 0, [1, 1, 0], tensor([5, 6, 7])),
  "scatter a number": () => ops.scatter(x, 2, [[[1]], [[3]]], 9),
  "scatter, add": () => ops.scatter(ones(3), 0, [1, 1, 0], tensor([5, 6, 7]), { reduce: "add" }),
  "scatter, multiply": () =>
    ops.scatter(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      1,
      [
        [0, 0],
        [2, 1],
      ],
      tensor([
        [2, 3],
        [4, 5],
      ]),
      { reduce: "multiply" },
    ),
  scatterAdd: () =>
    ops.scatterAdd(
      ones(2, 3),
      0,
      [
        [0, 1, 1],
        [0, 0, 1],
      ],
      counted(3, 3),
    ),
  take: () =>
    ops.take(x, [
      [0, -1],
      [5, -24],
    ]),
  takeAlongDim: () => ops.takeAlongDim(x, [[[0], [2], [1]]], 2),
  "takeAlongDim, from the end": () => ops.takeAlongDim(counted(2, 3), [[-1]], 1),
  "takeAlongDim, flat": () => ops.takeAlongDim(counted(2, 3), [[5, 1]]),
  indexSelect: () => ops.indexSelect(x, 1, ints(2, 0, 2)),
  "indexSelect of one number": () => ops.indexSelect(tensor(3), 0, [0]),
  "indexSelect by nothing": () => ops.indexSelect(x, -1, []),
  indexAdd: () => ops.indexAdd(counted(2, 3), 1, [0, 0, 2, 1], counted(2, 4), { alpha: 2 }),
  indexCopy: () => ops.indexCopy(counted(2, 3), 0, [1], tensor([[-1, -1, -1]])),
  indexFill: () => ops.indexFill(counted(2, 3), 1, [-1, 0], 8),
  maskedSelect: () => ops.maskedSelect(x, tensor([true, false, false, true])),
  "maskedSelect, the input broadcast": () =>
    ops.maskedSelect(
      counted(2),
      tensor([
        [true, true],
        [false, true],
      ]),
    ),
  maskedScatter: () =>
    ops.maskedScatter(
      counted(2, 3),
      tensor([
        [true, false, true],
        [false, true, false],
      ]),
      neg(2, 2),
    ),
  "maskedScatter, the input broadcast": () =>
    ops.maskedScatter(
      counted(2),
      tensor([
        [true, false],
        [true, true],
      ]),
      neg(4),
    ),
  nonzero: () =>
    ops.nonzero(
      tensor([
        [1, 0, nan],
        [0, 0, -2],
      ]),
    ),
  "nonzero of one number": () => ops.nonzero(tensor(3)),
  "nonzero of zero": () => ops.nonzero(tensor(0)),
  oneHot: () =>
    ops.oneHot([
      [0, 2],
      [1, 0],
    ]),
  "oneHot of given length": () => ops.oneHot(1, 4),
  "oneHot of nothing": () => ops.oneHot([], 3),
  embedding: () =>
    ops.embedding(
      [
        [1, 0],
        [2, 1],
      ],
      counted(3, 2),
    ),
  "embedding of nothing": () => ops.embedding(zeros(0, 2, { dtype: "int32" }), counted(3, 2)),
};

/** What torch gives. */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  "gather dim 2": [
    [2, 2, 3],
    [0, 3, 1, 6, 6, 4, 13, 12, 12, 19, 19, 19],
  ],
  "gather dim -3": [
    [1, 1, 3],
    [12, 1, 14],
  ],
  "gather of one number": [[2], [3, 3]],
  "gather by nothing": [[0, 2, 0], []],
  scatter: [
    [2, 3, 4],
    [-4, -2, 2, 3, 4, -5, -3, 7, -1, 9, -6, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  "scatter, the last stays": [[3], [7, 6, 0]],
  "scatter a number": [
    [2, 3, 4],
    [0, 9, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 9, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  "scatter, add": [[3], [8, 12, 1]],
  "scatter, multiply": [
    [2, 3],
    [6, 2, 3, 4, 25, 24],
  ],
  scatterAdd: [
    [2, 3],
    [4, 5, 1, 1, 2, 8],
  ],
  take: [
    [2, 2],
    [0, 23, 5, 0],
  ],
  takeAlongDim: [
    [2, 3, 1],
    [0, 6, 9, 12, 18, 21],
  ],
  "takeAlongDim, from the end": [
    [2, 1],
    [2, 5],
  ],
  "takeAlongDim, flat": [[2], [5, 1]],
  indexSelect: [
    [2, 3, 4],
    [8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11, 20, 21, 22, 23, 12, 13, 14, 15, 20, 21, 22, 23],
  ],
  "indexSelect of one number": [[], [3]],
  "indexSelect by nothing": [[2, 3, 0], []],
  indexAdd: [
    [2, 3],
    [2, 7, 6, 21, 18, 17],
  ],
  indexCopy: [
    [2, 3],
    [0, 1, 2, -1, -1, -1],
  ],
  indexFill: [
    [2, 3],
    [8, 1, 8, 8, 4, 8],
  ],
  maskedSelect: [[12], [0, 3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 23]],
  "maskedSelect, the input broadcast": [[3], [0, 1, 1]],
  maskedScatter: [
    [2, 3],
    [-1, 1, -2, 3, -3, 5],
  ],
  "maskedScatter, the input broadcast": [
    [2, 2],
    [-1, 1, -2, -3],
  ],
  nonzero: [
    [3, 2],
    [0, 0, 0, 2, 1, 2],
  ],
  "nonzero of one number": [[1, 0], []],
  "nonzero of zero": [[0, 0], []],
  oneHot: [
    [2, 2, 3],
    [1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0],
  ],
  "oneHot of given length": [[4], [0, 1, 0, 0]],
  "oneHot of nothing": [[0, 3], []],
  embedding: [
    [2, 2, 2],
    [2, 3, 0, 1, 4, 5, 2, 3],
  ],
  "embedding of nothing": [[0, 2, 2], []],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  expect(mismatch(call(), golden[name]!)).toBeNull();
});

it("does not see the strides of its operands", () => {
  const turned = permute(x, [2, 0, 1]);
  const index = tensor([[[0, 3, 1]], [[2, 2, 0]]], { dtype: "int32" });
  const [a, b] = [ops.gather(turned, 0, permute(index, [2, 0, 1])), ops.gather(x, 2, index)];
  expect(permute(a, [1, 2, 0]).tolist()).toEqual(b.tolist());
  const picked = ops.indexSelect(turned, 0, [3, 1]);
  expect(permute(picked, [1, 2, 0]).tolist()).toEqual(ops.indexSelect(x, 2, [3, 1]).tolist());
});

it("gives results of the dtype of its input", () => {
  for (const dtype of ["bool", "int32", "float64"] as const) {
    const input = tensor([1, 0, 1], { dtype });
    expect(ops.gather(input, 0, [2, 1]).dtype).toBe(dtype);
    expect(ops.indexSelect(input, 0, [2, 1]).tolist()).toEqual(dtype === "bool" ? [true, false] : [1, 0]);
    expect(ops.scatter(input, 0, [1], 1).dtype).toBe(dtype);
    expect(ops.indexFill(input, 0, [1], 1).dtype).toBe(dtype);
  }
});

const mask = tensor([
  [true, false, true],
  [false, true, true],
]);
const same = [
  [0, 2, 0],
  [1, 1, 0],
];
const places = [
  [0, 1, 2],
  [2, 1, 0],
];

describe("gradients to second order", () => {
  const rows: Readonly<Record<string, readonly [TensorFunction, readonly Tensor[]]>> = {
    gather: [(a) => ops.gather(a!, 1, same), [leaf(2, 3)]],
    "scatter by distinct indices": [(a, b) => ops.scatter(a!, 1, places, b!), [leaf(2, 3), leaf(2, 3)]],
    "scatter from a larger source": [(a, b) => ops.scatter(a!, 1, [[1]], b!), [leaf(2, 3), leaf(3, 2)]],
    "scatter, multiply": [(a, b) => ops.scatter(a!, 1, same, b!, { reduce: "multiply" }), [leaf(2, 3), leaf(2, 3)]],
    scatterAdd: [(a, b) => ops.scatterAdd(a!, 1, same, b!), [leaf(2, 3), leaf(2, 3)]],
    take: [(a) => ops.take(a!, [0, -1, 0]), [leaf(2, 3)]],
    takeAlongDim: [(a) => ops.takeAlongDim(a!, [[-1, 0]], 1), [leaf(2, 3)]],
    indexSelect: [(a) => ops.indexSelect(a!, 1, [2, 0, 2]), [leaf(2, 3)]],
    indexAdd: [(a, b) => ops.indexAdd(a!, 1, [2, 0, 2, 1], b!, { alpha: -2 }), [leaf(2, 3), leaf(2, 4)]],
    indexCopy: [(a, b) => ops.indexCopy(a!, 1, [2, 0], b!), [leaf(2, 3), leaf(2, 2)]],
    "indexFill with a tensor": [(a, b) => ops.indexFill(a!, 1, [2, 2, -3], b!), [leaf(2, 3), leaf()]],
    maskedSelect: [(a) => ops.maskedSelect(a!, mask), [leaf(1, 3)]],
    maskedScatter: [(a, b) => ops.maskedScatter(a!, mask, b!), [leaf(2, 3), leaf(5)]],
    embedding: [(a) => ops.embedding(same, a!), [leaf(4, 2)]],
    "embedding with padding": [(a) => ops.embedding([0, 1, 2, 1], a!), [leaf(3, 2)]],
  };
  it.each(Object.entries(rows))("%s", (_, [fn, inputs]) => {
    expect(checkGradients(fn, inputs)).toBe(true);
  });
});

describe("embedding", () => {
  it.each([1, -2])("gives row %s, the padding, no gradient, and none of second order either", (paddingIdx) => {
    const weight = leaf(3, 2);
    const found = ops.embedding([1, 1, 2], weight, { paddingIdx });
    const start = leaf(3, 2);
    const [gradient] = grad([found], [weight], [start], { createGraph: true });
    const given = start.tolist() as number[][];
    expect(gradient!.tolist()).toEqual([[0, 0], [0, 0], given[2]]);
    const [second] = grad([gradient!], [start], [leaf(3, 2)]);
    expect(second!.tolist()).toEqual([[0, 0], [0, 0], given[2]]);
  });

  it("reads its indices when it is called, not when gradients are computed", () => {
    const index = ints(0, 1);
    const weight = leaf(2, 1);
    const found = ops.embedding(index, weight);
    index.fill(0);
    expect(grad([found], [weight], [tensor([[1], [2]], { dtype: "float64" })])[0]!.tolist()).toEqual([[1], [2]]);
  });
});

it("truth values that meet in one place are true, not 2", () => {
  const some = tensor([true, false, true]);
  const added = [ops.scatterAdd(some, 0, ints(0, 0, 1), some), ops.indexAdd(some, 0, ints(0, 0, 1), some)];
  expect(added.map((sum) => [...sum.toArray()])).toEqual([
    [1, 1, 1],
    [1, 1, 1],
  ]);
  expect(added.map((sum) => sum.dtype)).toEqual(["bool", "bool"]);
});
