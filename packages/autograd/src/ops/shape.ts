import {
  broadcastShapes,
  broadcastsTo,
  fail,
  inferShape,
  k,
  type NDArray,
  normaliseDim,
  type Shape,
} from "@tapegrad/tensor";
import { defineOp, type InputGradient, type Op, type OpSpec } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./cast.ts";
import { sumToShape } from "./reduce.ts";

/** Sizes as an array or one by one: `reshape(x, [2, 3])`, `x.reshape(2, 3)`. */
export type Sizes = [shape: Shape] | number[];

const listed = (sizes: Sizes): Shape => (typeof sizes[0] === "object" ? sizes[0] : (sizes as number[]));

interface ViewSpec<A> {
  readonly name: string;
  readonly view: (input: NDArray, attrs: A) => NDArray;
  readonly backward: InputGradient<A>;
}

/** A declaration of an op that only looks at its input in another way. The view itself tells the shape. */
function viewSpec<A>({ name, view, backward }: ViewSpec<A>): OpSpec<[Tensor], A> {
  return { name, infer: ([input]) => input, view, backward: [backward], tidy: true };
}

type View<Args extends readonly unknown[]> = Op<(input: Tensor, ...args: Args) => Tensor>;

const viewOp: View<[shape: Shape]> = defineOp(
  viewSpec<{ shape: Shape }>({
    name: "view",
    view: (input, { shape }) =>
      input.reshaped(shape) ??
      fail(
        "invalid_shape",
        "view",
        "the strides do not allow this view",
        { shape: input.shape, stride: input.stride, wanted: shape },
        "use reshape(), which copies where it must",
      ),
    backward: (ctx) => reshape(ctx.grad, ctx.inputMeta(0).shape),
  }),
  (call) => (input: Tensor, shape: Shape) => call([input], { shape }),
);

/** The same elements under another shape, sharing memory; one size may be -1 (torch.Tensor.view). */
export function view(input: Tensor, ...sizes: Sizes): Tensor {
  return viewOp(input, inferShape("view", listed(sizes), input.numel()));
}

/** The same elements under another shape, sharing memory where the strides allow it; one size may be -1 (torch.reshape). */
export function reshape(input: Tensor, ...sizes: Sizes): Tensor {
  const shape = inferShape("reshape", listed(sizes), input.numel());
  return viewOp(input.array.isContiguous || input.array.reshaped(shape) !== null ? input : clone(input), shape);
}

/** Reshapes to the shape of another tensor (torch.Tensor.reshape_as). */
export function reshapeAs(input: Tensor, other: Tensor): Tensor {
  return reshape(input, other.shape);
}

/** Views with the shape of another tensor (torch.Tensor.view_as). */
export function viewAs(input: Tensor, other: Tensor): Tensor {
  return view(input, other.shape);
}

/** Dimensions `startDim` to `endDim` as one (torch.flatten). */
export function flatten(input: Tensor, startDim = 0, endDim = -1): Tensor {
  if (input.ndim === 0) return reshape(input, [1]);
  const start = normaliseDim("flatten", startDim, input.ndim);
  const end = normaliseDim("flatten", endDim, input.ndim);
  if (start > end) fail("invalid_dim", "flatten", "the first dimension comes after the last", { startDim, endDim });
  const merged = input.shape.slice(start, end + 1).reduce((a, b) => a * b, 1);
  return reshape(input, [...input.shape.slice(0, start), merged, ...input.shape.slice(end + 1)]);
}

/** One dimension (torch.ravel). */
export function ravel(input: Tensor): Tensor {
  return reshape(input, [-1]);
}

/** One dimension as several, one of which may be -1 (torch.unflatten). */
export function unflatten(input: Tensor, dim: number, sizes: Shape): Tensor {
  const at = normaliseDim("unflatten", dim, input.ndim);
  const split = inferShape("unflatten", sizes, input.shape[at]!);
  return reshape(input, [...input.shape.slice(0, at), ...split, ...input.shape.slice(at + 1)]);
}

const permuteTo: View<[dims: readonly number[]]> = defineOp(
  viewSpec<{ dims: readonly number[] }>({
    name: "permute",
    view: (input, { dims }) => input.transpose(...dims),
    backward: ({ grad, attrs: { dims } }) => permuteTo(grad, invert(dims)),
  }),
  (call) => (input: Tensor, dims: readonly number[]) => call([input], { dims }),
);

function invert(dims: readonly number[]): number[] {
  const inverse = new Array<number>(dims.length);
  dims.forEach((d, i) => {
    inverse[d] = i;
  });
  return inverse;
}

/** The dimensions in another order: dimension i of the result is dimension `dims[i]` (torch.permute). */
export function permute(input: Tensor, ...dims: Sizes): Tensor {
  const order = listed(dims).map((dim) => normaliseDim("permute", dim, input.ndim));
  if (order.length !== input.ndim || new Set(order).size !== order.length) {
    fail("invalid_dim", "permute", "every dimension must be named once", { dims: listed(dims), shape: input.shape });
  }
  return permuteTo(input, order);
}

