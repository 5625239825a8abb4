import type { Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { checkFloating, checkTensors } from "./checks.ts";

/** Checks that an input holds scores of classes: [N, C], [C], or a single one, [], where C is at least 1. */
export function checkScores(where: string, input: Tensor): void {
  checkTensors(where, { input });
  checkFloating(where, { input });
  if (input.ndim > 2 || input.shape.at(-1) === 0) {
    const hint = "scores have the shape [N, C] or [C], with at least one class";
    fail("invalid_shape", where, "the input must be a vector or a matrix with classes", { input: input.shape }, hint);
  }
}

/** Scores with a batch: [N, C]. Checked already. */
export function batchOfScores(input: Tensor): Tensor {
  return input.ndim === 2 ? input : input.reshape(1, -1);
}
