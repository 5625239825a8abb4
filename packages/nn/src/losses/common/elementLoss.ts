import { allocateUnfilled, defineOp, expand, mul, type Op, Tensor } from "@tapegrad/autograd";
import { broadcastShapes, giveBack, isFloating, type KernelPair, k, NDArray, sizeOf } from "@tapegrad/tensor";
import { reduceInto, rounded } from "./reduceInto.ts";
import { type Reduction, reduce } from "./reduction.ts";

type Elementwise = (input: Tensor, target: Tensor) => Tensor;

/** A loss of single elements: what it is, and how it is computed in one pass. */
export interface ElementLossSpec {
  readonly name: string;
  /** The losses of the single elements, composed of ops: the definition. */
  readonly definition: Elementwise;
  /** The slopes of the definition for input and target, in ops. */
  readonly slopes: readonly [input: Elementwise, target: Elementwise];
  /** The same as the definition in one pass. */
  readonly value: KernelPair<[out: NDArray, input: NDArray, target: NDArray]>;
  /** The same as the slopes, times a factor, in one pass. */
  readonly slopeKernels: readonly [input: SlopeKernel, target: SlopeKernel];
}

/** Writes slopes times a factor. */
export type SlopeKernel = (out: NDArray, input: NDArray, target: NDArray, factor: number) => void;

/** A loss of single elements, reduced. */
export interface ElementLoss {
  (input: Tensor, target: Tensor, reduction: Reduction): Tensor;
  /** The same composed of ops. */
  readonly composed: (input: Tensor, target: Tensor, reduction: Reduction) => Tensor;
}

interface Attrs {
  readonly reduction: Reduction;
}

type Fused = (input: Tensor, target: Tensor, reduction: Reduction) => Tensor;

/**
 * Declares a loss of single elements: one op, forward and backward in one pass each, for operands of one floating-point dtype; the
 * composed definition for others.
 */
export function elementLoss({ name, definition, slopes, value, slopeKernels }: ElementLossSpec): ElementLoss {
  const composed = (input: Tensor, target: Tensor, reduction: Reduction): Tensor =>
    reduce(definition(input, target), reduction);

  /** The gradient of each element's loss. */
  const share = (grad: Tensor, input: Tensor, target: Tensor, { reduction }: Attrs): Tensor => {
    const shape = broadcastShapes(name, input.shape, target.shape);
    return expand(reduction === "mean" ? grad.div(sizeOf(shape)) : grad, shape);
  };

  const fused: Op<Fused> = defineOp<[Tensor, Tensor], Attrs, Fused>(
    () => ({
      name,
      infer: ([input, target], { reduction }) => ({
        shape: reduction === "none" ? broadcastShapes(name, input.shape, target.shape) : [],
        dtype: input.dtype,
      }),
      forward: (out, [input, target], { reduction }) => {
        const shape = broadcastShapes(name, input.shape, target.shape);
        const losses = reduction === "none" ? out : NDArray.unfilled(shape, out.dtype);
        value(losses, input, target);
        reduceInto(out, losses, reduction, losses.size);
        if (reduction !== "none") giveBack(losses.data);
      },
      saves: [0, 1],
      tidy: true,
      backward: slopes.map((slope) => (ctx) => {
        const [input, target] = [ctx.input(0), ctx.input(1)];
        return mul(share(ctx.grad, input, target, ctx.attrs), slope(input, target));
      }),
      fused: (ctx) => {
        const { reduction } = ctx.attrs;
        const [input, target, grad] = [ctx.input(0).array, ctx.input(1).array, ctx.grad.array];
        const shape = broadcastShapes(name, input.shape, target.shape);
        const factor = reduction === "none" ? 1 : grad.data[grad.offset]!;
        const part = reduction === "mean" ? rounded(factor / sizeOf(shape), grad) : factor;
        const gradients: (Tensor | null)[] = [null, null];
        for (let i = 0; i < 2; i++) {
          if (!ctx.wants(i)) continue;
          const out = allocateUnfilled({ shape, dtype: grad.dtype });
          slopeKernels[i]!(out, input, target, part);
          if (reduction === "none") k.mul(out, out, grad);
          gradients[i] = new Tensor(out);
        }
        return gradients;
      },
    }),
    (apply) => (input, target, reduction) => apply([input, target], { reduction }),
  );

  const loss = (input: Tensor, target: Tensor, reduction: Reduction): Tensor =>
    input.dtype === target.dtype && isFloating(input.dtype)
      ? fused(input, target, reduction)
      : composed(input, target, reduction);
  return Object.assign(loss, { composed });
}
