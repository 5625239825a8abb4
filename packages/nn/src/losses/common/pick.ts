import { defineOp, expand, ne, type Op, sum, Tensor } from "@tapegrad/autograd";
import { fail, NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import { reduceInto } from "./reduceInto.ts";
import type { Reduction } from "./reduction.ts";

/** How targets are read and losses reduced. */
export interface ClassAttrs {
  /** Which class number counts as none. */
  readonly ignoreIndex: number;
  /** The mean is over the targets that count. */
  readonly reduction: Reduction;
  /** Whose targets they are, for errors. */
  readonly where: string;
}

interface PlaceAttrs {
  readonly ignoreIndex: number;
  readonly shape: Shape;
}

type Pick = (input: Tensor, target: Tensor, ignoreIndex: number, reduction?: Reduction, where?: string) => Tensor;
type Place = (grad: Tensor, target: Tensor, ignoreIndex: number, shape: Shape) => Tensor;

/**
 * Minus the input at the class of each target, 0 where the target is ignored: out[n, ...] = −input[n, target[n, ...], ...]; reduced.
 *
 * @param input     [C] or [N, C, ...]
 * @param target    int32, the shape of `input` without C
 * @param reduction "none" if left out
 * @param where     whose targets they are, for errors
 * @throws TensorError `invalid_index` for a class that is neither in [0, C) nor ignored
 */
export const pickNegative: Op<Pick> = defineOp<[Tensor, Tensor], ClassAttrs, Pick>(
  () => ({
    name: "nllLoss",
    infer: ([{ dtype }, { shape }], { reduction }) => ({ shape: reduction === "none" ? shape : [], dtype }),
    forward: (out, [input, target], { ignoreIndex, reduction, where }) => {
      const losses = reduction === "none" ? out : NDArray.zeros(target.shape, out.dtype);
      const { data } = losses;
      const source = input.data;
      let count = 0;
      visit(where, input, target, ignoreIndex, (at, place) => {
        data[at] = -source[place]!;
        count++;
      });
      reduceInto(out, losses, reduction, count);
    },
    saves: [1],
    backward: [
      (ctx) => {
        const target = ctx.input(1);
        const grad = shareOf(ctx.grad, target, ctx.attrs);
        return placeNegative(grad, target, ctx.attrs.ignoreIndex, ctx.inputMeta(0).shape);
      },
      null,
    ],
    fused: (ctx) => {
      const { ignoreIndex } = ctx.attrs;
      const target = ctx.input(1).array;
      const { shape, dtype } = ctx.inputMeta(0);
      const out = NDArray.zeros(shape, dtype);
      const grads = sharesOf(ctx.grad.array, target, ctx.attrs);
      visit("nllLoss", out, target, ignoreIndex, (at, place) => {
        out.data[place] = -grads(at);
      });
      return [new Tensor(out), null];
    },
  }),
  (apply) =>
    (input, target, ignoreIndex, reduction = "none", where = "nllLoss") =>
      apply([input, target], { ignoreIndex, reduction, where }),
);

/** What the loss of each target has of the gradient of the reduced loss. */
export function shareOf(grad: Tensor, target: Tensor, { ignoreIndex, reduction }: Omit<ClassAttrs, "where">): Tensor {
  if (reduction === "none") return grad;
  return expand(reduction === "sum" ? grad : grad.div(sum(ne(target, ignoreIndex))), target.shape);
}

/** The same, by the number of the target. */
export function sharesOf(
  grad: NDArray,
  target: NDArray,
  { ignoreIndex, reduction }: Omit<ClassAttrs, "where">,
): (at: number) => number {
  if (reduction === "none") {
    const grads = grad.isContiguous ? grad.data : grad.toArray();
    const start = grad.isContiguous ? grad.offset : 0;
    return (at) => grads[start + at]!;
  }
  const whole = grad.data[grad.offset]!;
  const part = reduction === "sum" ? whole : whole / countOf(target, ignoreIndex);
  const share = grad.dtype === "float32" ? Math.fround(part) : part;
  return () => share;
}

/** How many targets count. */
export function countOf(target: NDArray, ignoreIndex: number): number {
  const targets = target.isContiguous ? target.data : target.toArray();
  const start = target.isContiguous ? target.offset : 0;
  let count = 0;
  for (let i = start; i < start + target.size; i++) if (targets[i] !== ignoreIndex) count++;
  return count;
}

/** The gradient of {@link pickNegative}: zeros, and −grad where it picked. */
export const placeNegative: Op<Place> = defineOp<[Tensor, Tensor], PlaceAttrs, Place>(
  () => ({
    name: "nllLossBackward",
    infer: ([{ dtype }], { shape }) => ({ shape, dtype }),
    forward: (out, [grad, target], { ignoreIndex }) => {
      const { data } = out;
      const source = grad.isContiguous ? grad.data : grad.toArray();
      const start = grad.isContiguous ? grad.offset : 0;
      visit("nllLoss", out, target, ignoreIndex, (at, place) => {
        data[place] = -source[start + at]!;
      });
    },
    saves: [1],
    backward: [(ctx) => pickNegative(ctx.grad, ctx.input(1), ctx.attrs.ignoreIndex), null],
  }),
  (apply) => (grad, target, ignoreIndex, shape) => apply([grad, target], { ignoreIndex, shape }),
);

/** Calls `each` with the number of every target that counts, and with the place of its class in `input`'s storage. */
function visit(
  where: string,
  input: NDArray,
  target: NDArray,
  ignoreIndex: number,
  each: (at: number, place: number) => void,
): void {
  const classDim = input.dimension === 1 ? 0 : 1;
  const classes = input.shape[classDim]!;
  const stride = input.stride[classDim]!;
  const batch = classDim === 0 ? 1 : input.shape[0]!;
  const rest = input.shape.slice(classDim + 1);
  const places = placesOf(rest, input.stride.slice(classDim + 1));
  const targets = target.isContiguous ? target.data : target.toArray();
  const start = target.isContiguous ? target.offset : 0;
  let at = 0;
  for (let n = 0; n < batch; n++) {
    const row = input.offset + n * input.stride[0]!;
    for (let s = 0; s < places.length; s++, at++) {
      const index = targets[start + at]!;
      if (index === ignoreIndex) continue;
      if (index < 0 || index >= classes) {
        const facts = { target: index, position: at, classes, ignoreIndex };
        fail("invalid_index", where, "a target is no class", facts, `classes run from 0 to ${classes - 1}`);
      }
      each(at, row + index * stride + places[s]!);
    }
  }
}

/** Where the elements of a strided box lie, from its first, in logical order. */
function placesOf(shape: Shape, stride: readonly number[]): Int32Array {
  let places = Int32Array.of(0);
  for (let d = shape.length - 1; d >= 0; d--) {
    const next = new Int32Array(sizeOf([shape[d]!, places.length]));
    for (let i = 0; i < shape[d]!; i++) {
      for (let j = 0; j < places.length; j++) next[i * places.length + j] = i * stride[d]! + places[j]!;
    }
    places = next;
  }
  return places;
}
