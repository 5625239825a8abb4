import type * as ops from "../../../src/ops/cast.ts";
import { elementwise, type Samples, truth } from "../sample.ts";

const same = (x: number): number => x;
/** What has no place among the integers becomes the least of them, as on x86. */
const limited = (x: number): number => (Math.abs(Math.trunc(x)) < 2 ** 31 ? Math.trunc(x) + 0 : -(2 ** 31));
const whole = { range: [-4, 4], dtype: "int32", differentiable: false, extremes: limited } as const;

/** Copies and casts. */
export const cast: Samples<typeof ops> = {
  to: [
    elementwise(same, { title: "float64", dtype: "float64", call: (to, x) => to(x, "float64") }),
    elementwise(Math.fround, {
      title: "integers to float32",
      inputs: [{ shape: [2, 3], dtype: "int32" }],
      dtype: "float32",
      differentiable: false,
      call: (to, x) => to(x, "float32"),
    }),
  ],
  float: [
    elementwise(same, {
      inputs: [{ shape: [2, 3], lattice: [0.25, 0] }],
      dtype: "float32",
      coarse: true,
    }),
  ],
  double: [elementwise(same, { dtype: "float64" })],
  int: [elementwise(Math.trunc, whole)],
  long: [elementwise(Math.trunc, whole)],
  bool: [truth((x) => x !== 0)],
  clone: [elementwise(same)],
  contiguous: [elementwise(same)],
};
