import { k } from "@tapegrad/tensor";
import { describe, expect, it, vi } from "vitest";
import { tensor } from "./creation.ts";
import { defineOp, type OpSpec } from "./op.ts";
import type { Tensor } from "./tensor.ts";

type Negation = (input: Tensor) => Tensor;

const spec: OpSpec<[Tensor], undefined> = {
  name: "opposite",
  infer: ([input]) => input,
  forward: (out, [input]) => k.neg(out, input),
  backward: null,
};

const declare = (declaration: OpSpec<[Tensor], undefined> | (() => OpSpec<[Tensor], undefined>)) =>
  defineOp<[Tensor], undefined, Negation>(declaration, (apply) => (input) => apply([input], undefined));

describe("defineOp", () => {
  it("asks for a declaration at the first use, once", () => {
    const declaration = vi.fn(() => spec);
    const op = declare(declaration);
    expect(declaration).not.toHaveBeenCalled();
    expect(op(tensor([1, -2])).tolist()).toEqual([-1, 2]);
    op(tensor([3]));
    expect(op.spec.name).toBe("opposite");
    expect(declaration).toHaveBeenCalledTimes(1);
  });

  it("gives the same declaration whenever it is asked", () => {
    const op = declare(() => ({ ...spec }));
    expect(op.spec).toBe(op.spec);
    expect(op.spec).not.toBe(declare(() => ({ ...spec })).spec);
  });

  it("takes a declaration that is there already", () => {
    const op = declare(spec);
    expect(op.spec.name).toBe("opposite");
    expect(op(tensor([5])).tolist()).toEqual([-5]);
  });
});
