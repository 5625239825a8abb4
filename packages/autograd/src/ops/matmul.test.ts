import type { ErrorCode } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { add, sub } from "./arithmetic.ts";
import { clone, int } from "./cast.ts";
import * as ops from "./matmul.ts";
import { permute, reshape, transpose } from "./shape.ts";

const m = counted(2, 3);
const n = counted(3, 4);
const v = add(counted(3), 1);
const b = sub(counted(2, 2, 3), 5);
const c = sub(counted(2, 3, 2), 3);

const calls: Readonly<Record<string, () => Tensor>> = {
  "matmul [2, 3] [3, 4]": () => ops.matmul(m, n),
  "matmul [3] [3]": () => ops.matmul(v, v),
  "matmul [2, 3] [3]": () => ops.matmul(m, v),
  "matmul [3] [3, 4]": () => ops.matmul(v, n),
  "matmul [2, 2, 3] [3, 4]": () => ops.matmul(b, n),
  "matmul [2, 2, 3] [3]": () => ops.matmul(b, v),
  "matmul [3] [2, 3, 2]": () => ops.matmul(v, c),
  "matmul [2, 2, 3] [2, 3, 2]": () => ops.matmul(b, c),
  "matmul [2, 3] [2, 3, 2]": () => ops.matmul(m, c),
  "matmul [2, 1, 2, 3] [2, 3, 2]": () => ops.matmul(reshape(b, 2, 1, 2, 3), c),
  "matmul of nothing": () => ops.matmul(zeros(2, 0), zeros(0, 2)),
  "matmul of no rows": () => ops.matmul(zeros(0, 3), n),
  "matmul of integers": () => ops.matmul(int(m), int(n)),
  mm: () => ops.mm(m, n),
  bmm: () => ops.bmm(b, c),
  mv: () => ops.mv(m, v),
  dot: () => ops.dot(v, v),
  outer: () => ops.outer(v, counted(2)),
  addmm: () => ops.addmm(counted(4), m, n, { beta: 2, alpha: -1 }),
  "addmm without NaN": () => ops.addmm(tensor(Number.NaN), m, n, { beta: 0 }),
  baddbmm: () => ops.baddbmm(counted(2, 1), b, c),
  addmv: () => ops.addmv(tensor(1), m, v),
  linear: () => ops.linear(b, counted(4, 3), counted(4)),
  "linear of a vector": () => ops.linear(v, m),
  "linear, one bias": () => ops.linear(m, m, tensor([5])),
  "linear, one output": () => ops.linear(m, v),
  "linear of nothing": () => ops.linear(zeros(2, 0), zeros(3, 0), v),
  "linear of no rows": () => ops.linear(zeros(0, 3), m, counted(2)),
  bilinear: () => ops.bilinear(m, counted(2, 2), sub(counted(2, 3, 2), 4), counted(2)),
  tensordot: () => ops.tensordot(b, m),
  "tensordot, none": () => ops.tensordot(counted(2), v, 0),
  "tensordot, named": () =>
    ops.tensordot(b, c, [
      [0, 2],
      [0, -2],
    ]),
  "tensordot, a single slice": () => ops.tensordot(m, counted(1, 2), 1),
  inner: () => ops.inner(b, m),
  "inner of a number": () => ops.inner(tensor(2), v),
  vdot: () => ops.vdot(v, v),
};

