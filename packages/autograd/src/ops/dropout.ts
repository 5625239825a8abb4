import {
  defaultGenerator,
  fail,
  fillBernoulli,
  type Generator,
  isFloating,
  NDArray,
  type Shape,
} from "@tapegrad/tensor";
import { scalar } from "../operands.ts";
import { Tensor } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { squeeze, unsqueeze } from "./shape.ts";

/** Where dropout draws. */
export interface DropoutOptions {
  /** Where the numbers come from. @defaultValue the default generator, which `manualSeed` seeds */
  readonly generator?: Generator;
}

/** A function that drops. */
export type Dropout = (input: Tensor, p?: number, training?: boolean, options?: DropoutOptions) => Tensor;

/** What a kept and a dropped element becomes: scale · x + shift. */
interface Fates {
  readonly kept: readonly [scale: number, shift: number];
  readonly dropped: readonly [scale: number, shift: number];
}

/** Which elements share a draw, and what becomes of them. */
interface Dropping {
  readonly where: string;
  /** The array to draw into, with ones and zeros. */
  readonly noise: (input: NDArray) => NDArray;
  /** `round` gives the nearest number of the dtype. */
  readonly fates: (p: number, round: (x: number) => number) => Fates;
}

/** Declares a function that drops. */
function dropping({ where, noise, fates }: Dropping): Dropout {
  return (input, p = 0.5, training = true, { generator = defaultGenerator } = {}) => {
    if (!(p >= 0 && p <= 1)) fail("invalid_option", where, "p must be a probability", { p }, "a number in [0, 1]");
    if (!training || p === 0 || input.numel() === 0) return input;
    const { dtype } = input;
    if (!isFloating(dtype)) {
      fail("invalid_dtype", where, "the input must be floating-point", { dtype }, "convert it with .float()");
    }
    if (p === 1) return mul(input, scalar(0, dtype));
    const drawn = noise(input.array);
    fillBernoulli(drawn, 1 - p, generator);
    const { kept, dropped } = fates(p, dtype === "float32" ? Math.fround : Number);
    const shift = kept[1] === 0 && dropped[1] === 0 ? null : chosen(drawn, kept[1], dropped[1]);
    const scaled = mul(input, chosen(drawn, kept[0], dropped[0]));
    return shift === null ? scaled : add(scaled, shift);
  };
}

/** One value where 1 was drawn, another where 0 was. */
function chosen(drawn: NDArray, one: number, zero: number): Tensor {
  const { data, shape, stride, dtype } = drawn;
  const values = NDArray.zeros([data.length], dtype);
  const to = values.data;
  for (let i = 0; i < data.length; i++) to[i] = data[i] === 1 ? one : zero;
  return new Tensor(values.view(shape, stride));
}

/** x / (1 − p), or 0. */
const scaledUp = (p: number): Fates => ({ kept: [1 / (1 - p), 0], dropped: [0, 0] });

/** The negative saturation value of SELU: −scale · alpha. */
const ALPHA = 1.7580993408473766;

/** An affine map under which dropping keeps mean and variance of what SELU gives: dropped elements saturate. */
function saturated(p: number, round: (x: number) => number): Fates {
  const scale = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
  const shift = round(ALPHA * scale * p);
  return { kept: [scale, shift], dropped: [0, shift - round(ALPHA * scale)] };
}

/** Dense, in the order in which the elements of `input` lie in memory: the order in which torch draws. */
function alike({ shape, stride, order, dtype }: NDArray): NDArray {
  if (stride.some((step, d) => step === 0 && shape[d]! > 1)) return NDArray.zeros(shape, dtype);
  const outermostFirst = [...order].reverse();
  const dense = NDArray.zeros(
    outermostFirst.map((d) => shape[d]!),
    dtype,
  );
  return dense.transpose(...shape.map((_, d) => outermostFirst.indexOf(d)));
}

/** One element for each image and channel of [N, C, ...]. */
function channelsOf(where: string): (input: NDArray) => NDArray {
  return ({ shape, dtype }) => {
    if (shape.length < 2) fail("invalid_shape", where, "the input must have the shape [N, C, ...]", { input: shape });
    const channels: Shape = shape.map((size, d) => (d < 2 ? size : 1));
    return NDArray.zeros(channels, dtype);
  };
}

/** The same for inputs that may come without N, of the given number of dimensions. */
function perImage(name: string, ranks: readonly number[], drop: Dropout): Dropout {
  return (input, p, training, options) => {
    const [single, batch] = ranks;
    if (input.ndim === single) return squeeze(drop(unsqueeze(input, 0), p, training, options), 0);
    if (input.ndim !== batch) {
      fail("invalid_shape", name, `the input must have ${single} or ${batch} dimensions`, { input: input.shape });
    }
    return drop(input, p, training, options);
  };
}

/**
 * Elements set to zero with probability p, independently, and the others divided by 1 − p. Unless training, and for p = 0,
 * the input itself; for p = 1 nothing is drawn.
 *
 * The draws are those of torch on CPU: one for each element, in the order in which they lie in memory.
 *
 * @param input    floating-point, any shape
 * @param p        the probability of zero, in [0, 1]. @defaultValue 0.5
 * @param training @defaultValue true
 * @throws TensorError `invalid_option` | `invalid_dtype`
 * @see torch.nn.functional.dropout; Srivastava et al. (2014), Dropout
 */
export const dropout: Dropout = dropping({ where: "dropout", noise: alike, fates: scaledUp });

/**
 * {@link dropout} of whole channels: one draw for each image and channel of an input [N, C, ...].
 *
 * As in torch, an input of three dimensions is taken as [N, C, L].
 *
 * @throws TensorError `invalid_option` | `invalid_dtype` | `invalid_shape`
 * @see torch.nn.functional.dropout2d; Tompson et al. (2015), Efficient object localization using convolutional networks
 */
export const dropout2d: Dropout = dropping({ where: "dropout2d", noise: channelsOf("dropout2d"), fates: scaledUp });

/** {@link dropout} of whole channels of an input [N, C, L] or [C, L] (torch.nn.functional.dropout1d). */
export const dropout1d: Dropout = perImage(
  "dropout1d",
  [2, 3],
  dropping({ where: "dropout1d", noise: channelsOf("dropout1d"), fates: scaledUp }),
);

/** {@link dropout} of whole channels of an input [N, C, D, H, W] or [C, D, H, W] (torch.nn.functional.dropout3d). */
export const dropout3d: Dropout = perImage(
  "dropout3d",
  [4, 5],
  dropping({ where: "dropout3d", noise: channelsOf("dropout3d"), fates: scaledUp }),
);

/**
 * Elements set to the value at which SELU saturates with probability p, and all scaled and shifted so that mean 0 and variance
 * 1 stay.
 *
 * @throws TensorError `invalid_option` | `invalid_dtype`
 * @see torch.nn.functional.alpha_dropout; Klambauer et al. (2017), Self-normalizing neural networks
 */
export const alphaDropout: Dropout = dropping({ where: "alphaDropout", noise: alike, fates: saturated });

/** {@link alphaDropout} of whole channels of an input [N, C, ...] (torch.nn.functional.feature_alpha_dropout). */
export const featureAlphaDropout: Dropout = dropping({
  where: "featureAlphaDropout",
  noise: channelsOf("featureAlphaDropout"),
  fates: saturated,
});
