import { linear, type Tensor } from "@tapegrad/autograd";
import { fail, type Shape, sameShape, sizeOf } from "@tapegrad/tensor";
import { checkTensors } from "../common/checks.ts";

/** What logits are made of. */
export interface Projection {
  /** [N, F] or [F] */
  readonly input: Tensor;
  /** [C, d₁, ..., F] */
  readonly linearWeight: Tensor;
  /** [C, d₁, ...]; null: none */
  readonly linearBias: Tensor | null;
}

/**
 * The shape of the logits, [N, C, d₁, ...] or [C].
 *
 * @throws TensorError `invalid_shape` | `shape_mismatch` where the parts do not fit together
 */
export function logitsShape(where: string, { input, linearWeight, linearBias }: Projection): Shape {
  checkTensors(where, { input, linearWeight, ...(linearBias && { linearBias }) });
  const facts = { input: input.shape, linearWeight: linearWeight.shape };
  if (input.ndim !== 1 && input.ndim !== 2) {
    const hint = "inputs have the shape [N, F] or [F]";
    fail("invalid_shape", where, "the input must have one or two dimensions", facts, hint);
  }
  if (linearWeight.ndim < 2) {
    fail("invalid_shape", where, "the linear weight needs two dimensions", facts, "it has the shape [C, F]");
  }
  if (input.shape.at(-1) !== linearWeight.shape.at(-1)) {
    fail("shape_mismatch", where, "input and linear weight differ in their last dimension", facts);
  }
  const outputs = linearWeight.shape.slice(0, -1);
  if (linearBias !== null && !sameShape(linearBias.shape, outputs)) {
    const hint = `a bias for this weight has the shape [${outputs.join(", ")}]`;
    const all = { ...facts, linearBias: linearBias.shape };
    fail("shape_mismatch", where, "linear bias and weight do not match", all, hint);
  }
  if (outputs.length > 1 && input.ndim === 1) {
    fail("invalid_shape", where, "a weight of more than two dimensions needs an input with a batch", facts);
  }
  return [...input.shape.slice(0, -1), ...outputs];
}

/** input·linearWeightᵀ + linearBias, as a whole. */
export function logitsOf({ input, linearWeight, linearBias }: Projection, shape: Shape): Tensor {
  const outputs = sizeOf(linearWeight.shape.slice(0, -1));
  const matrix = linearWeight.reshape(outputs, input.shape.at(-1)!);
  return linear(input, matrix, linearBias?.reshape(outputs) ?? null).reshape(shape);
}
