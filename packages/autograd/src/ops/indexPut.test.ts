import { describe, expect, it } from "vitest";
import { noGrad } from "../context.ts";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, leaf } from "./__fixtures__/golden.ts";
import { mul } from "./arithmetic.ts";
import { at, type Index, slice } from "./at.ts";
import { indexPut, indexPut_, setAt_ } from "./indexPut.ts";
import { sum } from "./reduce.ts";
import { select } from "./shape.ts";

describe("setAt_ and indexPut", () => {
  const writes: Readonly<Record<string, readonly [index: readonly Index[], value: Tensor | number, row: number[]]>> = {
    "a number": [[1], 9, [0, 9, 2, 3]],
    "a slice": [[slice(1, 3)], tensor([8, 9]), [0, 8, 9, 3]],
    "a slice backwards": [[slice(null, null, -2)], tensor([8, 9]), [0, 9, 2, 8]],
    everything: [[], 5, [5, 5, 5, 5]],
    indices: [[[3, 0]], tensor([8, 9]), [9, 1, 2, 8]],
    "indices, the last stays": [[[3, 3]], tensor([8, 9]), [0, 1, 2, 9]],
    "a mask and a number": [[[true, false, true, false]], 7, [7, 1, 7, 3]],
    "a mask and a tensor": [[tensor([true, false, true, false])], tensor([8, 9]), [8, 1, 9, 3]],
    "a bool tensor and a number": [[tensor([true, false, true, false])], 7, [7, 1, 7, 3]],
    "leading ones": [[slice(2)], tensor([[[8, 9]]]), [0, 1, 8, 9]],
    nothing: [[[]], 7, [0, 1, 2, 3]],
  };
  it.each(Object.entries(writes))("write %s", (_, [index, value, expected]) => {
    const [target, input] = [counted(4), counted(4)];
    expect(setAt_(target, index, value)).toBe(target);
    expect(target.tolist()).toEqual(expected);
    expect(indexPut(input, index, value).tolist()).toEqual(expected);
    expect(input.tolist()).toEqual([0, 1, 2, 3]);
  });

  it("write through mixtures of slices and separate indices", () => {
    const target = zeros(2, 3, 2);
    setAt_(
      target,
      [[0, 1], slice(1), [1, 0]],
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    expect(target.tolist()).toEqual([
      [
        [0, 0],
        [0, 1],
        [0, 2],
      ],
      [
        [0, 0],
        [3, 0],
        [4, 0],
      ],
    ]);
  });

  it("read before they write where source and target share memory", () => {
    const target = counted(5);
    setAt_(target, [slice(1)], at(target, slice(null, -1)));
    expect(target.tolist()).toEqual([0, 0, 1, 2, 3]);
  });

  it("convert to the dtype of what they write to", () => {
    const target = zeros(2, { dtype: "int32" });
    setAt_(target, [0], tensor(2.75));
    setAt_(target, [[1]], -1.5);
    expect(target.tolist()).toEqual([2, -1]);
  });

  it("add up with accumulate", () => {
    const options = { accumulate: true };
    expect(indexPut(counted(3), [[0, 0, 2]], tensor([5, 6, 7]), options).tolist()).toEqual([11, 1, 9]);
    expect(indexPut(counted(3), [slice(1)], 1, options).tolist()).toEqual([0, 2, 3]);
    const target = counted(3);
    expect(indexPut_(target, [[1, 1]], 2, options)).toBe(target);
    expect(target.tolist()).toEqual([0, 5, 2]);
  });

  const gradients: Readonly<Record<string, TensorFunction>> = {
    indices: (a, b) => indexPut(a!, [[2, 0]], b!),
    "indices that repeat, accumulated": (a, b) => indexPut(a!, [[2, 2]], b!, { accumulate: true }),
    "a slice": (a, b) => indexPut(a!, [slice(1)], b!),
    "a slice and indices": (a, b) => indexPut(a!, [slice(1), [1, 0]], b!),
    "in place": (a, b) => mul(setAt_(mul(a!, 2), [slice(1)], b!), a!),
    "in place through a view": (a, b) => {
      const target = mul(a!, a!);
      setAt_(select(target, 0, 1), [[1, 0]], select(b!, 0, 0));
      return target;
    },
    "a mask": (a, b) => {
      const target = mul(a!, 1);
      setAt_(
        target,
        [
          tensor([
            [true, false],
            [false, true],
            [true, true],
          ]),
        ],
        at(b!, 0, 1),
      );
      return target;
    },
  };
  it.each(Object.entries(gradients))("have the gradients of %s", (_, fn) => {
    expect(checkGradients(fn, [leaf(3, 2), leaf(2, 2)])).toBe(true);
  });

  it("refuse values that do not fit, and leaves", () => {
    expect(() => setAt_(counted(4), [slice(2)], zeros(3))).toThrow(
      expect.objectContaining({ code: "shape_mismatch", message: expect.stringMatching(/^setAt_: the values do not/) }),
    );
    expect(() => indexPut(counted(4), [[0, 1]], zeros(3))).toThrow(/do not broadcast to the indexed places/);
    const parameter = leaf(3);
    expect(() => setAt_(parameter, [0], 1)).toThrow(expect.objectContaining({ code: "in_place" }));
    noGrad(() => setAt_(parameter, [0], 1));
    expect(parameter.toArray()[0]).toBe(1);
    expect(grad(sum(mul(parameter, parameter)), [parameter])[0]!.toArray()[0]).toBe(2);
  });
});
