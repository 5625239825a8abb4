import { expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import "../methods.ts";
import { counted } from "./__fixtures__/golden.ts";
import { corrcoef, cov } from "./covariance.ts";
import { blockDiag, diag, diagEmbed, diagflat } from "./diagonals.ts";
import { cumulativeTrapezoid, diff, trapezoid } from "./differences.ts";
import { mode } from "./mode.ts";
import { cdist, cross, kron, vander } from "./products.ts";
import * as ops from "./turn.ts";

const m = counted(2, 3);

it("turns by right angles either way", () => {
  expect(ops.rot90(m).tolist()).toEqual([
    [2, 5],
    [1, 4],
    [0, 3],
  ]);
  expect(ops.rot90(m, -3).tolist()).toEqual(ops.rot90(m).tolist());
  expect(ops.rot90(ops.rot90(m, 3)).tolist()).toEqual(m.tolist());
  expect(ops.rot90(m, 2).tolist()).toEqual(ops.fliplr(ops.flipud(m)).tolist());
});

it("adds dimensions where there are few, of a list to each", () => {
  const shapes = [ops.atleast1d, ops.atleast2d, ops.atleast3d].map((more) => [zeros(), zeros(2), m].map(more));
  expect(shapes.map((list) => list.map(({ shape }) => shape))).toEqual([
    [[1], [2], [2, 3]],
    [
      [1, 1],
      [1, 2],
      [2, 3],
    ],
    [
      [1, 1, 1],
      [1, 2, 1],
      [2, 3, 1],
    ],
  ]);
  expect(ops.atleast1d([tensor(1), m]).map(({ shape }) => shape)).toEqual([[1], [2, 3]]);
});

it("lays numbers on diagonals", () => {
  expect(diag(tensor([1, 2]), -1).tolist()).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [0, 2, 0],
  ]);
  expect(diag(m, 1).tolist()).toEqual([1, 5]);
  expect(diagEmbed(m, 0, 0, -1).shape).toEqual([3, 2, 3]);
  expect(diagEmbed(tensor([true])).dtype).toBe("bool");
  expect(diagflat(m).shape).toEqual([6, 6]);
  expect(blockDiag(m, tensor(7), tensor([8, 9])).tolist()).toEqual([
    [0, 1, 2, 0, 0, 0],
    [3, 4, 5, 0, 0, 0],
    [0, 0, 0, 7, 0, 0],
    [0, 0, 0, 0, 8, 9],
  ]);
});

// torch 2.13
it("differences and integrals", () => {
  expect(diff(tensor([1, 4, 9, 16]), 2).tolist()).toEqual([2, 2]);
  expect(diff(tensor([true, false, false])).tolist()).toEqual([true, false]);
  expect(diff(tensor([1]), 3).shape).toEqual([0]);
  expect(trapezoid(tensor([1, 2, 4]), tensor([0, 1, 3])).item()).toBe(7.5);
  expect(cumulativeTrapezoid(tensor([1, 2, 4])).tolist()).toEqual([1.5, 4.5]);
});

// torch 2.13
it("covariances, weighted too, and correlations", () => {
  const x = tensor([
    [0, 1, 2],
    [2, 1, 0],
  ]);
  expect(cov(x).tolist()).toEqual([
    [1, -1],
    [-1, 1],
  ]);
  const weighted = cov(x, { fweights: tensor([1, 2, 1], { dtype: "int32" }), aweights: tensor([0.5, 1, 0.25]) });
  for (const value of weighted.abs().toArray()) expect(value).toBeCloseTo(0.38095236, 6);
  expect(corrcoef(x).at(0, 1).item()).toBeCloseTo(-1, 6);
  expect(cov(tensor([1, 2, 3])).shape).toEqual([]);
});

// torch 2.13
it("mode takes the least of the most frequent, its last place, and no NaN for another", () => {
  const { values, indices } = mode(
    tensor([
      [3, 1, 1, 3],
      [2, 2, 0, 2],
    ]),
  );
  expect([values.tolist(), indices.tolist()]).toEqual([
    [1, 2],
    [2, 3],
  ]);
  expect(mode(tensor([Number.NaN, 1, Number.NaN])).values.item()).toBe(1);
});

it.each([
  [() => ops.rot90(zeros(2)), "invalid_shape"],
  [() => ops.rot90(m, 1, [0]), "invalid_argument"],
  [() => ops.rot90(m, 1, [0, 0]), "invalid_dim"],
  [() => ops.fliplr(zeros(2)), "invalid_shape"],
  [() => ops.hsplit(m, 2), "invalid_argument"],
  [() => ops.vsplit(m, 0), "invalid_argument"],
  [() => ops.dsplit(m, 1), "invalid_shape"],
  [() => ops.dstack([]), "invalid_argument"],
  [() => diag(zeros(1, 1, 1)), "invalid_shape"],
  [() => diagEmbed(m, 0, 1, 1), "invalid_dim"],
  [() => blockDiag(zeros(1, 1, 1)), "invalid_shape"],
  [() => diff(m, -1), "invalid_argument"],
  [() => trapezoid(m, zeros(2)), "shape_mismatch"],
  [() => cov(zeros(1, 1, 1)), "invalid_shape"],
  [() => cov(m, { aweights: tensor([1, -1, 1]) }), "invalid_argument"],
  [() => cov(m, { fweights: tensor([1, 1, 1]) }), "invalid_dtype"],
  [() => cross(zeros(2), zeros(2)), "invalid_shape"],
  [() => cross(zeros(3), zeros(1, 3)), "shape_mismatch"],
  [() => cdist(m, zeros(2, 2)), "shape_mismatch"],
  [() => vander(m), "invalid_shape"],
  [() => mode(zeros(2, 0)), "invalid_shape"],
] as const)("refuses what does not fit (%#)", (call, code) => {
  expect(call).toThrow(expect.objectContaining({ code }));
});

it("kron lays blocks out, whatever the ranks", () => {
  expect(kron(tensor([1, 2]), tensor([[1], [10]])).tolist()).toEqual([
    [1, 2],
    [10, 20],
  ]);
});
