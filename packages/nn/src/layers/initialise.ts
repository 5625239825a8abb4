import type { DrawOptions, Tensor } from "@tapegrad/autograd";
import { fans, kaimingUniform_ } from "../init/scaled.ts";
import { uniform_ } from "../init/simple.ts";

/**
 * How torch starts linear and convolutional layers: first the weight, then the bias, both uniform in ±1/√fanIn.
 *
 * The weight's bound is computed as that of kaimingUniform_ with a = √5, which differs from 1/√fanIn in the last bit.
 */
export function initialise(where: string, weight: Tensor, bias: Tensor | null, options: DrawOptions): void {
  kaimingUniform_(weight, { a: Math.sqrt(5), ...options });
  if (bias === null) return;
  const { fanIn } = fans(where, weight);
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  uniform_(bias, -bound, bound, options);
}
