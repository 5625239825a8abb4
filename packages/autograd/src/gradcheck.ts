import { fail, isFloating, NDArray } from "@tapegrad/tensor";
import { enableGrad, noGrad } from "./context.ts";
import { grad } from "./engine.ts";
import { Tensor } from "./tensor.ts";

/** How {@link gradcheck} compares. The defaults are torch's, for float64. */
export interface GradcheckOptions {
  /** Step of the central difference. @defaultValue 1e-6 */
  readonly eps?: number;
  /** Absolute tolerance. @defaultValue 1e-5 */
  readonly atol?: number;
  /** Relative tolerance. @defaultValue 1e-3 */
  readonly rtol?: number;
  /** Throw where the gradients differ; otherwise give false. @defaultValue true */
  readonly raiseException?: boolean;
}

/** A function of tensors, to be checked. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/**
 * Compares the gradients of a function with central differences (torch.autograd.gradcheck).
 *
 * @param fn     a function of tensors, deterministic
 * @param inputs its inputs, of any shapes, float64; those that require gradients are checked
 * @returns true, or false where they differ and `raiseException` is off
 * @throws TensorError `gradcheck` naming the first element that differs; `invalid_dtype` for float32, whose steps are too coarse
 */
export function gradcheck(fn: TensorFunction, inputs: readonly Tensor[], options: GradcheckOptions = {}): boolean {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true } = options;
  const checked = inputs.flatMap((input, i) => (input.requiresGrad ? [i] : []));
  if (checked.length === 0)
    fail("no_gradient", "gradcheck", "no input requires gradients", {}, "call requiresGrad_() on those to be checked");
  for (const i of checked) {
    if (inputs[i]!.dtype !== "float64") {
      fail(
        "invalid_dtype",
        "gradcheck",
        `input ${i} is too coarse for finite differences`,
        { dtype: inputs[i]!.dtype },
        "make it float64",
      );
    }
  }
  const outputs = (): Tensor[] => [fn(...inputs)].flat().filter((output) => isFloating(output.dtype)) as Tensor[];
  const analytic = enableGrad(() =>
    outputs().map((output) =>
      jacobianByTape(
        output,
        checked.map((i) => inputs[i]!),
      ),
    ),
  );
  for (let c = 0; c < checked.length; c++) {
    const input = inputs[checked[c]!]!;
    const numeric = noGrad(() => jacobianByDifferences(outputs, input, eps));
    for (let o = 0; o < analytic.length; o++) {
      const [ours, theirs] = [analytic[o]![c]!, numeric[o]!];
      for (let at = 0; at < ours.length; at++) {
        if (Math.abs(ours[at]! - theirs[at]!) <= atol + rtol * Math.abs(theirs[at]!)) continue;
        if (!raiseException) return false;
        const outSize = ours.length / input.numel();
        fail("gradcheck", "gradcheck", "the gradient is not what finite differences give", {
          input: checked[c],
          element: Math.floor(at / outSize),
          output: o,
          "output element": at % outSize,
          analytic: ours[at],
          numeric: theirs[at],
        });
      }
    }
  }
  return true;
}

/**
 * Compares the gradients of the gradients with central differences (torch.autograd.gradgradcheck).
 *
 * @param gradOutputs gradients to start from; fixed, evenly spread numbers when left out
 */
export function gradgradcheck(
  fn: TensorFunction,
  inputs: readonly Tensor[],
  gradOutputs?: readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  const wanted = inputs.filter((input) => input.requiresGrad);
  const differentiable = (): Tensor[] => ([fn(...inputs)].flat() as Tensor[]).filter((output) => output.requiresGrad);
  const starts = gradOutputs ?? enableGrad(differentiable).map((output) => spread(output).requiresGrad_());
  const gradients: TensorFunction = () => {
    const found = enableGrad(() => grad(differentiable(), wanted, starts, { createGraph: true, allowUnused: true }));
    return found.filter((gradient) => gradient !== null);
  };
  return gradcheck(gradients, [...inputs, ...starts], options);
}

/** Numbers between -1 and 1 without a pattern that could hide an error, the same on every call. */
function spread(like: Tensor): Tensor {
  const values = Float64Array.from({ length: like.numel() }, (_, i) => (((i + 1) * 0.6180339887498949) % 1) * 2 - 1);
  return new Tensor(NDArray.wrap(values, like.shape));
}

/** For each input, its Jacobian with one row an input element and one column an output element. */
function jacobianByTape(output: Tensor, inputs: readonly Tensor[]): Float64Array[] {
  const size = output.numel();
  const rows = inputs.map((input) => new Float64Array(input.numel() * size));
  if (!output.requiresGrad) return rows;
  for (let o = 0; o < size; o++) {
    const pick = NDArray.zeros(output.shape, output.dtype);
    pick.data[o] = 1;
    const gradients = grad([output], inputs, [new Tensor(pick)], { retainGraph: true, allowUnused: true });
    gradients.forEach((gradient, c) => {
      gradient?.toArray().forEach((value, i) => {
        rows[c]![i * size + o] = value;
      });
    });
  }
  return rows;
}

/** For each output the same Jacobian, by central differences. */
function jacobianByDifferences(outputs: () => Tensor[], input: Tensor, eps: number): Float64Array[] {
  const original = input.array;
  const values = original.toArray() as Float64Array;
  const at = (i: number, value: number): Float64Array[] => {
    const moved = values.slice();
    moved[i] = value;
    input.array = NDArray.wrap(moved, original.shape);
    return outputs().map((output) => Float64Array.from(output.toArray()));
  };
  try {
    const columns = Array.from(values, (value, i) => [at(i, value + eps), at(i, value - eps)] as const);
    const count = columns[0]?.[0].length ?? 0;
    return Array.from({ length: count }, (_, o) => {
      const size = columns[0]![0][o]!.length;
      const jacobian = new Float64Array(values.length * size);
      columns.forEach(([up, down], i) => {
        for (let j = 0; j < size; j++) jacobian[i * size + j] = (up[o]![j]! - down[o]![j]!) / (2 * eps);
      });
      return jacobian;
    });
  } finally {
    input.array = original;
  }
}
