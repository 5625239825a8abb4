import type { ErrorCode } from "@tapegrad/tensor";
import { expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import { counted } from "./__fixtures__/golden.ts";
import * as ops from "./indexing.ts";

const x = counted(2, 3, 4);
const mask = tensor([
  [true, false, true],
  [false, true, true],
]);

const refused: Readonly<Record<string, readonly [() => Tensor, ErrorCode, RegExp]>> = {
  "gather: a negative index": [() => ops.gather(x, 1, [[[-1]]]), "invalid_index", /^gather: index -1 is out of bounds/],
  "gather: an index too large": [() => ops.gather(x, 1, [[[3]]]), "invalid_index", /dimension 1 with size 3/],
  "gather: other dimensions": [() => ops.gather(x, 1, [0]), "shape_mismatch", /number of dimensions/],
  "gather: too many rows": [
    () => ops.gather(x, 1, [[[0]], [[0]], [[0]]]),
    "shape_mismatch",
    /too large in dimension 0/,
  ],
  "gather: float indices": [
    () => ops.gather(x, 1, tensor([[[1]]])),
    "invalid_dtype",
    /indices must be int32[\s\S]*hint: convert them with \.int\(\)/,
  ],
  "gather: fractions": [() => ops.gather(x, 1, [[[0.5]]]), "invalid_index", /whole numbers[\s\S]*index {2}0\.5/],
  "gather: a mask": [() => ops.gather(x, 1, tensor([[[true]]])), "invalid_dtype", /nonzero\(mask\)/],
  "gather: no such dimension": [() => ops.gather(x, 3, [[[0]]]), "invalid_dim", /range {2}-3 to 2/],
  "scatter: a source too small": [
    () => ops.scatter(x, 1, [[[0], [1]]], zeros(1, 1, 1)),
    "shape_mismatch",
    /too large in dimension 1/,
  ],
  "scatter: another dtype": [
    () => ops.scatter(x, 1, [[[0]]], zeros(1, 1, 1, { dtype: "float64" })),
    "invalid_dtype",
    /the dtypes differ/,
  ],
  "scatter: an index too large": [() => ops.scatter(x, 1, [[[3]]], 1), "invalid_index", /^scatter: index 3/],
  "scatter: no such reduction": [
    () => ops.scatter(x, 1, [[[0]]], 1, { reduce: "mean" as "add" }),
    "invalid_option",
    /unknown reduction/,
  ],
  "scatter, multiply: an index too large": [
    () => ops.scatter(x, 1, [[[-1]]], 1, { reduce: "multiply" }),
    "invalid_index",
    /^scatter: index -1/,
  ],
  "indexSelect: a negative index": [() => ops.indexSelect(x, 1, [-1]), "invalid_index", /index -1/],
  "indexSelect: a matrix of indices": [() => ops.indexSelect(x, 1, [[1]]), "invalid_shape", /must be a vector/],
  "indexSelect: two of one number": [() => ops.indexSelect(tensor(1), 0, [0, 0]), "invalid_shape", /only one/],
  "indexAdd: one slice for two indices": [
    () => ops.indexAdd(x, 1, [1, 2], zeros(2, 1, 4)),
    "shape_mismatch",
    /wanted {2}\[2, 2, 4\]/,
  ],
  "indexCopy: a negative index": [() => ops.indexCopy(x, 1, [-1], zeros(2, 1, 4)), "invalid_index", /^indexCopy/],
  "indexFill: beyond the start": [() => ops.indexFill(x, 1, [-4], 1), "invalid_index", /indices run from -3 to 2/],
  "indexFill: several values": [() => ops.indexFill(x, 1, [0], zeros(2)), "invalid_shape", /0-d tensor/],
  "take: beyond the end": [() => ops.take(x, [24]), "invalid_index", /^take: index 24/],
  "takeAlongDim: other dimensions": [() => ops.takeAlongDim(x, [1], 1), "shape_mismatch", /number of dimensions/],
  "takeAlongDim: beyond the end": [() => ops.takeAlongDim(x, [[[3]]], 1), "invalid_index", /^takeAlongDim: index 3/],
  "maskedSelect: numbers": [() => ops.maskedSelect(x, zeros(4)), "invalid_dtype", /must be bool/],
  "maskedSelect: no broadcast": [() => ops.maskedSelect(x, mask), "shape_mismatch", /do not broadcast/],
  "maskedScatter: too few": [
    () => ops.maskedScatter(counted(3), tensor([true, true, false]), zeros(1)),
    "shape_mismatch",
    /fewer elements/,
  ],
  "oneHot: too few classes": [() => ops.oneHot([0, 2], 2), "invalid_index", /^oneHot: index 2/],
  "oneHot: a negative class": [() => ops.oneHot([0, -2]), "invalid_index", /^oneHot: index -2/],
  "oneHot: no classes to count": [() => ops.oneHot([]), "invalid_argument", /pass numClasses/],
  "embedding: a negative index": [() => ops.embedding([-1], counted(3, 2)), "invalid_index", /^embedding: index -1/],
  "embedding: an index too large": [() => ops.embedding([3], counted(3, 2)), "invalid_index", /0 to 2/],
  "embedding: a vector": [() => ops.embedding([0], counted(3)), "invalid_shape", /must be a matrix/],
  "embedding: no such padding": [
    () => ops.embedding([0], counted(3, 2), { paddingIdx: 3 }),
    "invalid_option",
    /not a row/,
  ],
};

it.each(Object.entries(refused))("refuses %s", (_, [call, code, message]) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
