import { fail, isFloating } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { where } from "./choose.ts";
import { gt } from "./compare.ts";
import { reshape } from "./shape.ts";

const preluOf: Op<(input: Tensor, weight: Tensor) => Tensor> = defineOp<
  [Tensor, Tensor],
  undefined,
  (input: Tensor, weight: Tensor) => Tensor
>(
  () => ({
    name: "prelu",
    infer: ([input, weight]) => {
      if (!isFloating(input.dtype) || weight.dtype !== input.dtype) {
        fail("invalid_dtype", "prelu", "input and weight must be of one floating-point dtype", {
          input: input.dtype,
          weight: weight.dtype,
        });
      }
      return input;
    },
    forward: (out, inputs) => byOps(out, inputs, (x, w) => where(gt(x, 0), x, mul(w, x))),
    saves: [0, 1],
    backward: [
      (ctx) => where(gt(ctx.input(0), 0), ctx.grad, mul(ctx.input(1), ctx.grad)),
      (ctx) => {
        const x = ctx.input(0);
        return where(gt(x, 0), 0, mul(x, ctx.grad));
      },
    ],
  }),
  (call) => (input, weight) => call([input, weight], undefined),
);

/**
 * x above 0, weight·x at 0 and below (torch.nn.functional.prelu; He et al. 2015).
 *
 * @param input  any shape; dimension 1 is that of channels
 * @param weight one number, or [channels]
 * @throws TensorError `shape_mismatch` | `invalid_dtype`
 */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  const channels = input.ndim > 1 ? input.shape[1]! : 1;
  if (weight.ndim > 1 || (weight.numel() !== 1 && (weight.numel() !== channels || input.ndim === 0))) {
    fail("shape_mismatch", "prelu", "the weight must be one number or one for each channel", {
      input: input.shape,
      weight: weight.shape,
      channels,
    });
  }
  if (weight.numel() === 1) return preluOf(input, reshape(weight, []));
  return preluOf(
    input,
    reshape(
      weight,
      input.shape.map((size, i) => (i === 1 ? size : 1)),
    ),
  );
}
