import { manualSeed } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { backward } from "../engine.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import { randn } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { clone } from "./cast.ts";
import { transpose, view } from "./shape.ts";
import { split } from "./split.ts";

const [samples, steps, heads, width] = [2, 9, 2, 3];
const options = { isCausal: true };

/** Queries, keys and values as heads that are cut from the rows of one product. */
function headsOf(joint: Tensor): [Tensor, Tensor, Tensor] {
  const parts = split(joint, heads * width, 2);
  return parts.map((part) => transpose(view(part, samples, steps, heads, width), 1, 2)) as [Tensor, Tensor, Tensor];
}

const attend = (joint: Tensor): Tensor => scaledDotProductAttention(...headsOf(joint), options);

const product = (dtype: "float32" | "float64" = "float32"): Tensor => {
  manualSeed(3);
  return randn([samples, steps, 3 * heads * width], { dtype, requiresGrad: true });
};

describe("scaledDotProductAttention of heads that were cut from rows", () => {
  it("leaves the heads within rows, so that joining them takes no copy", () => {
    const mixed = attend(product());
    expect(mixed.shape).toEqual([samples, heads, steps, width]);
    expect(transpose(mixed, 1, 2).isContiguous()).toBe(true);
  });

  it("gives the values and gradients that heads of their own have, bit for bit", () => {
    const [joint, other] = [product(), product()];
    const mixed = attend(joint);
    const [q, k, v] = headsOf(other).map((part) => clone(part)) as [Tensor, Tensor, Tensor];
    const apart = scaledDotProductAttention(q, k, v, options);
    expect(apart.isContiguous()).toBe(true);
    expect(mixed.toArray()).toEqual(apart.toArray());
    const weights = randn([samples, heads, steps, width]);
    backward(mixed, weights);
    backward(apart, weights);
    expect(joint.grad!.toArray()).toEqual(other.grad!.toArray());
  });

  it("has the gradients that finite differences give, to second order", () => {
    const joint = product("float64");
    expect(gradcheck(attend, [joint])).toBe(true);
    expect(gradgradcheck(attend, [joint])).toBe(true);
  });
});
