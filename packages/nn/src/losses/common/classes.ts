import { type Indices, indexTensor, type Tensor } from "@tapegrad/autograd";
import { fail, isFloating, type Shape, sameShape } from "@tapegrad/tensor";
import { checkTensors } from "./checks.ts";

/** What matters of an input here. */
type Shaped = Pick<Tensor, "shape" | "ndim">;

/** The dimension that runs over the classes: 1, or 0 for an input without a batch. */
export function classDim(input: Shaped): number {
  return input.ndim === 1 ? 0 : 1;
}

/** The shape of an input without its classes. */
export function shapeOfTargets(input: Shaped): Shape {
  const dim = classDim(input);
  return input.shape.filter((_, d) => d !== dim);
}

/** Whether a shape is that of an input without its classes. */
function isShapeOfTargets(shape: Shape, input: Shape): boolean {
  if (shape.length !== input.length - 1) return false;
  for (let d = 0; d < shape.length; d++) if (shape[d] !== input[d === 0 ? 0 : d + 1]) return false;
  return true;
}

/**
 * Class numbers as an int32 tensor of the input's shape without the classes. An input without a batch takes one number in
 * a list too.
 */
export function classTargets(where: string, input: Shaped, target: Indices): Tensor {
  if (input.ndim === 0) fail("invalid_shape", where, "the input needs a dimension for the classes", { input: [] });
  const indices = indexTensor(where, target);
  if (isShapeOfTargets(indices.shape, input.shape)) return indices;
  const shape = shapeOfTargets(input);
  if (input.ndim === 1 && sameShape(indices.shape, [1])) return indices.reshape([]);
  const hint = `class numbers for this input have the shape [${shape.join(", ")}]`;
  return fail(
    "shape_mismatch",
    where,
    "target does not match input",
    { input: input.shape, target: indices.shape },
    hint,
  );
}

/** Checks that there is a weight for each class. */
export function checkClassWeights(where: string, input: Shaped, weight: Tensor): void {
  checkTensors(where, { weight });
  const classes = input.shape[classDim(input)];
  if (weight.ndim !== 1 || weight.shape[0] !== classes) {
    fail("shape_mismatch", where, "the weight must have one element for each class", { weight: weight.shape, classes });
  }
  if (!isFloating(weight.dtype)) {
    fail(
      "invalid_dtype",
      where,
      "the weight must be floating-point",
      { weight: weight.dtype },
      "convert it with .float()",
    );
  }
}

/** A weight for each class as a view that broadcasts against the input. */
export function alongClasses(input: Tensor, weight: Tensor): Tensor {
  return weight.reshape(input.shape.map((size, d) => (d === classDim(input) ? size : 1)));
}

/** Checks that not all targets are ignored, of which the mean would be NaN. */
export function checkSomeCount(where: string, target: Tensor, ignoreIndex: number): void {
  if (target.toArray().some((index) => index !== ignoreIndex)) return;
  fail("invalid_argument", where, "every target is ignored", { target: target.shape, ignoreIndex });
}

/** Checks that every target is a class. */
export function checkRange(where: string, target: Tensor, classes: number): void {
  const all = target.toArray();
  const position = all.findIndex((index) => index < 0 || index >= classes);
  if (position < 0) return;
  const facts = { target: all[position], position, classes };
  fail("invalid_index", where, "a target is no class", facts, `classes run from 0 to ${classes - 1}`);
}
