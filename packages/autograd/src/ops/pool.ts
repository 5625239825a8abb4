import { k, NDArray, type Shape } from "@tapegrad/tensor";
import { apply, defineOp, type Meta, type Op, type OpSpec } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import type { ValuesAndIndices } from "./extrema.ts";
import { type AdaptiveSize, adaptiveShape, pooledShape, readSize, readWindows, type Windows } from "./poolWindows.ts";
import { type Both, type Images, imagesOf, lineOf, type One, type Pair, signalsOf } from "./windowOptions.ts";

export * from "./poolAverage.ts";
export type { AdaptiveSize } from "./poolWindows.ts";
export * from "./sliding.ts";

type Pick = (source: Tensor, indices: Tensor) => Tensor;

/** What the windows of a max pooling chose, from another tensor of its input's shape. */
const pickChosen: Op<Pick> = defineOp<[Tensor, Tensor], undefined, Pick>(
  () => ({
    name: "maxPoolGather",
    infer: ([{ dtype }, { shape }]) => ({ shape, dtype }),
    forward: (out, [source, indices]) => k.maxPool2dGather(out, source, indices),
    saves: [1],
    tidy: true,
    backward: [(ctx) => returnChosen(ctx.grad, ctx.input(1), spatial(ctx.inputMeta(0).shape)), null],
  }),
  (apply) => (source, indices) => apply([source, indices], undefined),
);

type Return = (grad: Tensor, indices: Tensor, size: Pair) => Tensor;

/** Zeros of the input's shape, to which every element is added where it was chosen. */
const returnChosen: Op<Return> = defineOp<[Tensor, Tensor], { size: Pair }, Return>(
  () => ({
    name: "maxPoolBackward",
    infer: ([{ shape, dtype }], { size }) => ({ shape: [...shape.slice(0, 2), ...size], dtype }),
    forward: (out, [grad, indices]) => k.maxPool2dBackward(out, grad, indices),
    saves: [1],
    tidy: true,
    backward: [(ctx) => pickChosen(ctx.grad, ctx.input(1)), null],
  }),
  (apply) => (grad, indices, size) => apply([grad, indices], { size }),
);

const spatial = (shape: Shape): Pair => [shape[2]!, shape[3]!];

interface MaxPooling<A> {
  readonly name: string;
  readonly shape: (input: Meta, attrs: A) => Shape;
  readonly kernel: (out: NDArray, indices: NDArray, input: NDArray, attrs: A) => void;
}

/** Two ops: the largest elements, and where they are. */
interface MaxPool<A> {
  readonly values: (images: Tensor, attrs: A) => Tensor;
  readonly indices: (images: Tensor, attrs: A) => Tensor;
}

function maxPooling<A>({ name, shape, kernel }: MaxPooling<A>): MaxPool<A> {
  const values: OpSpec<[Tensor], A> = {
    name,
    infer: ([input], attrs) => ({ shape: shape(input, attrs), dtype: input.dtype }),
    aux: ([input], attrs) => [{ shape: shape(input, attrs), dtype: "int32" }],
    forward: (out, [input], attrs, aux) => kernel(out, aux?.[0] ?? NDArray.zeros(out.shape, "int32"), input, attrs),
    backward: [(ctx) => returnChosen(ctx.grad, ctx.aux(0), spatial(ctx.inputMeta(0).shape))],
    tidy: true,
  };
  const indices: OpSpec<[Tensor], A> = {
    name: `${name}Indices`,
    infer: ([input], attrs) => ({ shape: shape(input, attrs), dtype: "int32" }),
    forward: (out, [input], attrs) => kernel(NDArray.zeros(out.shape, input.dtype), out, input, attrs),
    backward: null,
  };
  const call = (spec: OpSpec<[Tensor], A>) => (images: Tensor, attrs: A) => apply(spec, [images], attrs);
  return { values: call(values), indices: call(indices) };
}

const largest: MaxPool<Windows> = maxPooling<Windows>({
  name: "maxPool2d",
  shape: (input, windows) => pooledShape("maxPool2d", input, windows),
  kernel: k.maxPool2d,
});

const adaptiveLargest: MaxPool<AdaptiveSize> = maxPooling<AdaptiveSize>({
  name: "adaptiveMaxPool2d",
  shape: (input, size) => adaptiveShape("adaptiveMaxPool2d", input, size),
  kernel: (out, indices, input) => k.adaptiveMaxPool2d(out, indices, input),
});

/** The values of a max pooling, with the indices where they are asked for. */
function chosen<A>(pool: MaxPool<A>, { images, restore }: Images, attrs: A, both: boolean): Tensor | ValuesAndIndices {
  if (!both) return restore(pool.values(images, attrs));
  const indices = pool.indices(images, attrs);
  return { values: restore(pickChosen(images, indices)), indices: restore(indices) };
}

