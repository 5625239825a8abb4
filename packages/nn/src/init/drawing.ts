import type { DrawOptions } from "@tapegrad/autograd";
import type { Generator } from "@tapegrad/tensor";

/** A generator, if there is one, as the options of a function that draws. */
export function drawing(generator: Generator | undefined): DrawOptions {
  return generator ? { generator } : {};
}
