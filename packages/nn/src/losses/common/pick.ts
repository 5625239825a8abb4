import { defineOp, type Op, type Tensor } from "@tapegrad/autograd";
import { fail, type NDArray, type Shape, sizeOf } from "@tapegrad/tensor";

interface PickAttrs {
  /** Which class numbers count as none. */
  readonly ignoreIndex: number;
}

type Pick = (input: Tensor, target: Tensor, ignoreIndex: number) => Tensor;
type Place = (grad: Tensor, target: Tensor, ignoreIndex: number, shape: Shape) => Tensor;

/**
 * Minus the input at the class of each target, 0 where the target is ignored: out[n, ...] = −input[n, target[n, ...], ...].
 *
 * @param input  [C] or [N, C, ...]
 * @param target int32, the shape of `input` without C
 * @throws TensorError `invalid_index` for a class that is neither in [0, C) nor ignored
 */
export const pickNegative: Op<Pick> = defineOp<[Tensor, Tensor], PickAttrs, Pick>(
  {
    name: "nllLoss",
    infer: ([{ dtype }, { shape }]) => ({ shape, dtype }),
    forward: (out, [input, target], { ignoreIndex }) => {
      const { data } = out;
      const source = input.data;
      visit("nllLoss", input, target, ignoreIndex, (at, place) => {
        data[at] = -source[place]!;
      });
    },
    saves: [1],
    backward: [(ctx) => placeNegative(ctx.grad, ctx.input(1), ctx.attrs.ignoreIndex, ctx.inputMeta(0).shape), null],
  },
  (apply) => (input, target, ignoreIndex) => apply([input, target], { ignoreIndex }),
);

/** The gradient of {@link pickNegative}: zeros, and −grad where it picked. */
const placeNegative: Op<Place> = defineOp<[Tensor, Tensor], PickAttrs & { readonly shape: Shape }, Place>(
  {
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
  },
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
    const row = input.offset + (classDim === 0 ? 0 : n * input.stride[0]!);
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
