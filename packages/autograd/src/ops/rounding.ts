import { fail, isFloating, k, type NDArray } from "@tapegrad/tensor";
import { apply, defineOp, type Op, type OpSpec } from "../op.ts";
import { scalar } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { type Unary, unary } from "./families.ts";

const flatSpec: OpSpec<[like: Tensor], undefined> = {
  name: "zerosLike",
  infer: ([like]) => like,
  forward: (out) => k.fill(out, 0),
  backward: null,
};

/** The gradient of a function that is constant but for its jumps: zeros, where null would say that there is none. */
export function flat(grad: Tensor): Tensor {
  return apply(flatSpec, [grad], undefined);
}

/** A function that rounds; integers are round already, and the gradient is 0. */
function rounding(name: string, kernel: (out: NDArray, input: NDArray) => void): Op<Unary> {
  return unary(() => ({ name, kernel, floats: false, backward: ({ grad }) => flat(grad) }));
}

/** The largest whole number that is not larger (torch.floor). */
export const floor: Op<Unary> = rounding("floor", k.floor);

/** The smallest whole number that is not smaller (torch.ceil). */
export const ceil: Op<Unary> = rounding("ceil", k.ceil);

/** The whole part: cut off toward zero (torch.trunc, torch.fix). */
export const trunc: Op<Unary> = rounding("trunc", k.trunc);

/** What trunc cuts off, with the sign of the element (torch.frac). */
export const frac: Op<Unary> = unary(() => ({ name: "frac", kernel: k.frac, backward: ({ grad }) => grad }));

/** How to round. */
export interface RoundOptions {
  /** Places after the decimal point; negative ones round to tens, hundreds ... @defaultValue 0 */
  readonly decimals?: number;
}

type Round = (input: Tensor, options?: RoundOptions) => Tensor;

/**
 * The nearest whole number, halves to the even one; or the nearest with some decimals (torch.round).
 *
 * @throws TensorError `invalid_dtype` for decimals of integers; `invalid_option` when decimals is not whole
 */
export const round: Op<Round> = defineOp<[Tensor], { decimals: number }, Round>(
  () => ({
    name: "round",
    infer: ([{ shape, dtype }], { decimals }) => {
      if (!Number.isInteger(decimals)) {
        fail("invalid_option", "round", "the number of decimals must be whole", { decimals });
      }
      if (decimals !== 0 && !isFloating(dtype)) {
        fail("invalid_dtype", "round", "integers have no decimals", { dtype, decimals }, "convert it with .float()");
      }
      return { shape, dtype };
    },
    forward: (out, [input], { decimals }) => {
      if (decimals === 0) return k.round(out, input);
      const power = scalar(10 ** Math.abs(decimals), out.dtype).array;
      const [enlarge, reduce] = decimals > 0 ? [k.mul, k.div] : [k.div, k.mul];
      enlarge(out, input, power);
      k.round(out, out);
      reduce(out, out, power);
    },
    backward: [({ grad }) => flat(grad)],
  }),
  (call) =>
    (input, { decimals = 0 } = {}) =>
      call([input], { decimals }),
);