/** Two dimensions exchanged (torch.transpose). */
export function transpose(input: Tensor, dim0: number, dim1: number): Tensor {
  const [a, b] = [normaliseDim("transpose", dim0, input.ndim), normaliseDim("transpose", dim1, input.ndim)];
  if (input.ndim === 0) return permuteTo(input, []);
  const order = input.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return permuteTo(input, order);
}

/** A matrix transposed; a tensor of fewer dimensions as it is (torch.t). */
export function t(input: Tensor): Tensor {
  if (input.ndim > 2)
    fail("invalid_shape", "t", "at most two dimensions", { shape: input.shape }, "use transpose() or mT()");
  return input.ndim < 2
    ? permuteTo(
        input,
        input.shape.map((_, i) => i),
      )
    : permuteTo(input, [1, 0]);
}

/** The last two dimensions exchanged (torch.Tensor.mT). */
export function mT(input: Tensor): Tensor {
  if (input.ndim < 2) fail("invalid_shape", "mT", "at least two dimensions", { shape: input.shape });
  return transpose(input, -2, -1);
}

/** Dimensions moved to other places, the rest in order (torch.movedim). */
export function movedim(
  input: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const from = [source].flat().map((dim) => normaliseDim("movedim", dim as number, input.ndim));
  const into = [destination].flat().map((dim) => normaliseDim("movedim", dim as number, input.ndim));
  if (from.length !== into.length || new Set(from).size !== from.length || new Set(into).size !== into.length) {
    fail("invalid_dim", "movedim", "sources and destinations must pair up, each once", { source, destination });
  }
  const rest = input.shape.map((_, i) => i).filter((i) => !from.includes(i));
  const order = input.shape.map((_, i) => (into.includes(i) ? from[into.indexOf(i)]! : rest.shift()!));
  return permuteTo(input, order);
}

/** Dimensions of size 1 left out: all of them, or those named (torch.squeeze). */
export function squeeze(input: Tensor, dim?: number | readonly number[]): Tensor {
  const named = dim === undefined ? null : [dim].flat().map((d) => normaliseDim("squeeze", d as number, input.ndim));
  const shape = input.shape.filter((size, i) => size !== 1 || (named !== null && !named.includes(i)));
  return viewOp(input, shape);
}

