import { fail, k, type Shape } from "@tapegrad/tensor";
import { defineOp, type Meta, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { checkSameDType } from "./indexShapes.ts";
import { sum } from "./reduce.ts";
import type { Pair } from "./windowOptions.ts";

/** How a convolution's windows lie on its input. */
export interface ConvGeometry {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

/** The same, with the size that cannot be told from the shapes: of the input's images, or of the kernel. */
export interface SizedGeometry extends ConvGeometry {
  readonly size: Pair;
}

const plain = ({ stride, padding, dilation, groups }: ConvGeometry): ConvGeometry => ({
  stride,
  padding,
  dilation,
  groups,
});

const sizeOfImages = ({ shape }: { readonly shape: Shape }): Pair => [shape[2]!, shape[3]!];

type Convolve = (input: Tensor, weight: Tensor, bias: Tensor | null, geometry: ConvGeometry) => Tensor;

/** The convolution itself. Its two gradients are bilinear as it is, so that each of the three serves the other two. */
export const convolve: Op<Convolve> = defineOp<readonly Tensor[], ConvGeometry, Convolve>(
  () => ({
    name: "conv2d",
    infer: ([input, weight, bias], geometry) => {
      checkConv("conv2d", { input: input!, weight: weight!, ...(bias && { bias }) }, geometry);
      const spatial = [0, 1].map((d) => windows(input!.shape[2 + d]!, weight!.shape[2 + d]!, geometry, d));
      return { shape: [input!.shape[0]!, weight!.shape[0]!, ...spatial], dtype: input!.dtype };
    },
    forward: (out, [input, weight, bias], geometry) => {
      if (out.size > 0) k.conv2d(out, input!, weight!, bias ?? null, geometry);
    },
    saves: [0, 1],
    tidy: true,
    backward: [
      (ctx) => convolveBack(ctx.grad, ctx.input(1), { ...ctx.attrs, size: sizeOfImages(ctx.inputMeta(0)) }),
      (ctx) => correlate(ctx.grad, ctx.input(0), { ...ctx.attrs, size: sizeOfImages(ctx.inputMeta(1)) }),
      ({ grad }) => sum(grad, [0, 2, 3]),
    ],
  }),
  (apply) => (input, weight, bias, geometry) =>
    apply(bias === null ? [input, weight] : [input, weight, bias], plain(geometry)),
);

type Back = (grad: Tensor, weight: Tensor, geometry: SizedGeometry, where?: string) => Tensor;

/** The gradient of {@link convolve} for its input; also the transposed convolution. */
export const convolveBack: Op<Back> = defineOp<[Tensor, Tensor], SizedGeometry & { where: string }, Back>(
  () => ({
    name: "conv2dGradInput",
    infer: ([grad, weight], { groups, size, where }) => {
      checkSameDType(where, { input: grad, weight });
      if (grad.shape[1] !== weight.shape[0] || weight.shape[0]! % groups !== 0) {
        const facts = { input: grad.shape, weight: weight.shape, groups };
        const hint = "an input [N, C, H, W] goes with a weight [C, O / groups, kernel height, kernel width]";
        fail("shape_mismatch", where, "the channels of input and weight do not fit", facts, hint);
      }
      return { shape: [grad.shape[0]!, weight.shape[1]! * groups, ...size], dtype: grad.dtype };
    },
    forward: (out, [grad, weight], geometry) => {
      if (grad.size === 0) k.fill(out, 0);
      else if (out.size > 0) k.conv2dGradInput(out, grad, weight, plain(geometry));
    },
    saves: [0, 1],
    tidy: true,
    backward: [
      (ctx) => convolve(ctx.grad, ctx.input(1), null, ctx.attrs),
      (ctx) => correlate(ctx.input(0), ctx.grad, { ...ctx.attrs, size: sizeOfImages(ctx.inputMeta(1)) }),
    ],
  }),
  (apply) =>
    (grad, weight, geometry, where = "conv2dGradInput") =>
      apply([grad, weight], { ...plain(geometry), size: geometry.size, where }),
);

type Correlate = (grad: Tensor, input: Tensor, geometry: SizedGeometry) => Tensor;

/** The gradient of {@link convolve} for its weight. */
const correlate: Op<Correlate> = defineOp<[Tensor, Tensor], SizedGeometry, Correlate>(
  () => ({
    name: "conv2dGradWeight",
    infer: ([grad, input], { groups, size }) => ({
      shape: [grad.shape[1]!, input.shape[1]! / groups, ...size],
      dtype: grad.dtype,
    }),
    forward: (out, [grad, input], geometry) => {
      if (grad.size === 0) k.fill(out, 0);
      else if (out.size > 0) k.conv2dGradWeight(out, grad, input, plain(geometry));
    },
    saves: [0, 1],
    tidy: true,
    backward: [
      (ctx) => convolve(ctx.input(1), ctx.grad, null, ctx.attrs),
      (ctx) => convolveBack(ctx.input(0), ctx.grad, { ...ctx.attrs, size: sizeOfImages(ctx.inputMeta(1)) }),
    ],
  }),
  (apply) => (grad, input, geometry) => apply([grad, input], { ...plain(geometry), size: geometry.size }),
);

function windows(size: number, kernel: number, { stride, padding, dilation }: ConvGeometry, d: number): number {
  return k.convolvedSize(size, kernel, stride[d]!, padding[d]!, dilation[d]!);
}

interface Operands {
  readonly input: Meta;
  readonly weight: Meta;
  readonly bias?: Meta;
}

function checkConv(where: string, operands: Operands, geometry: ConvGeometry): void {
  checkSameDType(where, { ...operands });
  const { input, weight, bias } = operands;
  const { groups } = geometry;
  const facts = { input: input.shape, weight: weight.shape, ...(bias && { bias: bias.shape }), groups };
  if (weight.shape.length !== 4) fail("invalid_shape", where, "the weight must have four dimensions", facts);
  const [outputs, channels, ...kernel] = weight.shape;
  if (outputs === 0 || outputs! % groups !== 0) {
    fail("shape_mismatch", where, "the number of output channels must be a multiple of groups, and not 0", facts);
  }
  if (input.shape[1] !== channels! * groups) {
    const hint = "an input [N, C, H, W] goes with a weight [O, C / groups, kernel height, kernel width]";
    fail("shape_mismatch", where, "the channels of input and weight do not fit", facts, hint);
  }
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== outputs)) {
    fail("shape_mismatch", where, "the bias does not have one element for each output channel", facts);
  }
  if (kernel.some((size) => size === 0)) fail("invalid_shape", where, "the kernel is empty", facts);
  if (kernel.some((size, d) => windows(input.shape[2 + d]!, size, geometry, d) < 1)) {
    const { padding, dilation } = geometry;
    fail("invalid_shape", where, "the kernel is larger than the padded input", { ...facts, padding, dilation });
  }
}
