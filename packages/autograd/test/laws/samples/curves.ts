import type * as ops from "../../../src/ops/curves.ts";
import { elementwise, type Samples } from "../sample.ts";
import { erfc } from "./special.ts";

/** Further special functions. */
export const curves: Samples<typeof ops> = {
  sinc: [
    // by its product, which does not cancel: Π cos(πx / 2ⁿ)
    elementwise(
      (x) => Array.from({ length: 40 }, (_, n) => Math.cos((Math.PI * x) / 2 ** (n + 1))).reduce((a, b) => a * b, 1),
      {
        scale: "largest",
        // the angle is rounded
        extremes: (x) => {
          const angle = Math.fround(x * Math.PI);
          return angle === 0 ? 1 : Math.sin(angle) / angle;
        },
      },
    ),
  ],
  entr: [
    elementwise((x) => -x * Math.log(x), {
      range: [0.1, 2],
      scale: "largest",
      extremes: (x) => (x < 0 ? Number.NEGATIVE_INFINITY : x === 0 ? 0 : -x * Math.log(x)),
    }),
  ],
  ndtr: [elementwise((x) => erfc(-x / Math.SQRT2) / 2, { scale: "largest" })],
};
