import fc from "fast-check";
import { views } from "../../testing.ts";
import { type ConvGeometry, convolvedSize, type Pair } from "../convGeometry.ts";
import { type AvgPoolGeometry, type MaxPoolGeometry, pooledSize } from "../poolGeometry.ts";
import { type KernelSample, output } from "./sample.ts";

/** Eighths: sums of their products are exact in single precision, so that rounding is no excuse. */
const eighths = fc.integer({ min: -32, max: 32 }).map((n) => n / 8);
const oddities = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1, 1, -2);

/** Elements of one kind: eighths, or with NaN and infinities among them. */
const kinds = fc.constantFrom(eighths, fc.oneof({ weight: 9, arbitrary: eighths }, { weight: 1, arbitrary: oddities }));

const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Shapes of everything in a convolution. */
const convolutions = fc
  .record({
    geometry: fc.record({
      stride: pair(1, 3),
      padding: pair(0, 3),
      dilation: pair(1, 3),
      groups: fc.integer({ min: 1, max: 3 }),
    }),
    images: fc.integer({ min: 0, max: 2 }),
    inputs: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 6 }),
    size: pair(1, 9),
    kernel: pair(1, 4),
    elements: kinds,
  })
  .map(({ geometry, images, inputs, outputs, size, kernel, elements }) => {
    const { stride, padding, dilation, groups } = geometry;
    const along = (d: 0 | 1): number => convolvedSize(size[d], kernel[d], stride[d], padding[d], dilation[d]);
    return {
      geometry: geometry as ConvGeometry,
      x: [images, inputs * groups, ...size],
      weight: [outputs * groups, inputs, ...kernel],
      bias: [outputs * groups],
      out: [images, outputs * groups, along(0), along(1)],
      elements,
    };
  })
  .filter(({ out }) => out[2]! > 0 && out[3]! > 0);

/** Shapes of everything in a pooling: any windows, or some of two by two that lie side by side, which have loops of their own. */
const poolings = (dilated: boolean) =>
  fc
    .oneof(
      fc.record({
        ...{ size: pair(1, 9), kernel: pair(1, 4), stride: pair(1, 4), shift: pair(0, 2) },
        dilation: dilated ? pair(1, 3) : fc.constant<Pair>([1, 1]),
      }),
      fc.record({
        size: pair(2, 23),
        ...{ kernel: fc.constant<Pair>([2, 2]), stride: fc.constant<Pair>([2, 2]), shift: fc.constant<Pair>([0, 0]) },
        dilation: fc.constant<Pair>([1, 1]),
      }),
    )
    .chain((windows) =>
      fc.record({
        windows: fc.constant(windows),
        planes: pair(0, 3),
        ceil: fc.boolean(),
        countIncludePad: fc.boolean(),
        divisorOverride: fc.constantFrom(null, null, 4),
        elements: kinds,
      }),
    )
    .map(({ windows, planes, ceil, countIncludePad, divisorOverride, elements }) => {
      const { size, kernel, stride, shift, dilation } = windows;
      const padding: Pair = [Math.min(shift[0], kernel[0] >> 1), Math.min(shift[1], kernel[1] >> 1)];
      const along = (d: 0 | 1): number => pooledSize(size[d], kernel[d], stride[d], padding[d], dilation[d], ceil);
      const geometry: MaxPoolGeometry & AvgPoolGeometry = {
        ...{ kernel, stride, padding, dilation },
        ...{ countIncludePad, divisorOverride },
      };
      return { geometry, x: [...planes, ...size], out: [...planes, along(0), along(1)], elements };
    })
    .filter(({ out }) => out[2]! > 0 && out[3]! > 0);

const adaptive = fc
  .record({ planes: pair(0, 3), size: pair(1, 9), count: pair(1, 7), elements: kinds })
  .map(({ planes, size, count, elements }) => ({ x: [...planes, ...size], out: [...planes, ...count], elements }));

/** Places in planes of the shape of `x`, as a pooling writes them. */
const places = (shape: readonly number[], x: readonly number[]): ReturnType<typeof views> =>
  views(shape, { dtype: "int32", elements: fc.integer({ min: 0, max: x[2]! * x[3]! - 1 }) });

/** Samples of convolution and pooling. */
export const windowSamples: Readonly<Record<string, KernelSample>> = {
  conv2d: {
    args: convolutions.chain(({ geometry, x, weight, bias, out, elements }) =>
      fc.tuple(
        output(out),
        views(x, { elements }),
        views(weight, { elements: eighths }),
        fc.option(views(bias, { elements: eighths })),
        fc.constant(geometry),
      ),
    ),
  },
  conv2dGradInput: {
    args: convolutions.chain(({ geometry, x, weight, out, elements }) =>
      fc.tuple(output(x), views(out, { elements: eighths }), views(weight, { elements }), fc.constant(geometry)),
    ),
  },
  conv2dGradWeight: {
    args: convolutions.chain(({ geometry, x, weight, out, elements }) =>
      fc.tuple(output(weight), views(out, { elements: eighths }), views(x, { elements }), fc.constant(geometry)),
    ),
  },
  maxPool2d: {
    args: poolings(true).chain(({ geometry, x, out, elements }) =>
      fc.tuple(output(out), output(out, "int32"), views(x, { elements }), fc.constant(geometry)),
    ),
    outputs: 2,
  },
  maxPool2dBackward: {
    args: poolings(true).chain(({ x, out, elements }) => fc.tuple(output(x), views(out, { elements }), places(out, x))),
  },
  maxPool2dGather: {
    args: poolings(true).chain(({ x, out, elements }) => fc.tuple(output(out), views(x, { elements }), places(out, x))),
  },
  avgPool2d: {
    args: poolings(false).chain(({ geometry, x, out, elements }) =>
      fc.tuple(output(out), views(x, { elements }), fc.constant(geometry)),
    ),
  },
  avgPool2dBackward: {
    args: poolings(false).chain(({ geometry, x, out, elements }) =>
      fc.tuple(output(x), views(out, { elements }), fc.constant(geometry)),
    ),
    scale: () => 16, // shares of up to 4, of up to 16 windows
  },
  adaptiveAvgPool2d: {
    args: adaptive.chain(({ x, out, elements }) => fc.tuple(output(out), views(x, { elements }))),
  },
  adaptiveAvgPool2dBackward: {
    args: adaptive.chain(({ x, out, elements }) => fc.tuple(output(x), views(out, { elements }))),
  },
  adaptiveMaxPool2d: {
    args: adaptive.chain(({ x, out, elements }) => fc.tuple(output(out), output(out, "int32"), views(x, { elements }))),
    outputs: 2,
  },
};
