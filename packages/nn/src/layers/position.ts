import { fail } from "@tapegrad/tensor";

/** A position in a container, counted from the front; negative ones count from the end. */
export function checkIndex(where: string, index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    fail("invalid_index", where, "index out of range", { index, length });
  }
  return index < 0 ? index + length : index;
}
