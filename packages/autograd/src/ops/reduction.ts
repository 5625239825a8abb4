import {
  atFirstUse,
  type DType,
  fail,
  type NDArray,
  normaliseDims,
  reducedShape,
  type Shape,
  stridesOf,
} from "@tapegrad/tensor";
import { type BackwardContext, defineOp, type InputGradient, type Op } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { reshape } from "./shape.ts";

/** Which dimensions to reduce: one, several, or all when left out. */
export type Dims = number | readonly number[];

/** What every reduction takes. */
export interface ReduceOptions {
  /** Keep the reduced dimensions with size 1. @defaultValue false */
  readonly keepdim?: boolean;
}

/** Reductions that may add in another dtype. */
export interface SumOptions extends ReduceOptions {
  /** The dtype to convert to before reducing. */
  readonly dtype?: DType;
}

/** A function that reduces dimensions. */
export type Reduce<O = ReduceOptions> = (input: Tensor, dim?: Dims | null, options?: O) => Tensor;

/** Attributes of a reduction: normalised dimensions. */
export interface ReduceAttrs {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/** What a reduction is made of. */
export interface ReduceSpec {
  readonly name: string;
  readonly kernel: (out: NDArray, input: NDArray, dims: readonly number[]) => void;
  readonly result?: (dtype: DType) => DType;
  /** Whether a result for no elements is undefined, and so an error. @defaultValue false */
  readonly nonEmpty?: boolean;
  readonly saves?: readonly (0 | "output")[];
  readonly backward: InputGradient<ReduceAttrs> | null;
  /** The same as `backward` by kernels, while nobody asks for gradients of gradients. */
  readonly fused?: (ctx: BackwardContext<ReduceAttrs>) => NDArray;
}

/** Declares a reduction over any dimensions; what it is made of is asked for at first use. */
export function reduction(declaration: () => ReduceSpec): Op<Reduce> {
  const declared = atFirstUse(declaration);
  return defineOp<[Tensor], ReduceAttrs, Reduce>(
    () => {
      const { name, kernel, result = (dtype) => dtype, nonEmpty = false, saves = [], backward, fused } = declared();
      return {
        name,
        infer: ([{ shape, dtype }], { dims, keepdim }) => {
          if (nonEmpty && dims.some((d) => shape[d] === 0)) {
            fail("invalid_shape", name, "a dimension of size 0 has no extremum", { shape, dims });
          }
          return { shape: reducedShape(shape, dims, keepdim), dtype: result(dtype) };
        },
        forward: (out, [input], { dims, keepdim }) => {
          if (keepdim) kernel(out, input, dims);
          else {
            const kept = reducedShape(input.shape, dims, true);
            kernel(out.view(kept, stridesOf(kept)), input, dims);
          }
        },
        saves,
        backward: backward && [backward],
        ...(fused && { fused: (ctx) => [new Tensor(fused(ctx))] }),
        tidy: true,
      };
    },
    (apply) =>
      (input, dim, { keepdim = false } = {}) =>
        apply([input], { dims: normaliseDims(declared().name, dim ?? undefined, input.ndim), keepdim }),
  );
}

/** Puts reduced dimensions back, with size 1, so that a result broadcasts against what it came from. */
export function restored(reduced: Tensor, { dims, keepdim }: ReduceAttrs, shape: Shape): Tensor {
  return keepdim ? reduced : reshape(reduced, reducedShape(shape, dims, true));
}

/** {@link restored} and expanded to `shape`, for arrays. */
export function restoredArray(reduced: NDArray, { dims, keepdim }: ReduceAttrs, shape: Shape): NDArray {
  const stride: number[] = [];
  let at = 0;
  for (let d = 0; d < shape.length; d++) {
    const folded = dims.includes(d);
    stride.push(folded ? 0 : reduced.stride[at]!);
    if (!folded || keepdim) at++;
  }
  return reduced.view(shape, stride);
}

/** How many elements go into one result. */
export function count(shape: Shape, dims: readonly number[]): number {
  return dims.reduce((product, d) => product * shape[d]!, 1);
}
