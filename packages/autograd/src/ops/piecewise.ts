import { fail, k, type NDArray } from "@tapegrad/tensor";
import { defineOp, type InputGradient, type Op } from "../op.ts";
import { scalar } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { where } from "./choose.ts";
import { ge, gt, le, logicalAnd, logicalOr, lt } from "./compare.ts";
import { type Binary, binary, floating, type Unary, unary } from "./families.ts";
import { sgn } from "./pointwise.ts";
import { flat } from "./rounding.ts";

/** The gradient of {@link relu} from its output: 0 where that is 0. */
const reluBackward: Op<Binary> = binary(() => ({
  name: "thresholdBackward",
  kernel: k.reluBackward,
  saves: [1],
  backward: [(ctx) => reluBackward(ctx.grad, ctx.input(1)), ({ grad }) => flat(grad)],
}));

/** max(x, 0); its gradient at 0 is 0 (torch.relu). */
export const relu: Op<Unary> = unary(() => ({
  name: "relu",
  kernel: k.relu,
  floats: false,
  saves: ["output"],
  backward: (ctx) => reluBackward(ctx.grad, ctx.output),
}));

/** An activation with parameters, element by element. */
interface ActivationSpec<A> {
  readonly name: string;
  readonly forward: (out: NDArray, input: NDArray, attrs: A) => void;
  readonly backward: InputGradient<A>;
  /** Whether integers become float32 first. @defaultValue true */
  readonly floats?: boolean;
}

/** Declares an activation with parameters; its backward may read the input. */
function activation<A>({
  name,
  forward,
  backward,
  floats = true,
}: ActivationSpec<A>): Op<(input: Tensor, attrs: A) => Tensor> {
  return defineOp<[Tensor], A, (input: Tensor, attrs: A) => Tensor>(
    () => ({
      name,
      infer: ([{ shape, dtype }]) => ({ shape, dtype: floats ? floating(dtype) : dtype }),
      forward: (out, [input], attrs) => forward(out, input, attrs),
      saves: [0],
      backward: [backward],
    }),
    (call) => (input, attrs) => call([input], attrs),
  );
}

/** What {@link leakyRelu} takes. */
export interface LeakyReluOptions {
  /** The slope below 0. @defaultValue 0.01 */
  readonly negativeSlope?: number;
}

const leaky: Op<(input: Tensor, attrs: { slope: number }) => Tensor> = activation<{ slope: number }>({
  name: "leakyRelu",
  forward: (out, input, { slope }) => {
    if (slope > 0 && slope <= 1) {
      k.mul(out, input, scalar(slope, out.dtype).array);
      k.maximum(out, input, out);
    } else byOps(out, [input], (x) => where(gt(x, 0), x, mul(x, slope)));
  },
  backward: (ctx) => where(gt(ctx.input(0), 0), ctx.grad, mul(ctx.grad, ctx.attrs.slope)),
});

/** x above 0, negativeSlope·x at 0 and below (torch.nn.functional.leaky_relu; Maas et al. 2013). */
export function leakyRelu(input: Tensor, { negativeSlope = 0.01 }: LeakyReluOptions = {}): Tensor {
  return leaky(input, { slope: negativeSlope });
}

/** What {@link hardtanh} takes. */
export interface HardtanhOptions {
  /** The smallest result. @defaultValue -1 */
  readonly minVal?: number;
  /** The largest result. Not less than minVal. @defaultValue 1 */
  readonly maxVal?: number;
}

const bounded: Op<(input: Tensor, attrs: { min: number; max: number }) => Tensor> = activation<{
  min: number;
  max: number;
}>({
  name: "hardtanh",
  forward: (out, input, { min, max }) => k.clamp(out, input, min, max),
  backward: (ctx) => {
    const { min, max } = ctx.attrs;
    const x = ctx.input(0);
    return where(logicalAnd(gt(x, min), lt(x, max)), ctx.grad, 0);
  },
  floats: false,
});

/**
 * The elements clamped to [minVal, maxVal], with gradient 0 at the bounds (torch.nn.functional.hardtanh).
 *
 * @throws TensorError `invalid_option` when minVal > maxVal
 */
export function hardtanh(input: Tensor, { minVal = -1, maxVal = 1 }: HardtanhOptions = {}): Tensor {
  if (minVal > maxVal) fail("invalid_option", "hardtanh", "minVal is larger than maxVal", { minVal, maxVal });
  return bounded(input, { min: minVal, max: maxVal });
}