/** What torch gives. */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  "matmul [2, 3] [3, 4]": [
    [2, 4],
    [20, 23, 26, 29, 56, 68, 80, 92],
  ],
  "matmul [3] [3]": [[], [14]],
  "matmul [2, 3] [3]": [[2], [8, 26]],
  "matmul [3] [3, 4]": [[4], [32, 38, 44, 50]],
  "matmul [2, 2, 3] [3, 4]": [
    [2, 2, 4],
    [-40, -52, -64, -76, -4, -7, -10, -13, 32, 38, 44, 50, 68, 83, 98, 113],
  ],
  "matmul [2, 2, 3] [3]": [
    [2, 2],
    [-22, -4, 14, 32],
  ],
  "matmul [3] [2, 3, 2]": [
    [2, 2],
    [-2, 4, 34, 40],
  ],
  "matmul [2, 2, 3] [2, 3, 2]": [
    [2, 2, 2],
    [16, 4, 7, 4, 34, 40, 79, 94],
  ],
  "matmul [2, 3] [2, 3, 2]": [
    [2, 2, 2],
    [1, 4, -8, 4, 19, 22, 64, 76],
  ],
  "matmul [2, 1, 2, 3] [2, 3, 2]": [
    [2, 2, 2, 2],
    [16, 4, 7, 4, -56, -68, -11, -14, -2, 4, -11, 4, 34, 40, 79, 94],
  ],
  "matmul of nothing": [
    [2, 2],
    [0, 0, 0, 0],
  ],
  "matmul of no rows": [[0, 4], []],
  "matmul of integers": [
    [2, 4],
    [20, 23, 26, 29, 56, 68, 80, 92],
  ],
  mm: [
    [2, 4],
    [20, 23, 26, 29, 56, 68, 80, 92],
  ],
  bmm: [
    [2, 2, 2],
    [16, 4, 7, 4, 34, 40, 79, 94],
  ],
  mv: [[2], [8, 26]],
  dot: [[], [14]],
  outer: [
    [3, 2],
    [0, 1, 0, 2, 0, 3],
  ],
  addmm: [
    [2, 4],
    [-20, -21, -22, -23, -56, -66, -76, -86],
  ],
  "addmm without NaN": [
    [2, 4],
    [20, 23, 26, 29, 56, 68, 80, 92],
  ],
  baddbmm: [
    [2, 2, 2],
    [16, 4, 8, 5, 34, 40, 80, 95],
  ],
  addmv: [[2], [9, 27]],
  linear: [
    [2, 2, 4],
    [-10, -45, -80, -115, -1, -9, -17, -25, 8, 27, 46, 65, 17, 63, 109, 155],
  ],
  "linear of a vector": [[2], [8, 26]],
  "linear, one bias": [
    [2, 2],
    [10, 19, 19, 55],
  ],
  "linear, one output": [[2], [8, 26]],
  "linear of nothing": [
    [2, 3],
    [1, 2, 3, 1, 2, 3],
  ],
  "linear of no rows": [[0, 2], []],
  bilinear: [
    [2, 2],
    [1, 20, -64, 297],
  ],
  tensordot: [[2], [-20, 70]],
  "tensordot, none": [
    [2, 3],
    [0, 0, 0, 1, 2, 3],
  ],
  "tensordot, named": [
    [2, 2],
    [50, 44, 86, 98],
  ],
  "tensordot, a single slice": [
    [2, 2],
    [0, 3, 0, 12],
  ],
  inner: [
    [2, 2, 2],
    [-10, -46, -1, -10, 8, 26, 17, 62],
  ],
  "inner of a number": [[3], [2, 4, 6]],
  vdot: [[], [14]],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  expect(mismatch(call(), golden[name]!)).toBeNull();
});

it("does not see the strides of its operands", () => {
  const turned = permute(b, [2, 0, 1]);
  expect(ops.matmul(turned, m).tolist()).toEqual(ops.matmul(clone(turned), m).tolist());
  const [x, w] = [transpose(counted(3, 2), 0, 1), transpose(counted(3, 4), 0, 1)];
  expect(ops.linear(x, w).tolist()).toEqual(ops.matmul(x, transpose(w, 0, 1)).tolist());
});

describe("gradients to second order", () => {
  const pair = (first: number[], second: number[]): readonly Tensor[] => [leaf(...first), leaf(...second)];
  const product: TensorFunction = (a, b) => ops.matmul(a!, b!);
  const rows: Readonly<Record<string, readonly [TensorFunction, readonly Tensor[]]>> = {
    "matmul of matrices": [product, pair([2, 3], [3, 2])],
    "matmul of vectors": [product, pair([3], [3])],
    "matmul of batches and a matrix": [product, pair([2, 1, 3], [3, 2])],
    "matmul of batches and a vector": [product, pair([2, 2, 2], [2])],
    "matmul of a vector and batches": [product, pair([2], [2, 2, 2])],
    "matmul of broadcast batches": [product, pair([2, 1, 1, 2], [2, 2, 1])],
    addmm: [(a, b) => ops.addmm(a!, b!, b!, { beta: 2, alpha: 3 }), pair([2], [2, 2])],
    linear: [(x, w, b) => ops.linear(x!, w!, b!), [leaf(2, 1, 3), leaf(2, 3), leaf(2)]],
    "linear of a vector": [(x, w, b) => ops.linear(x!, w!, b!), [leaf(3), leaf(2, 3), leaf(1)]],
    "linear, one output": [(x, w) => ops.linear(x!, w!), pair([2, 2], [2])],
    bilinear: [(x, y, w, b) => ops.bilinear(x!, y!, w!, b!), [leaf(2, 2), leaf(2, 1), leaf(2, 2, 1), leaf(2)]],
    tensordot: [(a, b) => ops.tensordot(a!, b!, [[1], [0]]), pair([2, 1, 2], [2, 2])],
  };
  it.each(Object.entries(rows))("%s", (_, [fn, inputs]) => {
    expect(checkGradients(fn, inputs)).toBe(true);
  });
});

it("gives linear the same gradients by its fused kernels as by ops", () => {
  const [x, w, bias] = [leaf(3, 2, 4), leaf(5, 4), leaf(5)];
  const y = ops.linear(transpose(x, 0, 1), w, bias);
  const start = leaf(2, 3, 5);
  const fused = grad(y, [x, w, bias], [start], { retainGraph: true });
  const composed = grad(y, [x, w, bias], [start], { createGraph: true });
  fused.forEach((gradient, i) => {
    const { shape } = composed[i]!;
    expect(mismatch(gradient, [shape, [...composed[i]!.toArray()]], 1e-14)).toBeNull();
  });
});

