import { expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { gradcheck } from "../gradcheck.ts";
import { nanmean, nanmedian, nansum } from "./nan.ts";
import { nanquantile, quantile } from "./quantile.ts";

const nan = Number.NaN;
const rows = tensor([
  [3, 1, nan],
  [2, 2, 5],
]);

// torch 2.13
it("quantile stands between elements as it is told", () => {
  const x = tensor([8, 1, 4, 2]);
  expect(quantile(x, tensor([0, 0.25, 0.5, 1])).tolist()).toEqual([1, 1.75, 3, 8]);
  const methods = ["linear", "lower", "higher", "nearest", "midpoint"] as const;
  const found = methods.map((interpolation) => quantile(x, 0.4, null, { interpolation }).item());
  expect(found).toEqual([expect.closeTo(2.4, 6), 2, 4, 2, 3]);
  expect(quantile(x, tensor([0.5, 1]), 0, { keepdim: true }).shape).toEqual([2, 1]);
  expect(quantile(zeros(2, 3, 4), tensor([0.5, 1, 0]), 1, { keepdim: true }).shape).toEqual([3, 2, 1, 4]);
  expect(quantile(zeros(2, 3), 0.5, null, { keepdim: true }).shape).toEqual([1, 1]);
});

it("NaN spreads, or is passed over", () => {
  expect(quantile(rows, 0.5, 1).tolist()).toEqual([nan, 2]);
  expect(nanquantile(rows, 0.5, 1, { keepdim: true }).tolist()).toEqual([[2], [2]]);
  expect(nanquantile(tensor([nan, nan]), 0.5).item()).toBeNaN();
  expect([nanmedian(rows).item(), nansum(rows).item()]).toEqual([2, 13]);
  const { values, indices } = nanmedian(rows, 1);
  expect([values.tolist(), indices.tolist()]).toEqual([
    [1, 2],
    [1, 1],
  ]);
  expect(nanmedian(tensor([[nan, nan]]), 1).values.tolist()).toEqual([nan]);
  expect(nanmean(rows, 0).tolist()).toEqual([2.5, 1.5, 5]);
});

it("has the gradients that finite differences give, for the parts too", () => {
  const x = tensor([[8, 1, 4, 2.5]], { dtype: "float64", requiresGrad: true });
  const q = tensor([0.4, 0.9], { dtype: "float64", requiresGrad: true });
  expect(gradcheck((a, b) => quantile(a, b, 1), [x, q])).toBe(true);
});

it.each([
  [() => quantile(tensor([1], { dtype: "int32" }), 0.5), "invalid_dtype"],
  [() => quantile(zeros(0), 0.5), "invalid_shape"],
  [() => quantile(zeros(2), 1.5), "invalid_argument"],
  [() => quantile(zeros(2), zeros(1, 1)), "invalid_shape"],
  [() => quantile(zeros(2), tensor(0.5, { dtype: "float64" })), "invalid_dtype"],
  [() => quantile(zeros(2), 0.5, 0, { interpolation: "cubic" as "linear" }), "invalid_option"],
  [() => nanmean(tensor([1], { dtype: "int32" })), "invalid_dtype"],
  [() => nanmedian(zeros(2, 0), 1), "invalid_shape"],
] as const)("refuses what does not fit (%#)", (call, code) => {
  expect(call).toThrow(expect.objectContaining({ code }));
});