/** min(max(x, 0), 6) (torch.nn.functional.relu6). */
export function relu6(input: Tensor): Tensor {
  return bounded(input, { min: 0, max: 6 });
}

interface ThresholdAttrs {
  readonly threshold: number;
  readonly value: number;
}

const above: Op<(input: Tensor, attrs: ThresholdAttrs) => Tensor> = activation<ThresholdAttrs>({
  name: "threshold",
  forward: (out, input, { threshold: bound, value }) =>
    byOps(out, [input], (x) => where(le(x, bound), scalar(value, x.dtype), x)),
  backward: (ctx) => where(le(ctx.input(0), ctx.attrs.threshold), 0, ctx.grad),
  floats: false,
});

/** x above a threshold, `value` at it and below (torch.nn.functional.threshold). */
export function threshold(input: Tensor, bound: number, value: number): Tensor {
  return above(input, { threshold: bound, value });
}

/** The slope of {@link hardsigmoid} as torch has it: rounded to float32 in float64 too. */
const SIXTH = Math.fround(1 / 6);

/** clamp(x/6 + 1/2, 0, 1); its gradient at ±3 is 0 (torch.nn.functional.hardsigmoid). */
export const hardsigmoid: Op<Unary> = unary(() => ({
  name: "hardsigmoid",
  kernel: (out, input) => {
    clampedSum(out, input);
    k.div(out, out, scalar(6, out.dtype).array);
  },
  saves: [0],
  backward: (ctx) => {
    const x = ctx.input(0);
    return where(logicalAnd(gt(x, -3), lt(x, 3)), mul(ctx.grad, SIXTH), 0);
  },
}));

/** x·clamp(x + 3, 0, 6)/6 (torch.nn.functional.hardswish; Howard et al. 2019). */
export const hardswish: Op<Unary> = unary(() => ({
  name: "hardswish",
  kernel: (out, input) => {
    clampedSum(out, input);
    k.mul(out, out, input);
    k.div(out, out, scalar(6, out.dtype).array);
  },
  saves: [0],
  backward: (ctx) => {
    const x = ctx.input(0);
    const inner = where(ge(x, 3), ctx.grad, mul(ctx.grad, add(div(x, 3), 0.5)));
    return where(le(x, -3), 0, inner);
  },
}));

/** clamp(x + 3, 0, 6). */
function clampedSum(out: NDArray, input: NDArray): void {
  k.add(out, input, scalar(3, out.dtype).array);
  k.clamp(out, out, 0, 6);
}

/** What {@link hardshrink} and {@link softshrink} take. */
export interface ShrinkOptions {
  /** Where shrinking ends. @defaultValue 0.5 */
  readonly lambd?: number;
}

/** Whether elements lie in the region that shrinks to 0, and whether outside: NaN does neither. */
const within = (x: Tensor, lambd: number): Tensor => logicalAnd(ge(x, -lambd), le(x, lambd));
const beyond = (x: Tensor, lambd: number): Tensor => logicalOr(lt(x, -lambd), gt(x, lambd));

const hard: Op<(input: Tensor, attrs: { lambd: number }) => Tensor> = activation<{ lambd: number }>({
  name: "hardshrink",
  forward: (out, input, { lambd }) => byOps(out, [input], (x) => where(within(x, lambd), 0, x)),
  backward: (ctx) => where(beyond(ctx.input(0), ctx.attrs.lambd), ctx.grad, 0),
});

/** 0 in [−lambd, lambd], x elsewhere (torch.nn.functional.hardshrink). */
export function hardshrink(input: Tensor, { lambd = 0.5 }: ShrinkOptions = {}): Tensor {
  return hard(input, { lambd });
}

const soft: Op<(input: Tensor, attrs: { lambd: number }) => Tensor> = activation<{ lambd: number }>({
  name: "softshrink",
  forward: (out, input, { lambd }) =>
    byOps(out, [input], (x) => where(within(x, lambd), 0, sub(x, mul(sgn(x), lambd)))),
  backward: (ctx) => where(beyond(ctx.input(0), ctx.attrs.lambd), ctx.grad, 0),
});

/**
 * x moved toward 0 by lambd, 0 in [−lambd, lambd] (torch.nn.functional.softshrink).
 *
 * @throws TensorError `invalid_option` when lambd is negative
 */
export function softshrink(input: Tensor, { lambd = 0.5 }: ShrinkOptions = {}): Tensor {
  if (!(lambd >= 0)) fail("invalid_option", "softshrink", "lambd must be at least 0", { lambd });
  return soft(input, { lambd });
}
