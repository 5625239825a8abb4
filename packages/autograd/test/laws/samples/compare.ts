import type * as ops from "../../../src/ops/compare.ts";
import { type Samples, truth } from "../sample.ts";

const close = (atol: number, rtol: number, equalNan: boolean) => (a: number, b: number) =>
  a === b ||
  (equalNan && Number.isNaN(a) && Number.isNaN(b)) ||
  (Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= atol + rtol * Math.abs(b));

/** Comparisons and predicates. */
export const compare: Samples<typeof ops> = {
  eq: [truth((a, b) => a === b)],
  ne: [truth((a, b) => a !== b)],
  lt: [truth((a, b) => a < b)],
  le: [truth((a, b) => a <= b)],
  gt: [truth((a, b) => a > b)],
  ge: [truth((a, b) => a >= b)],
  logicalAnd: [truth((a, b) => a !== 0 && b !== 0)],
  logicalOr: [truth((a, b) => a !== 0 || b !== 0)],
  logicalXor: [truth((a, b) => (a !== 0) !== (b !== 0))],
  logicalNot: [truth((a) => a === 0)],
  isnan: [truth((a) => Number.isNaN(a))],
  isinf: [truth((a) => Math.abs(a) === Number.POSITIVE_INFINITY)],
  isfinite: [truth((a) => Number.isFinite(a))],
  isposinf: [truth((a) => a === Number.POSITIVE_INFINITY)],
  isneginf: [truth((a) => a === Number.NEGATIVE_INFINITY)],
  isclose: [
    truth(close(1e-8, 1e-5, false)),
    truth(close(0.5, 0.25, true), {
      title: "tolerances, equal NaN",
      call: (isclose, a, b) => isclose(a, b, { atol: 0.5, rtol: 0.25, equalNan: true }),
      // the distance of the largest numbers overflows, and so does not count as finite
      extremes: (a, b) =>
        Number(close(0.5, 0.25, true)(a, b) && (a === b || Math.fround(Math.abs(a - b)) < 1 / 0 || Number.isNaN(a))),
    }),
  ],
};
