import { describe, expect, it } from "vitest";
import { NDArray } from "../../ndarray.ts";
import * as k from "../elementwise.ts";

/** Values from −12 to 12. */
const x = NDArray.zeros([9600]);
for (let i = 0; i < x.size; i++) x.data[i] = -12 + i / 400;

describe("the fast forms of activations", () => {
  it.each(["gelu", "geluTanh", "silu"] as const)(
    "%s is close to its definition, in units of the last place of max(1, |x|)",
    (name) => {
      const [fast, exact] = [NDArray.zeros([x.size]), NDArray.zeros([x.size], "float64")];
      k[name].wasm!(fast, x);
      k[name].js(exact, x);
      expect(worst(fast, exact)).toBeLessThan(4);
    },
  );

  it.each(["geluBackward", "geluTanhBackward", "siluBackward", "logSigmoidBackward"] as const)(
    "%s is close to its definition, in units of the last place of max(1, |x|)",
    (name) => {
      const [fast, exact, grad] = [NDArray.zeros([x.size]), NDArray.zeros([x.size], "float64"), NDArray.of([1])];
      k[name].wasm!(fast, grad, x);
      k[name].js(exact, grad, x);
      expect(worst(fast, exact)).toBeLessThan(4);
    },
  );
});

function worst(fast: NDArray, exact: NDArray): number {
  let most = 0;
  for (let i = 0; i < x.size; i++) {
    most = Math.max(most, Math.abs(fast.data[i]! - exact.data[i]!) / Math.max(1, Math.abs(x.data[i]!)) / 2 ** -23);
  }
  return most;
}