const refused: Readonly<Record<string, readonly [() => unknown, ErrorCode, RegExp]>> = {
  "matmul of numbers": [() => ops.matmul(tensor(1), tensor(1)), "invalid_shape", /at least one dimension/],
  "matmul of sizes that do not fit": [
    () => ops.matmul(m, m),
    "shape_mismatch",
    /^matmul: [\s\S]*left {3}\[2, 3\]\n {2}right {2}\[2, 3\]/,
  ],
  "matmul of vectors that do not fit": [() => ops.matmul(v, zeros(4)), "shape_mismatch", /right {2}\[4\]/],
  "matmul of batches that do not broadcast": [
    () => ops.matmul(zeros(5, 2, 3), zeros(4, 3, 2)),
    "shape_mismatch",
    /do not broadcast/,
  ],
  "matmul of other dtypes": [
    () => ops.matmul(m, zeros(3, 2, { dtype: "float64" })),
    "invalid_dtype",
    /left {3}float32\n {2}right {2}float64/,
  ],
  "matmul of truth values": [
    () => ops.matmul(tensor([true]), tensor([true])),
    "invalid_dtype",
    /truth values cannot be multiplied/,
  ],
  "mm of a vector": [() => ops.mm(m, v), "invalid_shape", /mat2 must be a matrix/],
  "bmm of other batches": [() => ops.bmm(zeros(2, 2, 3), zeros(1, 3, 2)), "shape_mismatch", /matmul\(\) broadcasts/],
  "mv of sizes that do not fit": [() => ops.mv(m, zeros(2)), "shape_mismatch", /do not fit/],
  "dot of a matrix": [() => ops.dot(m, v), "invalid_shape", /input must be a vector/],
  "outer of a matrix": [() => ops.outer(m, v), "invalid_shape", /input must be a vector/],
  "addmm of what does not broadcast": [() => ops.addmm(zeros(3), m, n), "shape_mismatch", /does not broadcast/],
  "addmm of what is larger": [() => ops.addmm(zeros(2, 2, 4), m, n), "shape_mismatch", /does not broadcast/],
  "linear of sizes that do not fit": [
    () => ops.linear(m, zeros(4, 2)),
    "shape_mismatch",
    /^linear: [\s\S]*hint: an input \[\.\.\., K\] goes with a weight \[N, K\]/,
  ],
  "linear, a bias of another size": [() => ops.linear(m, zeros(4, 3), v), "shape_mismatch", /each output/],
  "linear, a bias for one output": [() => ops.linear(m, v, tensor(1)), "invalid_shape", /must be a matrix/],
  "linear of a number": [() => ops.linear(tensor(1), m), "invalid_shape", /at least one dimension/],
  "bilinear of other batches": [
    () => ops.bilinear(m, zeros(3, 2), zeros(2, 3, 2)),
    "shape_mismatch",
    /more than their last/,
  ],
  "bilinear of sizes that do not fit": [() => ops.bilinear(m, m, zeros(2, 3, 2)), "shape_mismatch", /fit the weight/],
  "tensordot of sizes that do not fit": [() => ops.tensordot(m, zeros(4, 2), 1), "shape_mismatch", /differ in size/],
  "tensordot of too many": [() => ops.tensordot(m, m, 3), "invalid_argument", /cannot be paired/],
  "tensordot of lists that differ": [() => ops.tensordot(m, m, [[0, 1], [0]]), "invalid_argument", /as many/],
  "inner of sizes that do not fit": [() => ops.inner(m, zeros(4, 2)), "shape_mismatch", /differ in size/],
};

it.each(Object.entries(refused))("refuses %s", (_, [call, code, message]) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});

it("cuts the factors of sums of integers off, as torch", () => {
  const whole = (values: number[] | number[][] | number[][][]): Tensor => int(tensor(values));
  const factors = { beta: -1.6, alpha: 1.7 };
  const sums = [
    ops.addmm(
      whole([3, 4]),
      whole([[1, 2]]),
      whole([
        [1, 1],
        [3, 4],
      ]),
      factors,
    ),
    ops.addmv(whole([3]), whole([[1, 2]]), whole([1, 3]), factors),
    ops.baddbmm(
      whole([[[3, 4]]]),
      whole([[[1, 2]]]),
      whole([
        [
          [1, 1],
          [3, 4],
        ],
      ]),
      factors,
    ),
  ];
  expect(sums.map((sum) => sum.tolist())).toEqual([[[4, 5]], [4], [[[4, 5]]]]);
  expect(sums.map((sum) => sum.dtype)).toEqual(["int32", "int32", "int32"]);
});
