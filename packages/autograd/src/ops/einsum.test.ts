import type { ErrorCode } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { add, sub } from "./arithmetic.ts";
import { int } from "./cast.ts";
import { einsum } from "./einsum.ts";
import { narrow, reshape } from "./shape.ts";

const m = counted(2, 3);
const n = counted(3, 4);
const v = add(counted(3), 1);
const b = sub(counted(2, 2, 3), 5);
const c = sub(counted(2, 3, 2), 3);
const square = narrow(n, 1, 0, 3);

const calls: Readonly<Record<string, () => Tensor>> = {
  "ij,jk": () => einsum("ij,jk", m, n),
  ba: () => einsum("ba", m),
  bA: () => einsum("bA", m),
  ii: () => einsum("ii", square),
  "ii->i": () => einsum("ii->i", square),
  "i,j->ij": () => einsum("i,j->ij", counted(2), v),
  "ij->": () => einsum("ij->", m),
  "...i->...": () => einsum("...i->...", b),
  "...ij,...jk": () => einsum("...ij,...jk", b, n),
  "...i->i": () => einsum("...i->i", b),
  "i...": () => einsum("i...", b),
  "bij,bjk->bki": () => einsum("bij,bjk->bki", b, c),
  "ij,ij->i": () => einsum("ij,ij->i", m, m),
  "ij,ij-> with a single row": () => einsum("ij,ij->", m, reshape(v, 1, 3)),
  "i,ij,j": () => einsum("i,ij,j", tensor([1, 2]), m, v),
  "...i,...i->... broadcasting": () => einsum("...i,...i->...", b, reshape(m, 2, 1, 3)),
  "of spaces": () => einsum(" i j , j k -> k i ", m, n),
  "of one number": () => einsum("->", tensor(3)),
  "ik,jkl,il->ij": () => einsum("ik,jkl,il->ij", m, c, counted(2, 2)),
  "iij,ij->j": () => einsum("iij,ij->j", b, m),
};

/** What torch gives. */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  "of spaces": [
    [4, 2],
    [20, 56, 23, 68, 26, 80, 29, 92],
  ],
  ii: [[], [15]],
  "ii->i": [[3], [0, 5, 10]],
  "ij->": [[], [15]],
  "...i->i": [[3], [-2, 2, 6]],
  "ij,ij->i": [[2], [5, 50]],
  "ij,ij-> with a single row": [[], [34]],
  "i,ij,j": [[], [60]],
  "of one number": [[], [3]],
  "iij,ij->j": [[3], [12, 16, 24]],
  "ij,jk": [
    [2, 4],
    [20, 23, 26, 29, 56, 68, 80, 92],
  ],
  ba: [
    [3, 2],
    [0, 3, 1, 4, 2, 5],
  ],
  bA: [
    [3, 2],
    [0, 3, 1, 4, 2, 5],
  ],
  "i,j->ij": [
    [2, 3],
    [0, 0, 0, 1, 2, 3],
  ],
  "...i->...": [
    [2, 2],
    [-12, -3, 6, 15],
  ],
  "...ij,...jk": [
    [2, 2, 4],
    [-40, -52, -64, -76, -4, -7, -10, -13, 32, 38, 44, 50, 68, 83, 98, 113],
  ],
  "i...": [
    [2, 3, 2],
    [-5, 1, -4, 2, -3, 3, -2, 4, -1, 5, 0, 6],
  ],
  "bij,bjk->bki": [
    [2, 2, 2],
    [16, 7, 4, 4, 34, 79, 40, 94],
  ],
  "...i,...i->... broadcasting": [
    [2, 2],
    [-10, -1, 26, 62],
  ],
  "ik,jkl,il->ij": [
    [2, 2],
    [4, 22, -4, 356],
  ],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  expect(mismatch(call(), golden[name]!)).toBeNull();
});

describe("gradients to second order", () => {
  const rows: Readonly<Record<string, readonly [TensorFunction, readonly Tensor[]]>> = {
    contraction: [(a, b) => einsum("bij,jb->ib", a!, b!), [leaf(2, 2, 2), leaf(2, 2)]],
    diagonals: [(a, b) => einsum("ii...,...i->i", a!, b!), [leaf(2, 2, 1), leaf(2, 2)]],
  };
  it.each(Object.entries(rows))("%s", (_, [fn, inputs]) => {
    expect(checkGradients(fn, inputs)).toBe(true);
  });
});

const refused: Readonly<Record<string, readonly [() => unknown, ErrorCode, RegExp]>> = {
  "an unknown output": [() => einsum("ij->k", m), "invalid_argument", /"k" stands after the arrow only/],
  "a repeated output": [() => einsum("ij->ii", m), "invalid_argument", /"i" stands twice/],
  "too many letters": [() => einsum("ijk", m), "shape_mismatch", /as many dimensions as letters/],
  "too few letters": [() => einsum("i", m), "shape_mismatch", /as many dimensions as letters/],
  dots: [() => einsum("i.j", m), "invalid_argument", /"\." is neither/],
  "too few operands": [() => einsum("i,j", v), "invalid_argument", /2 operands are named, 1 are given/],
  "other sizes": [() => einsum("i,i", v, zeros(2)), "shape_mismatch", /"i" has sizes 3 and 2/],
  "a diagonal that is none": [() => einsum("ii", m), "shape_mismatch", /"i" has two sizes in operand 0/],
  "two arrows": [() => einsum("i->->", v), "invalid_argument", /more than one arrow/],
  "other dtypes": [() => einsum("i,i", v, int(v)), "invalid_dtype", /the dtypes differ/],
};

it.each(Object.entries(refused))("refuses %s", (_, [call, code, message]) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
