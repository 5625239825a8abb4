import { fail, k, type NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import { allocateUnfilled, type BackwardContext, defineOp, type Op } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { matmul } from "./matmul.ts";
import { checkProductDTypes, matrixProduct } from "./matrixProduct.ts";
import { sum } from "./reduce.ts";
import { expand, permute, reshape, squeeze, t, unsqueeze } from "./shape.ts";

type Affine = (input: Tensor, weight: Tensor, bias: Tensor | null) => Tensor;

function asRows(array: NDArray): NDArray {
  if (array.dimension === 2) return array;
  const shape = [sizeOf(array.shape.slice(0, -1)), array.shape.at(-1)!];
  return array.reshaped(shape) ?? array.copy().reshaped(shape)!;
}

const rowsOf = (input: Tensor): Tensor => reshape(input, [sizeOf(input.shape.slice(0, -1)), input.shape.at(-1)!]);

const affine: Op<Affine> = defineOp<readonly Tensor[], undefined, Affine>(
  () => ({
    name: "linear",
    infer: (inputs) => {
      const { shape, dtype } = inputs[0]!;
      const outputs = inputs[1]!.shape[0]!;
      return { shape: shape.length === 2 ? [shape[0]!, outputs] : [...shape.slice(0, -1), outputs], dtype };
    },
    forward: (out, inputs) => k.linear(asRows(out), asRows(inputs[0]!), inputs[1]!, inputs[2] ?? null),
    saves: [0, 1],
    backward: [
      (ctx) => matmul(ctx.grad, ctx.input(1)),
      (ctx) => matrixProduct(t(rowsOf(ctx.grad)), rowsOf(ctx.input(0))),
      ({ grad }) => grad, // summed over the rows by the engine
    ],
    fused: affineGradients,
    tidy: true,
  }),
  (apply) => (input, weight, bias) => apply(bias === null ? [input, weight] : [input, weight, bias], undefined),
);

/** The three gradients without a detour through the tape. */
function affineGradients(ctx: BackwardContext<undefined>): (Tensor | null)[] {
  const grad = asRows(ctx.grad.array);
  const gradients: (Tensor | null)[] = [null, null, null];
  if (ctx.wants(0)) {
    const out = allocateUnfilled(ctx.inputMeta(0));
    k.matmul(asRows(out), grad, ctx.input(1).array);
    gradients[0] = new Tensor(out);
  }
  if (ctx.wants(1)) {
    const out = allocateUnfilled(ctx.inputMeta(1));
    const { shape, stride } = grad;
    k.matmul(out, grad.view([shape[1]!, shape[0]!], [stride[1]!, stride[0]!]), asRows(ctx.input(0).array));
    gradients[1] = new Tensor(out);
  }
  if (ctx.wants(2)) {
    const out = allocateUnfilled(ctx.inputMeta(2));
    k.sum(out.view([1, out.size], [out.size, 1]), grad, [0]);
    gradients[2] = new Tensor(out);
  }
  return gradients;
}

/**
 * Every vector of the last dimension through one matrix: `input · weightᵀ + bias`.
 *
 * @param input  [..., K]
 * @param weight [N, K], or [K], which gives one number instead of a vector
 * @param bias   [N] or [1]; null: none
 * @returns [..., N], or [...] for a weight of one dimension
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.nn.functional.linear
 */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const where = "linear";
  checkProductDTypes(where, input, weight);
  if (input.ndim === 0) {
    fail("invalid_shape", where, "the input needs at least one dimension", shapesOf(input, weight, bias));
  }
  if (weight.ndim === 1 && bias === null) return squeeze(linear(input, unsqueeze(weight, 0)), -1);
  if (weight.ndim !== 2) {
    fail("invalid_shape", where, "the weight must be a matrix", shapesOf(input, weight, bias));
  }
  if (input.shape[input.ndim - 1] !== weight.shape[1]) {
    const hint = "an input [..., K] goes with a weight [N, K]";
    const problem = "input and weight differ in their last dimension";
    fail("shape_mismatch", where, problem, shapesOf(input, weight, bias), hint);
  }
  if (bias === null) return affine(input, weight, null);
  checkProductDTypes(where, weight, bias);
  const outputs = weight.shape[0]!;
  if (bias.ndim > 1 || (bias.numel() !== outputs && bias.numel() !== 1)) {
    const problem = "the bias does not have one element for each output";
    fail("shape_mismatch", where, problem, shapesOf(input, weight, bias));
  }
  return affine(input, weight, bias.ndim === 1 && bias.numel() === outputs ? bias : expand(bias, [outputs]));
}

function shapesOf(input: Tensor, weight: Tensor, bias: Tensor | null): Record<string, Shape> {
  return { input: input.shape, weight: weight.shape, ...(bias && { bias: bias.shape }) };
}

/**
 * A form that is linear in each of two inputs: `out[..., o] = Σ input1[..., i] · weight[o, i, j] · input2[..., j] + bias[o]`.
 *
 * @param input1 [..., I]
 * @param input2 [..., J], alike in all other dimensions
 * @param weight [O, I, J]
 * @param bias   [O]; null: none
 * @returns [..., O]
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.nn.functional.bilinear
 */
export function bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const where = "bilinear";
  const facts = { input1: input1.shape, input2: input2.shape, weight: weight.shape };
  const [outputs, first, second] = weight.shape;
  if (weight.ndim !== 3) fail("invalid_shape", where, "the weight must have three dimensions", facts);
  const alike =
    input1.ndim === input2.ndim && input1.shape.every((size, d) => d === input1.ndim - 1 || size === input2.shape[d]);
  if (!alike) fail("shape_mismatch", where, "the inputs differ in more than their last dimension", facts);
  if (input1.shape.at(-1) !== first || input2.shape.at(-1) !== second) {
    fail(
      "shape_mismatch",
      where,
      "the inputs do not fit the weight",
      facts,
      "weight [O, I, J], inputs [..., I] and [..., J]",
    );
  }
  // [..., I] · [I, O·J] as [..., O, J], then against [..., 1, J]
  const matrix = reshape(permute(weight, [1, 0, 2]), [first!, outputs! * second!]);
  const half = reshape(matmul(input1, matrix), [...input1.shape.slice(0, -1), outputs!, second!]);
  const form = sum(mul(half, unsqueeze(input2, -2)), -1);
  return bias === null ? form : add(form, bias);
}
