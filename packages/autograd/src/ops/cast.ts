import { type DType, k } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const cast: Op<(input: Tensor, dtype: DType) => Tensor> = defineOp<
  [Tensor],
  { dtype: DType },
  (input: Tensor, dtype: DType) => Tensor
>(
  () => ({
    name: "toCopy",
    infer: ([{ shape }], { dtype }) => ({ shape, dtype }),
    forward: (out, [input]) => k.copy(out, input),
    backward: [(ctx) => to(ctx.grad, ctx.inputMeta(0).dtype)],
    tidy: true,
  }),
  (apply) => (input, dtype) => apply([input], { dtype }),
);

/** The elements as another dtype; the tensor itself if it has that dtype already (torch.Tensor.to). */
export function to(input: Tensor, dtype: DType): Tensor {
  return input.dtype === dtype ? input : cast(input, dtype);
}

/** As float32 (torch.Tensor.float). */
export function float(input: Tensor): Tensor {
  return to(input, "float32");
}

/** As float64 (torch.Tensor.double). */
export function double(input: Tensor): Tensor {
  return to(input, "float64");
}

/** As int32, cut toward zero (torch.Tensor.int). */
export function int(input: Tensor): Tensor {
  return to(input, "int32");
}

/** As int32, our integer type (torch.Tensor.long). */
export function long(input: Tensor): Tensor {
  return to(input, "int32");
}

/** Whether each element is not zero (torch.Tensor.bool). */
export function bool(input: Tensor): Tensor {
  return to(input, "bool");
}

/** A row-major copy with the same history (torch.clone). */
export const clone: Op<(input: Tensor) => Tensor> = defineOp<[Tensor], undefined, (input: Tensor) => Tensor>(
  () => ({
    name: "clone",
    infer: ([input]) => input,
    forward: (out, [input]) => k.copy(out, input),
    backward: [({ grad }) => grad],
    tidy: true,
  }),
  (apply) => (input) => apply([input], undefined),
);

/** The tensor itself if it is row-major, else a row-major copy (torch.Tensor.contiguous). */
export function contiguous(input: Tensor): Tensor {
  return input.isContiguous() ? input : clone(input);
}
