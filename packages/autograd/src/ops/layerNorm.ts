import { fail, isFloating, k, type NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import { allocate, allocateUnfilled, apply, type BackwardContext, type Meta, type OpSpec } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { checkSameDType } from "./indexShapes.ts";
import { rsqrt } from "./pointwise.ts";
import { mean, sum } from "./reduce.ts";
import { reshape } from "./shape.ts";

interface LayerNormAttrs {
  /** How many of the last dimensions are normalised. */
  readonly dims: number;
  readonly eps: number;
}

/** The shape [rows, columns] under which the dimensions that are kept, and those that are normalised, are one each. */
function asMatrix(shape: Shape, dims: number): [rows: number, columns: number] {
  const kept = shape.length - dims;
  return [sizeOf(shape.slice(0, kept)), sizeOf(shape.slice(kept))];
}

const flat = (array: NDArray, shape: Shape): NDArray => array.reshaped(shape) ?? array.copy().reshaped(shape)!;

/** The declaration, for inputs [input], or [input, weight], or [input, weight, bias]. */
function layerNormSpec(saves: readonly number[]): OpSpec<readonly Tensor[], LayerNormAttrs> {
  return {
    name: "layerNorm",
    infer: ([input]) => input!,
    aux: ([input], { dims }) => statistics(input!, dims),
    forward: (out, [input, weight, bias], { dims, eps }, aux) => {
      if (out.size === 0) return;
      const matrix = asMatrix(input!.shape, dims);
      const [centre, scale] = aux ?? statistics(input!, dims).map(allocate);
      const vector = (of: NDArray | undefined): NDArray | null => (of === undefined ? null : flat(of, [matrix[1]]));
      k.layerNorm(flat(out, matrix), centre!, scale!, flat(input!, matrix), vector(weight), vector(bias), eps);
    },
    saves,
    tidy: true,
    backward: (ctx, i) => {
      if (i === 2) return ctx.grad; // summed over the rows by the engine
      const { dims, eps } = ctx.attrs;
      const input = ctx.input(0);
      const matrix = asMatrix(input.shape, dims);
      const rows = reshape(input, matrix);
      const grad = reshape(ctx.grad, matrix);
      const centred = sub(rows, average(rows));
      const scale = rsqrt(add(average(mul(centred, centred)), eps));
      const normal = mul(centred, scale);
      if (i === 1) return reshape(sum(mul(grad, normal), 0), ctx.inputMeta(1).shape);
      const owed = saves.length > 1 ? mul(grad, reshape(ctx.input(1), [matrix[1]])) : grad;
      const rest = sub(sub(owed, average(owed)), mul(normal, average(mul(owed, normal))));
      return reshape(mul(rest, scale), input.shape);
    },
    fused,
  };
}

const average = (rows: Tensor): Tensor => mean(rows, 1, { keepdim: true });

/** Arrays for which plain loops are faster than a call: their statistics are kept in double precision, which costs nothing there. */
const SMALL = 64;

/** Mean and 1 / standard deviation of each row. */
function statistics({ shape, dtype }: Meta, dims: number): Meta[] {
  const each: Meta = { shape: [asMatrix(shape, dims)[0]], dtype: sizeOf(shape) < SMALL ? "float64" : dtype };
  return [each, each];
}

function fused(ctx: BackwardContext<LayerNormAttrs>): (Tensor | null)[] {
  const matrix = asMatrix(ctx.shape, ctx.attrs.dims);
  const grad = flat(ctx.grad.array, matrix);
  const [toInput, toWeight = false, toBias = false] = ctx.needs;
  const made = (meta: Meta): NDArray => allocate(meta);
  const { dtype } = grad;
  const meta = { shape: ctx.shape, dtype };
  if (grad.size === 0) return ctx.needs.map((needed, i) => (needed ? new Tensor(made(ctx.inputMeta(i))) : null));
  const input = flat(ctx.input(0).array, matrix);
  const [centre, scale] = [ctx.aux(0).array, ctx.aux(1).array];
  const gradients: (Tensor | null)[] = [null, null, null];
  if (toInput) {
    const out = allocateUnfilled(meta);
    const weight = ctx.needs.length > 1 ? flat(ctx.input(1).array, [matrix[1]]) : null;
    k.layerNormBackward(flat(out, matrix), grad, input, centre, scale, weight);
    gradients[0] = new Tensor(out);
  }
  if (toWeight || toBias) {
    const vector = { shape: [matrix[1]], dtype };
    const [gradWeight, gradBias] = [made(vector), made(vector)];
    k.layerNormBackwardAffine(gradWeight, gradBias, grad, input, centre, scale);
    if (toWeight) gradients[1] = new Tensor(gradWeight.reshaped(ctx.inputMeta(1).shape)!);
    if (toBias) gradients[2] = new Tensor(gradBias.reshaped(ctx.inputMeta(2).shape)!);
  }
  return gradients.slice(0, ctx.needs.length);
}

const plainSpec = layerNormSpec([0]);
const weightedSpec = layerNormSpec([0, 1]);

/**
 * The last dimensions less their mean, over their standard deviation: (x − mean) / √(variance + eps) · weight + bias,
 * with the variance divided by the number of elements.
 *
 * @param input           floating-point, [..., normalizedShape]
 * @param normalizedShape the sizes of the dimensions that are normalised together; a number for one dimension
 * @param weight          of shape `normalizedShape`; null for ones
 * @param bias            of shape `normalizedShape`; null for zeros
 * @param eps             @defaultValue 1e-5
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.nn.functional.layer_norm; Ba, Kiros, Hinton (2016), Layer normalization
 */
export function layerNorm(
  input: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
): Tensor {
  const dims = checkNormalized("layerNorm", input, normalizedShape, { weight, bias });
  const attrs = { dims, eps };
  if (weight === null) {
    const normal = apply(plainSpec, [input], attrs);
    return bias === null ? normal : add(normal, bias);
  }
  return apply(weightedSpec, bias === null ? [input, weight] : [input, weight, bias], attrs);
}

/** Checks the arguments of a normalisation of the last dimensions, and returns how many they are. */
export function checkNormalized(
  where: string,
  input: Tensor,
  normalizedShape: number | Shape,
  parameters: Readonly<Record<string, Tensor | null>>,
): number {
  const wanted = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  if (wanted.length === 0) {
    fail("invalid_shape", where, "normalizedShape needs at least one dimension", { normalizedShape });
  }
  const last = input.shape.slice(input.ndim - wanted.length);
  if (input.ndim < wanted.length || last.some((size, d) => size !== wanted[d])) {
    const facts = { input: input.shape, normalizedShape: wanted };
    fail("shape_mismatch", where, "the input does not end in normalizedShape", facts);
  }
  checkFloating(where, input);
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter === null) continue;
    checkSameDType(where, { input, [name]: parameter });
    if (parameter.ndim !== wanted.length || parameter.shape.some((size, d) => size !== wanted[d])) {
      const facts = { [name]: parameter.shape, normalizedShape: wanted };
      fail("shape_mismatch", where, `the ${name} does not have the shape normalizedShape`, facts);
    }
  }
  return wanted.length;
}

/** Checks that the input of a normalisation is floating-point. */
export function checkFloating(where: string, { dtype }: Meta): void {
  if (!isFloating(dtype)) {
    fail("invalid_dtype", where, "the input must be floating-point", { dtype }, "convert it with .float()");
  }
}