/** A dimension of size 1 put in (torch.unsqueeze). */
export function unsqueeze(input: Tensor, dim: number): Tensor {
  const at = normaliseDim("unsqueeze", dim, input.ndim + 1);
  return viewOp(input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
}

const expandTo: View<[shape: Shape]> = defineOp(
  viewSpec<{ shape: Shape }>({
    name: "expand",
    view: (input, { shape }) => input.expand(shape),
    backward: (ctx) => sumToShape(ctx.grad, ctx.inputMeta(0).shape),
  }),
  (call) => (input: Tensor, shape: Shape) => call([input], { shape }),
);

/** Broadcast to a larger shape without a copy; -1 keeps a size (torch.Tensor.expand). */
export function expand(input: Tensor, ...sizes: Sizes): Tensor {
  const wanted = listed(sizes);
  const lead = wanted.length - input.ndim;
  const shape = wanted.map((size, i) => (size === -1 && i >= lead ? input.shape[i - lead]! : size));
  if (lead < 0 || shape.some((size) => size < 0) || !broadcastsTo(input.shape, shape)) {
    fail(
      "shape_mismatch",
      "expand",
      "the tensor does not broadcast to this shape",
      { tensor: input.shape, wanted },
      "only sizes of 1 can grow",
    );
  }
  return expandTo(input, shape);
}

/** Broadcast to the shape of another tensor (torch.Tensor.expand_as). */
export function expandAs(input: Tensor, other: Tensor): Tensor {
  return expand(input, other.shape);
}

/** Broadcast to a shape (torch.broadcast_to). */
export function broadcastTo(input: Tensor, shape: Shape): Tensor {
  return expand(input, shape);
}

/** Several tensors broadcast to one shape (torch.broadcast_tensors). */
export function broadcastTensors(...tensors: Tensor[]): Tensor[] {
  const shape = tensors.reduce<Shape>((common, { shape }) => broadcastShapes("broadcastTensors", common, shape), []);
  return tensors.map((tensor) => expand(tensor, shape));
}

/** Attributes of a view, and the shape that it looks at. */
interface ScatterAttrs<A> {
  readonly attrs: A;
  readonly shape: Shape;
}

/**
 * A view op given by how it looks at an array. Its gradient is zero but for the places that the view shows.
 *
 * @param overlaps whether a view may show a place several times, which then gets the sum
 */
function lookOp<A>(
  name: string,
  look: (input: NDArray, attrs: A) => NDArray,
  overlaps = false,
): Op<(input: Tensor, attrs: A) => Tensor> {
  const scatter: Op<(grad: Tensor, attrs: A, shape: Shape) => Tensor> = defineOp<
    [Tensor],
    ScatterAttrs<A>,
    (grad: Tensor, attrs: A, shape: Shape) => Tensor
  >(
    () => ({
      name: `${name}Backward`,
      infer: ([{ dtype }], { shape }) => ({ shape, dtype }),
      forward: (out, [grad], { attrs }) => {
        k.fill(out, 0);
        (overlaps ? k.accumulate : k.copy)(look(out, attrs), grad);
      },
      tidy: true,
      backward: [({ grad, attrs: { attrs } }) => op(grad, attrs)],
    }),
    (call) => (grad, attrs, shape) => call([grad], { attrs, shape }),
  );
  const op: Op<(input: Tensor, attrs: A) => Tensor> = defineOp(
    () => ({
      ...viewSpec<A>({ name, view: look, backward: (ctx) => scatter(ctx.grad, ctx.attrs, ctx.inputMeta(0).shape) }),
      addTo: (gathered, grad, attrs) => {
        const shown = look(gathered, attrs);
        if (overlaps) k.accumulate(shown, grad);
        else k.add(shown, shown, grad);
      },
    }),
    (call) => (input: Tensor, attrs: A) => call([input], attrs),
  );
  return op;
}

interface SliceAttrs {
  readonly dim: number;
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

const sliceOf: Op<(input: Tensor, attrs: SliceAttrs) => Tensor> = lookOp(
  "slice",
  (input, { dim, start, count, step }) => input.slice(dim, start, count, step),
);

/** `count` indices along a dimension from `start`, every `step`-th; negative steps walk backwards. The building stone of slicing; all must be inside. */
export function strideOver(input: Tensor, dim: number, start: number, count: number, step = 1): Tensor {
  return sliceOf(input, { dim, start, count, step });
}

/** Indices `start` to `start + length` along a dimension (torch.narrow). */
export function narrow(input: Tensor, dim: number, start: number, length: number): Tensor {
  const at = normaliseDim("narrow", dim, input.ndim);
  const size = input.shape[at] ?? fail("invalid_shape", "narrow", "a 0-d tensor has no dimension to narrow");
  const from = start < 0 ? start + size : start;
  if (length < 0 || from < 0 || from + length > size) {
    fail("invalid_index", "narrow", "the range leaves the dimension", { dim, start, length, size });
  }
  return sliceOf(input, { dim: at, start: from, count: length, step: 1 });
}

const selectOf: Op<(input: Tensor, attrs: { dim: number; index: number }) => Tensor> = lookOp(
  "select",
  (input, { dim, index }) => input.select(dim, index),
);

/** One index along a dimension, which is dropped; negative ones count from the end (torch.select). */
export function select(input: Tensor, dim: number, index: number): Tensor {
  const at = normaliseDim("select", dim, input.ndim);
  const size = input.shape[at] ?? fail("invalid_shape", "select", "a 0-d tensor has no dimension to select from");
  if (!Number.isInteger(index) || index < -size || index >= size) {
    fail("invalid_index", "select", "index out of range", { dim, index, size });
  }
  return selectOf(input, { dim: at, index: index < 0 ? index + size : index });
}

interface DiagonalAttrs {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

const diagonalOf: Op<(input: Tensor, attrs: DiagonalAttrs) => Tensor> = lookOp(
  "diagonal",
  (input, { offset, dim1, dim2 }) => input.diagonal(offset, dim1, dim2),
);

/** Elements (i, i + offset) of two dimensions, as a new last dimension (torch.diagonal). */
export function diagonal(input: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  return diagonalOf(input, { offset, dim1, dim2 });
}

interface UnfoldAttrs {
  readonly dim: number;
  readonly size: number;
  readonly step: number;
}

const unfoldOf: Op<(input: Tensor, attrs: UnfoldAttrs) => Tensor> = lookOp(
  "unfold",
  (input, { dim, size, step }) => (input.shape.length === 0 ? input.view([size], [1]) : input.windows(dim, size, step)),
  true,
);

/** Windows of `size` every `step` along a dimension, each as a new last dimension, sharing memory (torch.Tensor.unfold). */
export function unfold(input: Tensor, dim: number, size: number, step: number): Tensor {
  const at = normaliseDim("unfold", dim, input.ndim);
  const length = input.ndim === 0 ? 1 : input.shape[at]!;
  if (size < 0 || size > length)
    fail("invalid_argument", "unfold", "the window is larger than the dimension", { dim, size, length });
  if (!Number.isInteger(step) || step <= 0)
    fail("invalid_argument", "unfold", "the step must be a positive whole number", { step });
  return unfoldOf(input, { dim: at, size, step });
}
