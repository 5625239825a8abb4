import { Generator } from "@tapegrad/tensor";
import type * as ops from "../../../src/ops/dropout.ts";
import { map } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

type Dropout = typeof ops.dropout;

/** What torch draws with seed 7 for the first eight elements or channels: whether each is kept with probability 0.6. */
const KEPT = [true, true, false, false, false, false, true, true];

/** What becomes of an element. */
type Fate = (x: number) => number;

/** Of a tensor of which `each` elements in a row share a draw. */
function dropping(shape: readonly number[], each: number, kept: Fate, dropped: Fate): readonly Sample<Dropout>[] {
  const inputs = [{ shape }];
  return [
    { title: "not training", inputs, call: (op, x) => op(x, 0.5, false), define: (x) => x },
    { title: "p = 0", inputs, call: (op, x) => op(x, 0), define: (x) => x },
    { title: "p = 1", inputs, call: (op, x) => op(x, 1), define: (x) => map(x, (value) => 0 * value) },
    {
      title: "p = 0.4",
      inputs,
      call: (op, x) => op(x, 0.4, true, { generator: new Generator().manualSeed(7) }),
      define: (x) => map(x, (value, i) => (KEPT[Math.floor(i / each)] ? kept(value) : dropped(value))),
      ...(each === 1 && { seesLayout: "draws" }),
    },
  ];
}

const enlarged: Fate = (x) => x / 0.6;
const zero: Fate = (x) => 0 * x;

/** The negative saturation value of SELU, and the factor that keeps variance 1 with p = 0.4 (Klambauer et al. 2017). */
const SATURATED = -1.0507009873554805 * 1.6732632423543772;
const FACTOR = (0.6 * (1 + 0.4 * SATURATED ** 2)) ** -0.5;

const shifted: Fate = (x) => FACTOR * (x - 0.4 * SATURATED);
const saturated: Fate = () => FACTOR * 0.6 * SATURATED;

/** The dropout family: what is certain, and one draw whose outcome torch gave. */
export const dropout: Samples<typeof ops> = {
  dropout: dropping([2, 4], 1, enlarged, zero),
  dropout1d: dropping([2, 3, 2], 2, enlarged, zero),
  dropout2d: dropping([2, 3, 2, 1], 2, enlarged, zero),
  dropout3d: dropping([2, 3, 1, 2, 1], 2, enlarged, zero),
  alphaDropout: dropping([2, 4], 1, shifted, saturated),
  featureAlphaDropout: dropping([2, 3, 2], 2, shifted, saturated),
};