/** How the windows of a max pooling of images lie. */
export interface MaxPool2dOptions {
  /** Input elements from one window to the next. @defaultValue the size of the window */
  readonly stride?: Both;
  /** Elements of minus infinity added on each side, at most half of the window. @defaultValue 0 */
  readonly padding?: Both;
  /** Input elements from one element of a window to the next. @defaultValue 1 */
  readonly dilation?: Both;
  /** Whether a last window may reach over the end. @defaultValue false */
  readonly ceilMode?: boolean;
  /** Whether to say where the largest elements are, as row · width + column. @defaultValue false */
  readonly returnIndices?: boolean;
}

/** How the windows of a max pooling of signals lie: {@link MaxPool2dOptions} in one direction. */
export interface MaxPool1dOptions {
  readonly stride?: One;
  readonly padding?: One;
  readonly dilation?: One;
  readonly ceilMode?: boolean;
  readonly returnIndices?: boolean;
}

type Indexed = { readonly returnIndices: true };

/**
 * The largest element of each window; NaN is larger than all.
 *
 * @param input      [N, C, H, W] or [C, H, W]
 * @param kernelSize rows and columns of a window
 * @returns [N, C, H', W'] or [C, H', W'], H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
 * @throws TensorError `invalid_shape` | `invalid_option` | `invalid_dtype`
 * @see torch.nn.functional.max_pool2d
 */
export function maxPool2d(input: Tensor, kernelSize: Both, options: MaxPool2dOptions & Indexed): ValuesAndIndices;
export function maxPool2d(input: Tensor, kernelSize: Both, options?: MaxPool2dOptions): Tensor;
export function maxPool2d(input: Tensor, kernelSize: Both, options: MaxPool2dOptions = {}): Tensor | ValuesAndIndices {
  const where = "maxPool2d";
  const windows = readWindows(where, kernelSize, options);
  return chosen(largest, imagesOf(where, input), windows, options.returnIndices ?? false);
}

/** The largest element of each window of signals [N, C, L] or [C, L]: {@link maxPool2d} in one direction (torch.max_pool1d). */
export function maxPool1d(input: Tensor, kernelSize: One, options: MaxPool1dOptions & Indexed): ValuesAndIndices;
export function maxPool1d(input: Tensor, kernelSize: One, options?: MaxPool1dOptions): Tensor;
export function maxPool1d(
  input: Tensor,
  kernelSize: One,
  { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false, returnIndices = false }: MaxPool1dOptions = {},
): Tensor | ValuesAndIndices {
  const where = "maxPool1d";
  const windows = readWindows(where, lineOf(kernelSize, 1), {
    stride: lineOf(stride, 1),
    padding: lineOf(padding, 0),
    dilation: lineOf(dilation, 1),
    ceilMode,
  });
  return chosen(largest, signalsOf(where, input), windows, returnIndices);
}

/** What an adaptive max pooling gives. */
export interface AdaptiveMaxPoolOptions {
  /** Whether to say where the largest elements are, as row · width + column. @defaultValue false */
  readonly returnIndices?: boolean;
}

/**
 * The largest elements of as many windows as the result is to have: window i covers ⌊i·H/H'⌋ to ⌈(i + 1)·H/H'⌉.
 *
 * @param input      [N, C, H, W] or [C, H, W]
 * @param outputSize H' and W'; null keeps a size
 * @throws TensorError `invalid_shape` | `invalid_option`
 * @see torch.nn.functional.adaptive_max_pool2d
 */
export function adaptiveMaxPool2d(
  input: Tensor,
  outputSize: AdaptiveSize | number | null,
  options: Indexed,
): ValuesAndIndices;
export function adaptiveMaxPool2d(
  input: Tensor,
  outputSize: AdaptiveSize | number | null,
  options?: AdaptiveMaxPoolOptions,
): Tensor;
export function adaptiveMaxPool2d(
  input: Tensor,
  outputSize: AdaptiveSize | number | null,
  { returnIndices = false }: AdaptiveMaxPoolOptions = {},
): Tensor | ValuesAndIndices {
  const where = "adaptiveMaxPool2d";
  return chosen(adaptiveLargest, imagesOf(where, input), readSize(where, outputSize), returnIndices);
}

/** {@link adaptiveMaxPool2d} for signals [N, C, L] or [C, L] (torch.nn.functional.adaptive_max_pool1d). */
export function adaptiveMaxPool1d(input: Tensor, outputSize: One, options: Indexed): ValuesAndIndices;
export function adaptiveMaxPool1d(input: Tensor, outputSize: One, options?: AdaptiveMaxPoolOptions): Tensor;
export function adaptiveMaxPool1d(
  input: Tensor,
  outputSize: One,
  { returnIndices = false }: AdaptiveMaxPoolOptions = {},
): Tensor | ValuesAndIndices {
  const where = "adaptiveMaxPool1d";
  return chosen(adaptiveLargest, signalsOf(where, input), readSize(where, lineOf(outputSize, 1)), returnIndices);
}
