import { fail } from "@tapegrad/tensor";
import { Tensor } from "../tensor.ts";

/** Checks that there is something to join, and that all of it are tensors. */
export function checkTensors(where: string, tensors: readonly Tensor[]): void {
  if (tensors.length === 0) fail("invalid_argument", where, "at least one tensor is needed");
  for (const [position, found] of tensors.entries()) {
    if (found instanceof Tensor) continue;
    fail("invalid_argument", where, "what is to be joined is not a tensor", { position, found });
  }
}
