import { broadcastShapes, type DType, fail, k, promote } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import { as, type Operand, resultType } from "../operands.ts";
import { Tensor } from "../tensor.ts";
import { where } from "./choose.ts";
import { ge, gt, le, logicalAnd, logicalOr, lt } from "./compare.ts";

/** The smallest and largest values that {@link clamp} lets through; null, or left out: no bound. */
export interface ClampBounds {
  readonly min?: Operand | null | undefined;
  readonly max?: Operand | null | undefined;
}

interface NumberBounds {
  readonly min: number | null;
  readonly max: number | null;
}

const clampNumbers: Op<(input: Tensor, bounds: NumberBounds) => Tensor> = defineOp<
  [Tensor],
  NumberBounds,
  (input: Tensor, bounds: NumberBounds) => Tensor
>(
  () => ({
    name: "clamp",
    infer: ([input]) => input,
    forward: (out, [input], { min, max }) => k.clamp(out, input, min, max),
    saves: [0],
    backward: [
      (ctx) => {
        const input = ctx.input(0);
        const { min, max } = ctx.attrs;
        const above = min === null ? null : ge(input, min);
        const below = max === null ? null : le(input, max);
        return where(above && below ? logicalAnd(above, below) : (above ?? below)!, ctx.grad, 0);
      },
    ],
  }),
  (call) => (input, bounds) => call([input], bounds),
);

type Bounded = (input: Tensor, bound: Tensor) => Tensor;

const raise: Op<Bounded> = defineOp<[Tensor, Tensor], undefined, Bounded>(
  () => ({
    name: "clampMin",
    infer: ([input, min]) => ({ shape: broadcastShapes("clamp", input.shape, min.shape), dtype: input.dtype }),
    forward: (out, [input, min]) => k.maximum(out, input, min),
    saves: [0, 1],
    backward: [
      (ctx) => where(ge(ctx.input(0), ctx.input(1)), ctx.grad, 0),
      (ctx) => where(lt(ctx.input(0), ctx.input(1)), ctx.grad, 0),
    ],
  }),
  (call) => (input, min) => call([input, min], undefined),
);

const lower: Op<Bounded> = defineOp<[Tensor, Tensor], undefined, Bounded>(
  () => ({
    name: "clampMax",
    infer: ([input, max]) => ({ shape: broadcastShapes("clamp", input.shape, max.shape), dtype: input.dtype }),
    forward: (out, [input, max]) => k.minimum(out, input, max),
    saves: [0, 1],
    backward: [
      (ctx) => where(le(ctx.input(0), ctx.input(1)), ctx.grad, 0),
      (ctx) => where(gt(ctx.input(0), ctx.input(1)), ctx.grad, 0),
    ],
  }),
  (call) => (input, max) => call([input, max], undefined),
);

type Between = (input: Tensor, min: Tensor, max: Tensor) => Tensor;

const clampTensors: Op<Between> = defineOp<[Tensor, Tensor, Tensor], undefined, Between>(
  () => ({
    name: "clamp",
    infer: ([input, min, max]) => ({
      shape: broadcastShapes("clamp", input.shape, broadcastShapes("clamp", min.shape, max.shape)),
      dtype: input.dtype,
    }),
    forward: (out, [input, min, max]) => {
      k.maximum(out, input, min);
      k.minimum(out, out, max);
    },
    saves: [0, 1, 2],
    backward: [
      (ctx) => {
        const input = ctx.input(0);
        return where(logicalAnd(ge(input, ctx.input(1)), le(input, ctx.input(2))), ctx.grad, 0);
      },
      (ctx) => {
        const min = ctx.input(1);
        return where(logicalAnd(lt(min, ctx.input(2)), lt(ctx.input(0), min)), ctx.grad, 0);
      },
      (ctx) => {
        const max = ctx.input(2);
        return where(logicalOr(lt(max, ctx.input(1)), gt(ctx.input(0), max)), ctx.grad, 0);
      },
    ],
  }),
  (call) => (input, min, max) => call([input, min, max], undefined),
);

/**
 * Each element, but not less than `min` nor more than `max` (torch.clamp): `clamp(x, 0, 1)`, `clamp(x, { max: 1 })`.
 *
 * Where min > max the result is max. NaN stays NaN, and a NaN bound gives NaN. The gradient passes where
 * min ≤ input ≤ max, both included; a bound that is a tensor gets it where it decides.
 *
 * @param min a number, a tensor that broadcasts with `input`, or null for no bound
 * @param max the same
 * @returns in the dtype in which all of them meet
 * @throws TensorError `invalid_argument` without any bound; `shape_mismatch`
 */
export function clamp(input: Tensor, min?: Operand | ClampBounds | null, max?: Operand | null): Tensor {
  if (typeof min === "object" && min !== null && !(min instanceof Tensor)) return clamp(input, min.min, min.max);
  const [lo, hi] = [min ?? null, max ?? null];
  if (!(input instanceof Tensor)) fail("invalid_argument", "clamp", "the input is not a tensor", { input });
  if (lo === null && hi === null) {
    fail("invalid_argument", "clamp", "there is no bound", {}, "give min, max or both");
  }
  const dtype = [lo, hi].reduce<DType>(
    (common, bound) => (bound === null ? common : promote(common, resultType(input, bound, "clamp"))),
    input.dtype,
  );
  const x = as(input, dtype);
  if (isNumeral(lo) && isNumeral(hi)) return clampNumbers(x, { min: lo, max: hi });
  if (hi === null) return raise(x, as(lo!, dtype));
  if (lo === null) return lower(x, as(hi, dtype));
  return clampTensors(x, as(lo, dtype), as(hi, dtype));
}

/** Whether a bound can be an attribute: those are plain JSON, so infinities and NaN go the way of tensors. */
function isNumeral(bound: Operand | null): bound is number | null {
  return bound === null || (typeof bound === "number" && Number.isFinite(bound));
}

/** Each element, but not less than `min` (torch.clamp_min). */
export function clampMin(input: Tensor, min: Operand): Tensor {
  return clamp(input, min, null);
}

/** Each element, but not more than `max` (torch.clamp_max). */
export function clampMax(input: Tensor, max: Operand): Tensor {
  return clamp(input, null, max);
}
